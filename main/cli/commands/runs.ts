import type { Command } from 'commander';
import { fail, ok } from '../../../contract/result.ts';
import type { RunView } from '../../../contract/runs.ts';
import { integer, type Options, text, withCommonOptions, withEngine } from '../command.ts';
import { succeed, table } from '../output.ts';
import { reportLines } from '../reportLines.ts';

/** `ov run`, `ov run list|show|report|complete` (spec 02 §4.5). */
export function registerRuns(program: Command): void {
  const run = withCommonOptions(program.command('run')).description('the current run; "ov run list" shows all');
  // A word that is no subcommand is told as such, not as one word too many.
  run.allowExcessArguments().action((_options: Options, command: Command) =>
    withEngine(
      command,
      async (client, invocation) => {
        const [word] = command.args;
        if (word !== undefined)
          return fail('validation', `unknown subcommand "${word}": say list, show, report or complete`);
        const runs = await client.snapshot('runs');
        if (!runs.ok) return runs;
        const current = Object.values(runs.value.byId).find((one) => one.current);
        const none = { run: null, message: 'No active run' };
        succeed(
          invocation,
          'run',
          current === undefined ? none : { run: current, duration: durationOf(current) },
          current === undefined ? ['No active run.'] : linesOf(current),
        );
        return ok(null);
      },
      'repeatable',
    ),
  );
  withCommonOptions(run.command('list'))
    .option('--last <n>', 'at most this many', '10')
    .action((options: Options, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          const last = integer(text(options.last) ?? '10');
          if (!(last > 0)) return fail('validation', '--last must be a positive integer', { field: 'last' });
          const runs = await client.snapshot('runs');
          if (!runs.ok) return runs;
          const rows = Object.values(runs.value.byId)
            .sort((one, other) => other.startedAt.localeCompare(one.startedAt))
            .slice(0, last);
          succeed(
            invocation,
            'run list',
            { runs: rows.map((row) => ({ ...row, duration: durationOf(row) })) },
            rows.length === 0
              ? ['No runs.']
              : table(
                  rows.map((row) => [
                    row.current ? '*' : ' ',
                    row.id,
                    row.status,
                    durationOf(row),
                    `${row.agentCount} agents`,
                  ]),
                ),
          );
          return ok(null);
        },
        'repeatable',
      ),
    );
  withCommonOptions(run.command('show'))
    .argument('<id>')
    .action((id: string, _options: Options, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          const runs = await client.snapshot('runs');
          if (!runs.ok) return runs;
          const found = runs.value.byId[id];
          if (found === undefined) return fail('notFound', `Run ${id} not found: see "ov run list"`);
          const known = await client.snapshot('agents');
          if (!known.ok) return known;
          const agents = Object.values(known.value.byId)
            .filter((agent) => agent.runId === id)
            .sort((one, other) => one.startedAt.localeCompare(other.startedAt));
          succeed(invocation, 'run show', { run: found, duration: durationOf(found), agents }, [
            ...linesOf(found),
            ...table(agents.map((agent) => [agent.name, agent.capability, agent.state, agent.taskId])),
          ]);
          return ok(null);
        },
        'repeatable',
      ),
    );
  withCommonOptions(run.command('report'))
    .description('what a run was: agents, turns, merges, money, questions, the watchdog')
    .argument('[id]', 'default: the current run, else the newest')
    .action((id: string | undefined, _options: Options, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          const runs = await client.snapshot('runs');
          if (!runs.ok) return runs;
          const newest = Object.values(runs.value.byId).sort((one, other) =>
            other.startedAt.localeCompare(one.startedAt),
          );
          const runId = id ?? newest.find((one) => one.current)?.id ?? newest[0]?.id;
          if (runId === undefined)
            return fail('notFound', 'There is no run yet: start one with "ov coordinator start"');
          const report = await client.call('runs.report', { runId });
          if (report.ok) succeed(invocation, 'run report', { report: report.value }, reportLines(report.value));
          return report;
        },
        'repeatable',
      ),
    );
  withCommonOptions(run.command('complete'))
    .description('complete the current run')
    .action((_options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const completed = await client.call('runs.complete', {});
        if (completed.ok)
          succeed(invocation, 'run complete', { runId: completed.value.runId, status: 'completed' }, [
            `Run ${completed.value.runId} completed`,
          ]);
        return completed;
      }),
    );
}

function linesOf(run: RunView): string[] {
  return [
    `${run.id}  ${run.status}, ${durationOf(run)}`,
    `started ${run.startedAt}`,
    `${run.agentCount} ${run.agentCount === 1 ? 'agent' : 'agents'}`,
  ];
}

/** How long a run took, or has taken so far. */
function durationOf(run: RunView): string {
  const end = run.completedAt === null ? Date.now() : Date.parse(run.completedAt);
  return durationText(end - Date.parse(run.startedAt));
}

/** `0s`, `12s`, `3m 45s`, `3m`, `2h 15m`, `2h` (spec 02 §4.5). @param ms a time span in milliseconds; one below 0 is none. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return minutes === 0 ? `${hours}h` : `${hours}h ${minutes}m`;
  if (minutes > 0) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m ${seconds % 60}s`;
  return `${seconds}s`;
}
