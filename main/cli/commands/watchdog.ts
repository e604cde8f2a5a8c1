import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  type AgentEvidence,
  RULE_MODES,
  type RuleMode,
  SIGNALS,
  type VerdictKind,
  WATCHDOG_RULES,
  type WatchdogAction,
  WatchdogRule,
} from '../../../contract/evidence.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { BriefRoomClient } from '../../../contract/roomOutline.ts';
import { WatchdogLimitName, type WatchdogLimitView } from '../../../contract/watchdogLimits.ts';
import { neutralise } from '../../platform/neutralText.ts';
import { isAlive } from '../../platform/processes.ts';
import { integer, withCommonOptions, withEngine } from '../command.ts';
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

const MODE_WORDS: Readonly<Record<RuleMode, string>> = {
  live: 'let a rule act',
  shadow: 'have a rule only record what it would do',
  off: 'switch a rule off: it does and records nothing',
};

/** `ov why`, `ov watchdog rules|live|shadow|off|limit|log`, `ov watch`. */
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
  for (const mode of RULE_MODES) {
    withCommonOptions(watchdog.command(mode))
      .description(MODE_WORDS[mode])
      .argument('<rule>')
      .action((name: string, _options: unknown, command: Command) =>
        withEngine(command, async (client, invocation) => {
          const set = await setRule(client, name, mode);
          if (set.ok) succeed(invocation, `watchdog ${mode}`, { rule: name, mode }, [`${name} is ${mode} now`]);
          return set;
        }),
      );
  }
  withCommonOptions(watchdog.command('limit'))
    .description('what it measures against; with a name and a value sets one, "default" goes back to config.yaml')
    .argument('[name]')
    .argument('[value]', 'milliseconds, or a count; "default"')
    .action((name: string | undefined, value: string | undefined, _options: unknown, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const set = await limitsOf(client, name, value);
        if (!set.ok) return set;
        const { limits } = set.value;
        const rows = limits.map((limit) => [limit.name, String(limit.value), String(limit.preset)]);
        succeed(invocation, 'watchdog limit', { limits }, table([['limit', 'is', 'config.yaml'], ...rows]));
        return ok(null);
      }),
    );
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

/** Sets a limit when both are given, and gives all of them. */
async function limitsOf(
  client: BriefRoomClient,
  name: string | undefined,
  value: string | undefined,
): Promise<Result<{ readonly limits: readonly WatchdogLimitView[] }>> {
  if (name === undefined) return client.call('watchdog.limits', {});
  const limit = WatchdogLimitName.safeParse(name);
  if (!limit.success)
    return fail('validation', `there is no limit "${name}": use one of ${WatchdogLimitName.options.join(', ')}`, {
      field: 'name',
    });
  if (value === undefined) return client.call('watchdog.limits', {});
  const number = value === 'default' ? null : integer(value);
  if (Number.isNaN(number))
    return fail('validation', `"${value}" is no whole number: give one, or "default"`, { field: 'value' });
  return client.call('watchdog.setLimit', { name: limit.data, value: number });
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
    const aside = { live: '', shadow: ' is in shadow: only recorded', off: ' is off: nothing is done' }[next.mode];
    const shadow = ` (rule ${next.rule}${aside})`;
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
