import type { Command } from 'commander';
import type { SessionCost } from '../../../contract/governor.ts';
import { invocationOf, withCommonOptions } from '../command.ts';
import { duration } from '../costsText.ts';
import { failWith, succeed, table } from '../output.ts';
import { liveEngine, requireProject } from '../project.ts';

/** Sessions summed up; a project has no more. */
const ALL = 100_000;

/** `ov metrics`: how long sessions took and how their branches were merged (spec 03 §2.4); looking never starts an engine. */
export function registerMetrics(program: Command): void {
  withCommonOptions(program.command('metrics'))
    .description('how many sessions, how long they took, how their branches were merged')
    .option('--last <n>', 'how many sessions to list', '20')
    .action(async (options: { readonly last: string }, command: Command) => {
      const invocation = invocationOf(command);
      const last = /^\d+$/.test(options.last) ? Number(options.last) : 0;
      if (last < 1)
        return failWith(invocation, { tag: 'validation', message: '--last must be a positive integer', field: 'last' });
      const project = await requireProject(invocation.project);
      if (!project.ok) return failWith(invocation, project.error);
      const client = await liveEngine(project.value);
      if (!client.ok) return failWith(invocation, client.error);
      const answer =
        client.value === null
          ? await (await import('../offline.ts')).listCostsOffline(project.value, { last: ALL })
          : await client.value.call('costs.list', { last: ALL });
      client.value?.close();
      if (!answer.ok) return failWith(invocation, answer.error);
      const all = answer.value.sessions;
      succeed(invocation, 'metrics', { sessions: all.slice(0, last) }, metricsLines(all, last));
    });
}

/** Pure: all sessions in numbers, then the newest. */
export function metricsLines(all: readonly SessionCost[], last: number): string[] {
  if (all.length === 0) return ['No session data found'];
  const completed = all.filter((row) => row.completedAt !== null);
  const lines = [`${all.length} sessions, ${completed.length} completed, ${duration(mean(completed))} on average`];
  const tiers = countBy(all.flatMap((row) => (row.mergeResult === null ? [] : [row.mergeResult])));
  if (tiers.length > 0) lines.push(`merged: ${tiers.map(([tier, count]) => `${tier} ${count}`).join(', ')}`);
  const roles = countBy(all.map((row) => row.capability)).map(([capability, count]) => {
    const own = completed.filter((row) => row.capability === capability);
    return [capability, String(count), own.length === 0 ? '-' : duration(mean(own))];
  });
  lines.push('', ...table([['role', 'sessions', 'average'], ...roles]), '');
  const rows = all
    .slice(0, last)
    .map((row) => [
      row.agentName,
      row.capability,
      row.taskId || '-',
      row.completedAt === null ? 'running' : 'completed',
      duration(row.durationMs),
      row.mergeResult ?? '-',
    ]);
  return [...lines, ...table([['agent', 'role', 'task', 'state', 'worked', 'merged'], ...rows])];
}

function mean(rows: readonly SessionCost[]): number {
  return rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + row.durationMs, 0) / rows.length;
}

/** How often each word occurs, most often first. */
function countBy(words: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one);
}
