import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  type AgentEvidence,
  type RuleMode,
  SIGNALS,
  type VerdictKind,
  WATCHDOG_RULES,
  type WatchdogAction,
  WatchdogRule,
} from '../../../contract/evidence.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { BriefRoomClient } from '../../../contract/roomOutline.ts';
import { neutralise } from '../../platform/neutralText.ts';
import { isAlive } from '../../platform/processes.ts';
import { withCommonOptions, withEngine } from '../command.ts';
import { succeed, table } from '../output.ts';

/** Glyphs of verdicts, those of the room's states. */
const GLYPHS: Readonly<Record<VerdictKind, string>> = {
  healthy: '●',
  waiting: '◌',
  stalled: '◐',
  looping: '↻',
  dead: '✕',
  done: '✓',
  unknown: '?',
};

/** `ov why`, `ov watchdog rules|live|shadow|log`, `ov watch`. */
export function registerWatchdog(program: Command): void {
  withCommonOptions(program.command('why'))
    .description('why an agent is shown as it is: five signals with their ages, the verdict, what comes next')
    .argument('<agent>')
    .action((agentName: string, _options: unknown, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          const found = await client.call('watchdog.why', { agentName });
          if (!found.ok) return found;
          const { evidence, actions } = found.value;
          succeed(invocation, 'why', { evidence, actions }, describeEvidence(evidence, actions, Date.now()));
          return ok(null);
        },
        'repeatable',
      ),
    );

  const watchdog = withCommonOptions(program.command('watchdog')).description('what the watchdog may do, and did');
  withCommonOptions(watchdog.command('rules', { isDefault: true }))
    .description('its rules, live or in shadow, and how often each acted in seven days')
    .action((_options: unknown, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          const found = await client.call('watchdog.rules', {});
          if (!found.ok) return found;
          const { rules, triage } = found.value;
          const rows = rules.map(({ rule, mode, acted, shadowed, does }) => [
            rule,
            mode,
            String(acted),
            String(shadowed),
            does,
          ]);
          const asked =
            triage.asked === 0
              ? []
              : ['', `triage: ${triage.asked} asked, about ${triage.tokensIn + triage.tokensOut} tokens of its own`];
          succeed(invocation, 'watchdog rules', { rules, triage }, [
            ...table([['rule', 'mode', 'acted', 'would have', 'does'], ...rows]),
            ...asked,
          ]);
          return ok(null);
        },
        'repeatable',
      ),
    );
  for (const mode of ['live', 'shadow'] as const) {
    withCommonOptions(watchdog.command(mode))
      .description(mode === 'live' ? 'let a rule act' : 'have a rule only record what it would do')
      .argument('<rule>')
      .action((name: string, _options: unknown, command: Command) =>
        withEngine(command, async (client, invocation) => {
          const set = await setRule(client, name, mode);
          if (set.ok) succeed(invocation, `watchdog ${mode}`, { rule: name, mode }, [`${name} is ${mode} now`]);
          return set;
        }),
      );
  }
  withCommonOptions(watchdog.command('log'))
    .description('what it did lately, or would have done')
    .action((_options: unknown, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          const found = await client.call('watchdog.rules', {});
          if (!found.ok) return found;
          const { recent } = found.value;
          const lines = recent.length === 0 ? ['The watchdog has done nothing yet.'] : recent.map(describeAction);
          succeed(invocation, 'watchdog log', { actions: recent }, lines);
          return ok(null);
        },
        'repeatable',
      ),
    );

  withCommonOptions(program.command('watch'))
    .description('Tier 0: follow the watchdog, which lives in the engine; a line for each verdict that changes')
    .option('--interval <ms>', 'kept for compatibility: the interval is watchdog.tier0IntervalMs of config.yaml')
    .option('--background', 'only make sure that an engine with its watchdog runs')
    .option('--kill-others', 'kept for compatibility: an engine has one watchdog, and a project one engine')
    .action((options: { readonly background?: boolean }, command: Command) =>
      withEngine(command, async (client, invocation, projectRoot) => {
        const foreign = await foreignWatchdog(projectRoot);
        if (foreign !== null)
          return fail(
            'conflict',
            `Watchdog already running (PID: ${foreign}): overstory's own watches this project; stop it first`,
            {
              data: { running: true, pid: foreign },
            },
          );
        const status = await client.snapshot('status');
        if (!status.ok) return status;
        const pid = status.value.value?.engine.pid ?? null;
        succeed(invocation, 'watch', { pid, mode: options.background === true ? 'background' : 'foreground' }, [
          `Watchdog of the engine (PID: ${pid ?? '?'})`,
        ]);
        return options.background === true ? ok(null) : follow(projectRoot, invocation.json);
      }),
    );
}

