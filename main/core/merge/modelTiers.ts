import type { LossDecision } from '../../../contract/lossAudit.ts';
import type { MergeTier } from '../../../contract/merges.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { isLargeFilePointer } from './autoResolve.ts';
import { hasMarkerLine, parseConflicts } from './conflictBlocks.ts';
import type { Conflict } from './conflicts.ts';
import { CONTENTS, MODIFY_DELETE } from './mergeTree.ts';
import { linesOf, readAnswer } from './modelAnswers.ts';
import { type MergeContext, regionPrompt, regionsOf, reimaginePrompt, survivorPrompt } from './modelPrompts.ts';

/** Asks the configured runtime one question; `folder` is where it runs. */
export type MergeModel = (
  prompt: string,
  signal: AbortSignal,
) => Promise<
  Result<{ readonly text: string /** Absent: the command decides by itself. */; readonly model?: string }, CallError>
>;

/** What a model tier made of one file. */
export type Resolution =
  | { readonly kind: 'resolved'; readonly content: Buffer; readonly decisions: readonly LossDecision[] }
  | { readonly kind: 'open'; readonly reason: string };

/**
 * Bytes of a question: it travels as one argument of a command, of which Linux takes 128 KiB, and its program's other
 * arguments need some.
 */
const MAX_PROMPT_BYTES = 120_000;

/** Tier 3 for one file: only the conflicting regions are asked for and replaced; everything else stays byte for byte. */
export async function aiResolve(
  conflict: Conflict,
  context: MergeContext,
  model: MergeModel,
  signal: AbortSignal,
): Promise<Resolution> {
  const unfit = unfitReason(conflict);
  if (unfit !== null) return open(unfit);
  const oneSided = conflict.file.stages[2] === undefined || conflict.file.stages[3] === undefined;
  if (oneSided) return wholeFile(conflict, survivorPrompt(conflict, context), 'ai-resolve', model, signal);
  if ([conflict.base, conflict.ours, conflict.theirs].some(hasMarkerLine))
    return open('it has lines of its own that look like conflict markers');
  const segments = parseConflicts(conflict.content);
  const regions = regionsOf(segments);
  if (regions.length === 0) return open('git could not mark the conflict');
  const asked = await ask(regionPrompt(conflict, segments, context), model, signal);
  if (!asked.ok) return open(asked.error.message);
  const answer = readAnswer(asked.value, regions.length, knownLines(conflict));
  if (!answer.ok) return open(`the answer was refused: ${answer.error.message}`);
  const { parts } = answer.value;
  let next = 0;
  const content = segments
    .map((segment) => {
      if (segment.kind === 'text') return segment.text;
      const part = parts[next] ?? '';
      next += 1;
      return withLineEnds(part, segment.markers[0].endsWith('\r\n'));
    })
    .join('');
  if (hasMarkerLine(content)) return open('conflict markers are left in the result');
  return resolved(conflict, content, answer.value.decisions, 'ai-resolve');
}

/** Tier 4 for one file: the branch's work done anew on the target's version; both have to be there. */
export async function reimagine(
  conflict: Conflict,
  context: MergeContext,
  model: MergeModel,
  signal: AbortSignal,
): Promise<Resolution> {
  const unfit = unfitReason(conflict);
  if (unfit !== null) return open(unfit);
  if (conflict.file.stages[2] === undefined || conflict.file.stages[3] === undefined)
    return open('one side does not have the file');
  return wholeFile(conflict, reimaginePrompt(conflict, context), 'reimagine', model, signal);
}

async function wholeFile(
  conflict: Conflict,
  prompt: string,
  tier: MergeTier,
  model: MergeModel,
  signal: AbortSignal,
): Promise<Resolution> {
  const asked = await ask(prompt, model, signal);
  if (!asked.ok) return open(asked.error.message);
  const answer = readAnswer(asked.value, 1, knownLines(conflict));
  if (!answer.ok) return open(`the answer was refused: ${answer.error.message}`);
  const like = conflict.file.stages[2] === undefined ? conflict.theirs : conflict.ours;
  const content = withLineEnds(answer.value.parts[0] ?? '', like.includes('\r\n'));
  return resolved(conflict, content, answer.value.decisions, tier);
}

async function ask(prompt: string, model: MergeModel, signal: AbortSignal): Promise<Result<string, CallError>> {
  const bytes = Buffer.byteLength(prompt);
  if (bytes > MAX_PROMPT_BYTES)
    return fail('merge', `the question is too long for a command line (${Math.round(bytes / 1024)} KiB)`);
  const asked = await model(prompt.replaceAll('\0', ''), signal);
  return asked.ok ? ok(asked.value.text) : asked;
}

/** Why no model may touch a file; null when it may. */
function unfitReason(conflict: Conflict): string | null {
  const other = conflict.kinds?.find((kind) => kind !== CONTENTS && kind !== MODIFY_DELETE);
  if (other !== undefined) return `git calls it ${other.replace(/^CONFLICT \((.+)\)$/, '$1')}`;
  const stages = [conflict.file.stages[1], conflict.file.stages[2], conflict.file.stages[3]];
  if (stages.some((stage) => stage !== undefined && !stage.mode.startsWith('100'))) return 'it is not a plain file';
  if (!conflict.isText) return 'it is not a text in UTF-8';
  if ([conflict.base, conflict.ours, conflict.theirs].some(isLargeFilePointer))
    return 'it stands for a large file kept elsewhere (Git LFS)';
  return null;
}

function knownLines(conflict: Conflict): ReadonlySet<string> {
  return linesOf(conflict.base, conflict.ours, conflict.theirs);
}

function withLineEnds(text: string, crlf: boolean): string {
  return crlf ? text.replace(/\r?\n/g, '\r\n') : text;
}

function resolved(conflict: Conflict, content: string, reasons: readonly string[], tier: MergeTier): Resolution {
  return {
    kind: 'resolved',
    content: Buffer.from(content, 'utf8'),
    decisions: reasons.map((reason) => ({ file: conflict.path, side: null, name: `${tier}: ${reason}` })),
  };
}

function open(reason: string): Resolution {
  return { kind: 'open', reason };
}
