import type { Command } from 'commander';
import type { MergeResult } from '../../../contract/merges.ts';
import { fail, ok } from '../../../contract/result.ts';
import { withCommonOptions, withEngine } from '../command.ts';
import { succeed, warn } from '../output.ts';

interface MergeOptions {
  readonly branch?: string;
  readonly all?: boolean;
  readonly into?: string;
  readonly dryRun?: boolean;
}

/** Milliseconds a merge may take from here: the project's own hooks run inside it. */
const MERGE_MS = 600_000;

/** `ov merge` (spec 02 §2.2). */
export function registerMerge(program: Command): void {
  withCommonOptions(program.command('merge'))
    .description('merge agents’ branches, one after the other')
    .option('--branch <name>', 'one branch')
    .option('--all', 'everything that is pending')
    .option('--into <branch>', 'target (default: session branch, then the canonical branch)')
    .option('--dry-run', 'only say what would happen')
    .action((options: MergeOptions, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          if (options.branch === undefined && options.all !== true)
            return fail('validation', 'say which: --branch <name> or --all', { field: 'branch|all' });
          const request = { branch: options.branch, all: options.all === true, into: options.into };
          if (options.dryRun === true) {
            const predicted = await client.call('merges.predict', request, { timeoutMs: MERGE_MS });
            if (!predicted.ok) return predicted;
            const { entries } = predicted.value;
            const [first] = entries;
            const data =
              options.branch !== undefined && first !== undefined
                ? { ...first.entry, prediction: first.prediction }
                : { entries: entries.map(({ entry, prediction }) => ({ ...entry, prediction })) };
            const lines = entries.flatMap(({ entry, prediction }) => [
              `[dry-run] Branch: ${entry.branchName} (${entry.agentName}, ${entry.taskId}, ${entry.filesModified.length} file(s))`,
              `  Prediction: ${prediction.predictedTier}${prediction.wouldRequireAgent ? ' (would require merger agent)' : ''} - ${prediction.reason}`,
              ...prediction.conflictFiles.map((file) => `    ${file}`),
            ]);
            succeed(
              invocation,
              'merge',
              data,
              options.all === true ? [`${entries.length} pending branch(es):`, ...lines] : lines,
            );
            return ok(null);
          }
          const merged = await client.call('merges.run', request, { timeoutMs: MERGE_MS });
          if (!merged.ok) return merged;
          const { results } = merged.value;
          for (const result of results) for (const line of result.warnings) warn(line);
          if (options.branch === undefined) {
            const successCount = results.filter((result) => result.success).length;
            const data = { results, count: results.length, successCount, failCount: results.length - successCount };
            succeed(
              invocation,
              'merge',
              data,
              results.length === 0
                ? ['No pending branches.']
                : [
                    ...results.map(line),
                    `Done: ${successCount} merged, ${results.length - successCount} failed out of ${results.length} total.`,
                  ],
            );
            return ok(null);
          }
          const [result] = results;
          if (result === undefined) return fail('merge', `nothing was merged for ${options.branch}`);
          // The result's own `success` is the envelope's (spec 02 §2.2); its one line is also the failure's JSON.
          if (result.success || invocation.json) succeed(invocation, 'merge', result, [line(result)]);
          if (result.success) return ok(null);
          process.exitCode = 1;
          return invocation.json ? ok(null) : fail('merge', result.errorMessage ?? `${options.branch} did not merge`);
        },
        'repeatable',
      ),
    );
}

function line(result: MergeResult): string {
  return result.success
    ? `✓ ${result.entry.branchName} merged (${result.tier})`
    : `✕ ${result.entry.branchName}: ${result.errorMessage ?? 'not merged'}`;
}
