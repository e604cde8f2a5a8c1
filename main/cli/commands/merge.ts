import type { Command } from 'commander';
import type { LossAudit } from '../../../contract/lossAudit.ts';
import type { MergeResult } from '../../../contract/merges.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import type { BriefRoomClient } from '../../../contract/roomOutline.ts';
import { type Invocation, withCommonOptions, withEngine } from '../command.ts';
import { succeed, warn } from '../output.ts';

interface MergeOptions {
  readonly branch?: string;
  readonly all?: boolean;
  readonly into?: string;
  readonly dryRun?: boolean;
  readonly acceptLoss?: string;
  readonly acceptGates?: string;
  readonly cancel?: string;
}

/** Milliseconds a merge may take from here: models and the project's own gates run inside it, each with a time of its own. */
const MERGE_MS = 4 * 3_600_000;

/** `ov merge` (spec 02 §2.2), with what a person says to merges that are held. */
export function registerMerge(program: Command): void {
  const merge = withCommonOptions(program.command('merge'))
    .description('merge agents’ branches, one after the other')
    .option('--branch <name>', 'one branch')
    .option('--all', 'everything that is pending')
    .option('--into <branch>', 'target (default: session branch, then the canonical branch)')
    .option('--dry-run', 'only say what would happen')
    .option('--accept-loss <entry>', 'let a held merge in although lines are lost')
    .option('--accept-gates <entry>', 'let a held merge in although a gate fails')
    .option('--cancel <entry>', 'end a merge that asks a model or runs gates')
    .action((options: MergeOptions, command: Command) =>
      withEngine(command, (client, invocation) => runMerge(client, invocation, options), 'repeatable'),
    );
  withCommonOptions(merge.command('audit <entry>'))
    .description('what a held merge would lose, line by line')
    .action((entry: string, _options: unknown, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          const id = entryId(entry);
          if (!id.ok) return id;
          const audit = await client.call('merges.audit', { id: id.value });
          if (!audit.ok) return audit;
          succeed(invocation, 'merge audit', { id: id.value, ...audit.value }, auditLines(audit.value));
          return ok(null);
        },
        'repeatable',
      ),
    );
}

async function runMerge(
  client: BriefRoomClient,
  invocation: Invocation,
  options: MergeOptions,
): Promise<Result<null, CallError>> {
  const held = options.acceptLoss ?? options.acceptGates ?? options.cancel;
  if (held !== undefined) return answerHold(client, invocation, options, held);
  if (options.branch === undefined && options.all !== true)
    return fail('validation', 'say which: --branch <name> or --all', { field: 'branch|all' });
  const request = { branch: options.branch, all: options.all === true, into: options.into };
  if (options.dryRun === true) return dryRun(client, invocation, request);
  const requestedBy = process.env.OVERSTORY_AGENT_NAME;
  const merged = await client.call(
    'merges.run',
    requestedBy === undefined || requestedBy === '' ? request : { ...request, requestedBy },
    { timeoutMs: MERGE_MS },
  );
  if (!merged.ok) return merged;
  const { results } = merged.value;
  for (const result of results) for (const text of result.warnings) warn(text);
  if (options.branch !== undefined) {
    const [result] = results;
    if (result === undefined) return fail('merge', `nothing was merged for ${options.branch}`);
    return tellOne(invocation, result);
  }
  const successCount = results.filter((result) => result.success).length;
  const failCount = results.length - successCount;
  const data = { results, count: results.length, successCount, failCount };
  const total = `Done: ${successCount} merged, ${failCount} failed out of ${results.length} total.`;
  succeed(invocation, 'merge', data, results.length === 0 ? ['No pending branches.'] : [...results.map(line), total]);
  return ok(null);
}

/** The result's own `success` is the envelope's (spec 02 §2.2); its one line is also the failure's JSON. */
function tellOne(invocation: Invocation, result: MergeResult): Result<null, CallError> {
  if (result.success || invocation.json) succeed(invocation, 'merge', result, [line(result)]);
  if (result.success) return ok(null);
  process.exitCode = 1;
  const { branchName } = result.entry;
  return invocation.json ? ok(null) : fail('merge', result.errorMessage ?? `${branchName} did not merge`);
}

