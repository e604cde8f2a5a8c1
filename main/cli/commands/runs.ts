import type { Command } from 'commander';
import { fail, ok } from '../../../contract/result.ts';
import { integer, type Options, text, withCommonOptions, withEngine } from '../command.ts';
import { succeed, table } from '../output.ts';
import { reportLines } from '../reportLines.ts';

/** `ov run`, `ov run list|show|report|complete` (spec 02 §4.5). */
export function registerRuns(program: Command): void {
  const run = withCommonOptions(program.command('run')).description('runs');
  withCommonOptions(run.command('list', { isDefault: true }))
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
            { runs: rows },
            rows.length === 0
              ? ['No runs.']
              : table(rows.map((row) => [row.current ? '*' : ' ', row.id, row.status, `${row.agentCount} agents`])),
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
          succeed(invocation, 'run show', { run: found }, [
            `${found.id}  ${found.status}`,
            `started ${found.startedAt}`,
            `${found.agentCount} agents`,
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
