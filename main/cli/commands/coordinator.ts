import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { LeadingRole } from '../../../contract/coordinator.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import { LIMITS } from '../../../contract/limits.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { BriefRoomClient } from '../../../contract/roomOutline.ts';
import { integer, list, type Options, text, withCommonOptions, withEngine } from '../command.ts';
import { succeed, table } from '../output.ts';

/** Milliseconds between looks for an answer, and between looks of `output --follow`. */
const LOOK_MS = 250;

/** What a coordinator that takes stock of a repository divides it into (spec 03 §4.5 "discover"). */
const CATEGORIES = ['architecture', 'dependencies', 'testing', 'apis', 'config', 'implicit'] as const;

/** `ov coordinator …`, `ov orchestrator …`, `ov discover` (spec 03 §4). */
export function registerCoordinator(program: Command): void {
  leader(program, 'coordinator', 'the agent that plans a run');
  leader(program, 'orchestrator', 'the agent that leads the coordinators of several projects');
  withCommonOptions(program.command('discover'))
    .description('start a coordinator that takes stock of this repository')
    .option('--skip <a,b>', `categories to leave out, of ${CATEGORIES.join(', ')}`)
    .option('--name <name>', 'name of the coordinator', 'discover-coordinator')
    .option('--runtime <name>', 'runtime of the coordinator')
    .action((options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const skipped = list(text(options.skip) ?? '');
        const unknown = skipped.find((name) => !CATEGORIES.some((category) => category === name));
        if (unknown !== undefined)
          return fail('validation', `unknown category "${unknown}"; use ${CATEGORIES.join(', ')}`, { field: 'skip' });
        const categories = CATEGORIES.filter((category) => !skipped.includes(category));
        if (categories.length === 0)
          return fail('validation', 'every category is skipped: leave one to look at', { field: 'skip' });
        const started = await client.call('coordinator.start', {
          name: text(options.name) ?? 'discover-coordinator',
          runtime: text(options.runtime),
          objective: discovery(categories),
        });
        if (started.ok)
          succeed(invocation, 'discover', { ...facts(started.value.agentName, 'coordinator'), categories }, [
            `${started.value.agentName} takes stock of ${categories.join(', ')}`,
          ]);
        return started;
      }),
    );
}

