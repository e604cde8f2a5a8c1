import type { Command } from 'commander';
import { CostsInput, type SessionCost } from '../../../contract/governor.ts';
import { plainIssue } from '../../../contract/wire/plainIssue.ts';
import { validationError } from '../../../contract/wire/rpcServer.ts';
import { invocationOf, withCommonOptions } from '../command.ts';
import { failWith, succeed, table } from '../output.ts';
import { liveEngine, requireProject } from '../project.ts';

interface Options {
  readonly agent?: string;
  readonly task?: string;
  readonly bead?: string;
  readonly run?: string;
  readonly day?: string | true;
  readonly last: string;
  readonly byCapability?: boolean;
}

/** Sums of one capability (spec 03 §2.4). */
interface Group {
  readonly sessions: SessionCost[];
  readonly totals: {
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly cacheTokens: number;
    readonly costUsd: number;
  };
}

/** `ov costs`: what sessions used and cost; looking never starts an engine. */
export function registerCosts(program: Command): void {
  withCommonOptions(program.command('costs'))
    .description('what agents used and cost; ~ marks dollars that are estimated from tokens')
    .option('--agent <name>', 'only this agent')
    .option('--task <id>', 'only this task')
    .option('--bead <id>', 'the same as --task')
    .option('--run <id>', 'only this run')
    .option('--day [date]', 'only turns begun on that day; without a date, today')
    .option('--by-capability', 'grouped by role')
    .option('--last <n>', 'at most so many sessions', '20')
    .action(async (options: Options, command: Command) => {
      const invocation = invocationOf(command);
      const last = /^\d+$/.test(options.last) ? Number(options.last) : 0;
      if (last < 1)
        return failWith(invocation, { tag: 'validation', message: '--last must be a positive integer', field: 'last' });
      const task = options.task ?? options.bead;
      const parsed = CostsInput.safeParse(
        {
          last: options.byCapability === true ? 1_000 : last,
          ...(options.agent === undefined ? {} : { agent: options.agent }),
          ...(task === undefined ? {} : { task }),
          ...(options.run === undefined ? {} : { run: options.run }),
          ...(options.day === undefined ? {} : { day: options.day === true ? today() : options.day }),
        },
        { error: plainIssue },
      );
      if (!parsed.success) {
        const invalid = validationError(parsed.error);
        return invalid.ok ? undefined : failWith(invocation, invalid.error);
      }
      const project = await requireProject(invocation.project);
      if (!project.ok) return failWith(invocation, project.error);
      const client = await liveEngine(project.value);
      if (!client.ok) return failWith(invocation, client.error);
      const answer =
        client.value === null
          ? await (await import('../offline.ts')).listCostsOffline(project.value, parsed.data)
          : await client.value.call('costs.list', parsed.data);
      client.value?.close();
      if (!answer.ok) return failWith(invocation, answer.error);
      const { sessions, totals } = answer.value;
      if (options.byCapability === true) {
        const grouped = byCapability(sessions);
        const rows = Object.entries(grouped).map(([capability, { sessions: some, totals: sums }]) => [
          capability,
          String(some.length),
          ...tokens(sums.inputTokens, sums.outputTokens, sums.cacheTokens),
          dollars(
            sums.costUsd,
            some.some((row) => row.estimated),
          ),
        ]);
        const head = ['role', 'sessions', 'input', 'output', 'cache', 'cost'];
        return succeed(invocation, 'costs', { grouped }, rows.length === 0 ? NOTHING : table([head, ...rows]));
      }
      succeed(
        invocation,
        'costs',
        { sessions, totals },
        sessions.length === 0
          ? NOTHING
          : [
              ...table([
                ['agent', 'role', 'task', 'turns', 'input', 'output', 'cache', 'cost'],
                ...sessions.map((row) => [
                  row.agentName,
                  row.capability,
                  row.taskId || '-',
                  String(row.turns),
                  ...tokens(row.inputTokens, row.outputTokens, row.cacheReadTokens + row.cacheCreationTokens),
                  dollars(row.estimatedCostUsd, row.estimated),
                ]),
                [
                  'Total',
                  '',
                  '',
                  String(totals.turns),
                  ...tokens(totals.inputTokens, totals.outputTokens, totals.cacheTokens),
                  dollars(totals.costUsd, totals.estimated),
                ],
              ]),
              ...(totals.burnRatePerMin === null
                ? []
                : [`$${totals.burnRatePerMin.toFixed(2)} a minute in the last ten minutes`]),
              ...(totals.unpricedTurns === 0
                ? []
                : [
                    `${totals.unpricedTurns} ended turns used tokens of a model whose price is not known; their cost is missing`,
                  ]),
            ],
      );
    });
}

const NOTHING = ['No session data found'];

function byCapability(sessions: readonly SessionCost[]): Readonly<Record<string, Group>> {
  const grouped: Record<string, Group> = {};
  for (const row of sessions) {
    const before = grouped[row.capability];
    const sums = before?.totals ?? { inputTokens: 0, outputTokens: 0, cacheTokens: 0, costUsd: 0 };
    grouped[row.capability] = {
      sessions: [...(before?.sessions ?? []), row],
      totals: {
        inputTokens: sums.inputTokens + row.inputTokens,
        outputTokens: sums.outputTokens + row.outputTokens,
        cacheTokens: sums.cacheTokens + row.cacheReadTokens + row.cacheCreationTokens,
        costUsd: sums.costUsd + (row.estimatedCostUsd ?? 0),
      },
    };
  }
  return grouped;
}

function tokens(...counts: readonly number[]): string[] {
  return counts.map((count) => count.toLocaleString('en'));
}

/** "$1.20", "~$1.20" for an estimate, "-" when nobody knows. */
function dollars(amount: number | null, estimated: boolean): string {
  return amount === null ? '-' : `${estimated ? '~' : ''}$${amount.toFixed(2)}`;
}

/** Today in the machine's own time zone, as `YYYY-MM-DD`. */
function today(): string {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`;
}
