import type { Command } from 'commander';
import type { PredictedConflict, RadarView } from '../../../contract/radar.ts';
import { ok } from '../../../contract/result.ts';
import { withCommonOptions, withEngine } from '../command.ts';
import { succeed, table, warn } from '../output.ts';

/** Milliseconds a look at everything may take: a hundred large worktrees on a slow disk. */
const LOOK_MS = 300_000;
/** Files named for one pair. */
const NAMED = 4;

/** `ov radar` (product.md B5). */
export function registerRadar(program: Command): void {
  withCommonOptions(program.command('radar'))
    .description('predicted conflicts between worktrees, uncommitted work included, and in which order to merge')
    .action((_options: object, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          const looked = await client.call('radar.look', {}, { timeoutMs: LOOK_MS });
          if (!looked.ok) return looked;
          const view = looked.value;
          for (const { agentName, problem } of view.worktrees) if (problem !== null) warn(`${agentName}: ${problem}`);
          succeed(invocation, 'radar', view, lines(view));
          return ok(null);
        },
        'repeatable',
      ),
    );
}

function lines(view: RadarView): readonly string[] {
  const { worktrees, pairs, order, target } = view;
  if (worktrees.length === 0) return ['No worktrees.'];
  const rows = worktrees.map((worktree) => [
    worktree.agentName,
    worktree.running ? 'running' : 'ended',
    worktree.merged ? 'merged' : `${worktree.changedFiles} changed, ${worktree.uncommittedFiles} uncommitted`,
    worktree.withTargetCount === 0 ? '' : `${target}: ${files(worktree.withTarget, worktree.withTargetCount)}`,
  ]);
  const conflicts = pairs.map((pair) => [`${pair.one} × ${pair.other}`, files(pair.conflicts, pair.count)]);
  const steps = order.map(({ agentName, clean, conflictsWith }, index) => [
    `${index + 1}.`,
    agentName,
    clean ? 'cleanly' : `conflicts with ${conflictsWith.map((name) => name ?? target).join(', ')}`,
  ]);
  return [
    ...table([['worktree', 'agent', 'work', 'conflicts with the target'], ...rows]),
    '',
    ...(conflicts.length === 0 ? ['No predicted collisions.'] : table([['pair', 'conflicts'], ...conflicts])),
    ...(steps.length === 0 ? [] : ['', 'Suggested order:', ...table(steps)]),
  ];
}

function files(conflicts: readonly PredictedConflict[], count: number): string {
  const named = conflicts.slice(0, NAMED).map(({ path, kind }) => `${path} (${kind})`);
  return named.join(', ') + (count > named.length ? ` and ${count - named.length} more` : '');
}