function leader(program: Command, role: LeadingRole, description: string): void {
  const group = withCommonOptions(program.command(role)).description(description);
  const named = (command: Command): Command => command.option('--name <name>', 'when it has another name', role);
  const nameOf = (options: Options): string => text(options.name) ?? role;

  named(withCommonOptions(group.command('start')))
    .description(role === 'coordinator' ? 'start a run with a coordinator' : 'start an orchestrator')
    .option('--runtime <name>')
    .option('--spec <path>', 'file with the objective')
    .option('--objective <text>', 'what it is to achieve')
    .action((options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const spec = text(options.spec) === undefined ? undefined : resolve(text(options.spec) ?? '');
        if (spec !== undefined && !(await isReadable(spec)))
          return fail('validation', `Spec file not found: ${spec}`, { field: 'spec' });
        const started = await client.call('coordinator.start', {
          capability: role,
          name: nameOf(options),
          runtime: text(options.runtime),
          spec,
          objective: text(options.objective),
        });
        if (!started.ok) return started;
        const { agentName, runId } = started.value;
        succeed(invocation, `${role} start`, { ...facts(agentName, role), ...started.value }, [
          `${agentName} started${runId === null ? '' : ` (${runId})`}`,
        ]);
        return started;
      }),
    );

  named(withCommonOptions(group.command('stop')))
    .description(`end it${role === 'coordinator' ? ', and complete its run' : ''}; its agents go on`)
    .action((options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const agentName = nameOf(options);
        const stopped = await client.call('coordinator.stop', { agentName });
        if (!stopped.ok) return stopped;
        const { sessionId, runCompleted } = stopped.value;
        const reply = { stopped: true, sessionId, watchdogStopped: false, monitorStopped: false, runCompleted };
        succeed(invocation, `${role} stop`, reply, [
          `${agentName} stopped${runCompleted ? '; its run is completed' : ''}`,
        ]);
        return stopped;
      }),
    );

  named(withCommonOptions(group.command('status')))
    .description('whether it is there, and what it does')
    .action((options: Options, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          const asked = await client.call('coordinator.status', { agentName: nameOf(options) });
          if (!asked.ok) return asked;
          const { running, ...rest } = asked.value;
          // The watchdog lives in the engine that has just answered.
          const shared = { watchdogRunning: true };
          const reply = running ? { running, ...rest, tmuxSession: '', pid: null, ...shared } : { running, ...shared };
          const line = running
            ? `${nameOf(options)} is ${rest.state}, last active ${rest.lastActivity}`
            : `no ${nameOf(options)} runs; start one with "ov ${role} start"`;
          succeed(invocation, `${role} status`, reply, [line]);
          return asked;
        },
        'repeatable',
      ),
    );

  named(withCommonOptions(group.command('send')))
    .description('tell it something')
    .requiredOption('--body <text>')
    .option('--subject <text>', '', 'operator dispatch')
    .action((options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const sent = await tell(client, nameOf(options), role, {
          subject: text(options.subject) ?? '',
          body: text(options.body) ?? '',
        });
        if (sent.ok)
          succeed(invocation, `${role} send`, { id: sent.value, nudged: true }, [`Sent to ${nameOf(options)}`]);
        return sent;
      }),
    );

  named(withCommonOptions(group.command('ask')))
    .description('ask it something and wait for the answer')
    .requiredOption('--body <text>')
    .option('--subject <text>', '', 'operator request')
    .option('--timeout <seconds>', 'longest wait', '120')
    .action((options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const seconds = integer(text(options.timeout) ?? '120');
        if (!(seconds > 0))
          return fail('validation', '--timeout must be a whole number of seconds above 0', { field: 'timeout' });
        const correlationId = crypto.randomUUID();
        const subject = text(options.subject) ?? '';
        const sent = await tell(client, nameOf(options), role, {
          subject,
          body: text(options.body) ?? '',
          payload: JSON.stringify({ correlationId }),
        });
        if (!sent.ok) return sent;
        const answer = await answerTo(client, sent.value, nameOf(options), seconds * 1_000);
        if (!answer.ok) return answer;
        if (answer.value === null) {
          const late = `no answer from ${nameOf(options)} within ${seconds} s (correlation ${correlationId}): it may still come, see "ov mail list --to ${OPERATOR}"`;
          return fail('agent', late, { data: { correlationId, sentId: sent.value } });
        }
        const { id: replyId, body, payload } = answer.value;
        const reply = { correlationId, sentId: sent.value, replyId, subject: answer.value.subject, body, payload };
        succeed(invocation, `${role} ask`, reply, body.split('\n'));
        return answer;
      }),
    );

  named(withCommonOptions(group.command('output')))
    .description('what it said and did last')
    .option('-f, --follow', 'go on until interrupted')
    .option('--lines <n>', 'at most this many', '50')
    .action((options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const limit = integer(text(options.lines) ?? '50');
        if (!(limit > 0 && limit <= 200))
          return fail('validation', '--lines must be a whole number from 1 to 200', { field: 'lines' });
        let shown = 0;
        for (;;) {
          // What comes in a burst is shown whole, whatever the first page was asked to be.
          const size = shown === 0 ? limit : LIMITS.pageRows;
          const page = await client.call('timeline.page', { agent: nameOf(options), limit: size });
          if (!page.ok) return page;
          const { items } = page.value;
          const fresh = items
            .filter((item) => item.id > shown)
            .map((item) => `${item.at.slice(11, 19)}  ${item.summary}`);
          shown = items.at(-1)?.id ?? shown;
          if (fresh.length > 0 || options.follow !== true)
            succeed(invocation, `${role} output`, { content: fresh.join('\n'), lines: fresh.length }, fresh);
          if (options.follow !== true) return ok(null);
          await delay(LOOK_MS);
        }
      }),
    );

  if (role !== 'coordinator') return;
  withCommonOptions(group.command('check-complete'))
    .description('whether the exit triggers of the config say that it may stop')
    .action((_options: Options, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          const checked = await client.call('coordinator.checkComplete', {});
          if (!checked.ok) return checked;
          const rows = Object.entries(checked.value.triggers).map(([name, trigger]) => [
            trigger.enabled ? (trigger.met ? 'met' : 'open') : 'off',
            name,
            trigger.detail,
          ]);
          succeed(invocation, 'coordinator check-complete', { ...checked.value }, [
            checked.value.complete ? 'Complete.' : 'Not complete.',
            ...table(rows),
          ]);
          return checked;
        },
        'repeatable',
      ),
    );
}

/** Facts of a started leader in the reference's shape; there is no tmux and no lasting process. */
function facts(agentName: string, capability: LeadingRole): Readonly<Record<string, unknown>> {
  return { agentName, capability, tmuxSession: '', pid: null, headless: true, watchdog: true, monitor: false };
}

/** Mail to a leader that is there to read it. @returns the mail's id. */
async function tell(
  client: BriefRoomClient,
  agentName: string,
  role: LeadingRole,
  mail: { readonly subject: string; readonly body: string; readonly payload?: string },
): Promise<Result<string>> {
  const asked = await client.call('coordinator.status', { agentName });
  if (!asked.ok) return asked;
  if (!asked.value.running)
    return fail('agent', `no ${agentName} runs to read it: start one with "ov ${role} start"`, { data: { agentName } });
  const sent = await client.call('mail.send', { ...mail, to: agentName, from: OPERATOR, type: 'dispatch' });
  return sent.ok ? ok(sent.value.messageIds[0] ?? '') : sent;
}

/** The first answer in the thread of a mail; null when none came in time. */
async function answerTo(
  client: BriefRoomClient,
  sentId: string,
  from: string,
  waitMs: number,
): Promise<Result<{ id: string; subject: string; body: string; payload: string | null } | null>> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const page = await client.call('mail.list', { threadId: sentId, to: OPERATOR, from, limit: 10 });
    if (!page.ok) return page;
    const answer = page.value.messages.find((message) => message.id !== sentId);
    if (answer !== undefined) return ok(answer);
    if (performance.now() > deadline) return ok(null);
    await delay(LOOK_MS);
  }
}

function discovery(categories: readonly string[]): string {
  return [
    `Take stock of this repository in these categories: ${categories.join(', ')}.`,
    'Sling one lead for each; its scouts explore and report by mail, nobody changes a file.',
    'Then gather what they found into records for those who work here next, and mail me a summary.',
  ].join(' ');
}

async function isReadable(path: string): Promise<boolean> {
  try {
    await readFile(path);
    return true;
  } catch {
    // Missing, unreadable or a folder: for the caller the same, and its message says what to do.
    return false;
  }
}