async function dryRun(
  client: BriefRoomClient,
  invocation: Invocation,
  request: { readonly branch: string | undefined; readonly all: boolean; readonly into: string | undefined },
): Promise<Result<null, CallError>> {
  const predicted = await client.call('merges.predict', request, { timeoutMs: MERGE_MS });
  if (!predicted.ok) return predicted;
  const { entries } = predicted.value;
  const [first] = entries;
  const data =
    request.branch !== undefined && first !== undefined
      ? { ...first.entry, prediction: first.prediction }
      : { entries: entries.map(({ entry, prediction }) => ({ ...entry, prediction })) };
  const lines = entries.flatMap(({ entry, prediction }) => [
    `[dry-run] Branch: ${entry.branchName}`,
    `  Agent: ${entry.agentName}, task: ${entry.taskId}`,
    `  Status: ${entry.status}`,
    `  Files: ${entry.filesModified.length}`,
    ...entry.filesModified.map((file) => `    ${file}`),
    `  Prediction: ${prediction.predictedTier}${prediction.wouldRequireAgent ? ' (would require merger agent)' : ''} - ${prediction.reason}`,
    ...(prediction.conflictFiles.length === 0 ? [] : ['  Conflicts:']),
    ...prediction.conflictFiles.map((file) => `    ${file}`),
  ]);
  const all = entries.length === 0 ? ['No pending branches.'] : [`${entries.length} pending branch(es):`, ...lines];
  succeed(invocation, 'merge', data, request.branch === undefined ? all : lines);
  return ok(null);
}

async function answerHold(
  client: BriefRoomClient,
  invocation: Invocation,
  options: MergeOptions,
  entry: string,
): Promise<Result<null, CallError>> {
  const id = entryId(entry);
  if (!id.ok) return id;
  if (options.cancel !== undefined) {
    const cancelled = await client.call('merges.cancel', { id: id.value });
    if (!cancelled.ok) return cancelled;
    succeed(invocation, 'merge', { id: id.value, cancelled: true }, [`Merge ${id.value} is cancelled.`]);
    return ok(null);
  }
  // The guard refuses it too; here it is said to whoever got past it.
  if (process.env.OVERSTORY_AGENT_NAME)
    return fail('unauthorized', 'a merge that is held is accepted by a person: resolve the conflict in the branch');
  const what = options.acceptLoss === undefined ? 'gates' : 'loss';
  const accepted = await client.call('merges.accept', { id: id.value, what }, { timeoutMs: MERGE_MS });
  return accepted.ok ? tellOne(invocation, accepted.value) : accepted;
}

function entryId(text: string): Result<number, CallError> {
  const id = Number(text);
  return Number.isInteger(id) && id > 0
    ? ok(id)
    : fail(
        'validation',
        `"${text}" is no entry of the queue: give its number, as "ov merge --dry-run --all --json" shows it`,
      );
}

function auditLines(audit: LossAudit): string[] {
  const { lost, dropped, superseded } = audit.counts;
  const { target, branch, present } = audit.hunks;
  return [
    `${target + branch} hunks looked at: ${present} present, ${superseded} superseded, ${dropped} dropped on purpose, ${lost} lost`,
    ...audit.findings.map((finding) => {
      const where = finding.line === 0 ? finding.file : `${finding.file}:${finding.line}`;
      const by = finding.by === null ? '' : ` (${finding.by.version} ${finding.by.file}:${finding.by.line})`;
      return `  ${finding.verdict} ${where} ${finding.what} by the ${finding.side}: ${finding.text.trim()} - ${finding.decision ?? finding.reason}${by}`;
    }),
  ];
}

function line(result: MergeResult): string {
  const { branchName, hold } = result.entry;
  if (result.success) return `✓ ${branchName} merged (${result.tier})`;
  return `${hold === undefined ? '✕' : '‖'} ${branchName}: ${result.errorMessage ?? 'not merged'}`;
}
