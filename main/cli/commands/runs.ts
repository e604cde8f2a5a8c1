import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { fail, ok } from '../../../contract/result.ts';
import { integer, withCommonOptions, withEngine } from '../command.ts';
import { succeed, table } from '../output.ts';

type Options = Readonly<Record<string, string | boolean | undefined>>;

const text = (value: string | boolean | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** `ov coordinator start|stop|send`, `ov run list|show|complete`. */
export function registerRuns(program: Command): void {
  const coordinator = withCommonOptions(program.command('coordinator')).description('the agent that plans a run');
  withCommonOptions(coordinator.command('start'))
    .description('start a run with a coordinator')
    .option('--name <name>', '', 'coordinator')
    .option('--runtime <name>')
    .option('--spec <path>', 'file with the objective')
    .option('--objective <text>', 'what the run is to achieve')
    .action((options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const spec = text(options.spec) === undefined ? undefined : resolve(text(options.spec) ?? '');
        if (spec !== undefined && !(await isReadable(spec)))
          return fail('validation', `Spec file not found: ${spec}`, { field: 'spec' });
        const started = await client.call('coordinator.start', {
          name: text(options.name) ?? 'coordinator',
          runtime: text(options.runtime),
          spec,
          objective: text(options.objective),
        });
        if (started.ok)
          succeed(invocation, 'coordinator start', started.value, [
            `${started.value.agentName} started (${started.value.runId})`,
          ]);
        return started;
      }),
    );
  withCommonOptions(coordinator.command('stop'))
    .option('--name <name>', '', 'coordinator')
    .action((options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const agentName = text(options.name) ?? 'coordinator';
        const stopped = await client.call('agents.stop', { agentName });
        if (!stopped.ok) return stopped;
        const completed = await client.call('runs.complete', {});
        succeed(invocation, 'coordinator stop', { stopped: true, runCompleted: completed.ok }, [
          `${agentName} stopped`,
        ]);
        return ok(null);
      }),
    );

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

async function isReadable(path: string): Promise<boolean> {
  try {
    await readFile(path);
    return true;
  } catch {
    // Missing, unreadable or a folder: for the caller the same, and its message says what to do.
    return false;
  }
}