async function setRule(client: BriefRoomClient, name: string, mode: RuleMode): Promise<Result<unknown>> {
  const rule = WatchdogRule.safeParse(name);
  if (!rule.success)
    return fail('validation', `there is no watchdog rule "${name}": use one of ${WATCHDOG_RULES.join(', ')}`, {
      field: 'rule',
    });
  return client.call('watchdog.setRule', { rule: rule.data, mode });
}

const ENDED = fail('unavailable', 'the engine ended, and its watchdog with it: start it with "ov serve"');

/** Prints each verdict that changes until the engine or the caller ends. Deltas need the whole contract. */
async function follow(projectRoot: string, json: boolean): Promise<Result<unknown>> {
  const { connectToLiveEngine } = await import('../../core/lease/engineClient.ts');
  const connected = await connectToLiveEngine(projectRoot);
  if (!connected.ok) return connected;
  const client = connected.value;
  if (client === null) return ENDED;
  return new Promise((resolve) => {
    const shown = new Map<string, string>();
    const end = client.subscribe('evidence', ({ byId }) => {
      for (const evidence of Object.values(byId)) {
        const key = `${evidence.verdict} ${evidence.level}`;
        if (shown.get(evidence.agentName) === key) continue;
        shown.set(evidence.agentName, key);
        process.stdout.write(`${json ? JSON.stringify(evidence) : healthLine(evidence, new Date())}\n`);
      }
    });
    process.once('SIGINT', () => {
      end();
      resolve(ok(null));
      client.close();
    });
    client.onClose(() => resolve(ENDED));
  });
}

/** One line for a health check (spec 01 §4.9): time, glyph, agent, verdict, its two surest signals, the reason. */
export function healthLine(evidence: AgentEvidence, at: Date): string {
  const time = at.toTimeString().slice(0, 8);
  const icon = evidence.verdict === 'stalled' || evidence.verdict === 'looping' ? '!' : GLYPHS[evidence.verdict];
  const { process: tree, terminal } = evidence.signals;
  return `[${time}] ${icon} ${evidence.agentName}: ${evidence.verdict} (process=${tree.state}, terminal=${terminal.state}) [${neutralise(evidence.reason)}]`;
}

/** The answer to "why" for a person. `now` is milliseconds since the epoch. */
export function describeEvidence(evidence: AgentEvidence, actions: readonly WatchdogAction[], now: number): string[] {
  const { verdict, reason, signals, next, level } = evidence;
  const lines = [
    `${GLYPHS[verdict]} ${evidence.agentName} is ${verdict} since ${ageOf(evidence.since, now)}: ${neutralise(reason)}`,
    '',
    ...table([
      ['signal', 'state', 'changed', 'seen'],
      ...SIGNALS.map((name) => {
        const { state, at, detail } = signals[name];
        return [name, state, at === null ? '-' : `${ageOf(at, now)} ago`, neutralise(detail)];
      }),
    ]),
    '',
  ];
  if (next === null) lines.push('next: nothing');
  else {
    const wait = next.at === null ? 0 : Date.parse(next.at) - now;
    const shadow = next.mode === 'shadow' ? ` (rule ${next.rule} is in shadow: only recorded)` : ` (rule ${next.rule})`;
    lines.push(`next: ${next.action}${wait > 0 ? ` in ${length(wait)}` : ' at the next look'}${shadow}`);
  }
  if (level !== null) lines.push(`escalation level ${level} of 3`);
  if (actions.length > 0) lines.push('', 'done before:', ...actions.map((action) => `  ${describeAction(action)}`));
  return lines;
}

function describeAction(action: WatchdogAction): string {
  const undo = action.undo === null ? '' : `; take it back with: ${action.undo}`;
  const outcome = action.outcome === null ? '' : ` → ${neutralise(action.outcome)}`;
  return `${action.at}  ${action.agentName}  ${action.rule}: ${action.action} (${neutralise(action.reason)})${outcome}${undo}`;
}

function ageOf(at: string, now: number): string {
  return length(now - Date.parse(at));
}

/** "12 s", "6 min", "3 h"; milliseconds in. */
function length(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}

/** Process id of overstory's own watchdog when it watches this project (spec 01 §4.9); null when it does not. */
async function foreignWatchdog(projectRoot: string): Promise<number | null> {
  const text = await readFile(join(projectRoot, '.overstory', 'watchdog.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text.trim(), 10);
  return Number.isInteger(pid) && pid > 0 && isAlive(pid) ? pid : null;
}
