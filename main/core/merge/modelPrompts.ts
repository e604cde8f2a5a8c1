import { renderSegments, type Segment, splitLines } from './conflictBlocks.ts';
import type { Conflict } from './conflicts.ts';
import { ANSWER_FORM } from './modelAnswers.ts';

/** What a model is told beside the conflict itself; each may be empty. */
export interface MergeContext {
  readonly branch: string;
  readonly target: string;
  /** What the branch was made for: task, spec, mail. */
  readonly branchIntent: string;
  /** What the target was changed for since: subjects of its commits, their tasks. */
  readonly targetIntent: string;
  /** One line for each conflict in these files that was resolved before (spec 02 §2.6). */
  readonly pastResolutions: readonly string[];
}

/** Lines shown before and after a region. */
const CONTEXT_LINES = 20;
/** Characters of one side's intent. */
const INTENT_LENGTH = 6_000;

/** The regions of a file with conflict markers, which a tier-3 answer replaces one by one. */
export function regionsOf(segments: readonly Segment[]): readonly Extract<Segment, { kind: 'conflict' }>[] {
  return segments.filter((segment) => segment.kind === 'conflict');
}

/** Tier 3: asks for the conflicting regions of one file and nothing else (spec 02 §2.5). */
export function regionPrompt(conflict: Conflict, segments: readonly Segment[], context: MergeContext): string {
  const regions = regionsOf(segments);
  const shape = regions.map(
    (_, index) => `${ANSWER_FORM.region(index + 1)}\n(the lines that replace region ${index + 1})\n${ANSWER_FORM.end}`,
  );
  return [
    `You resolve a merge conflict in the file ${conflict.path}: branch ${context.branch} is merged into ${context.target}.`,
    `For each conflicting region give the lines that replace it, from its <<<<<<< line to its >>>>>>> line. Keep what both sides want to achieve: the upper half is ${context.target}, the lower half ${context.branch}.`,
    `Answer in exactly this form, with no explanation, no code fence and no conflict marker:`,
    ...shape,
    omissions(),
    ...background(context),
    ...segments.flatMap((segment, index) => showSegment(segment, index, segments)),
  ].join('\n\n');
}

/** Tier 3 for a file one side deleted and the other changed: asks for the whole file as it should be (spec 02 §2.8). */
export function survivorPrompt(conflict: Conflict, context: MergeContext): string {
  const deletedBy = conflict.file.stages[2] === undefined ? context.target : context.branch;
  const changedBy = deletedBy === context.target ? context.branch : context.target;
  return [
    `You resolve a merge conflict in the file ${conflict.path}: branch ${context.branch} is merged into ${context.target}.`,
    `${deletedBy} deleted the file, ${changedBy} changed it. Give the whole content the file should have so that the change of ${changedBy} is not lost.`,
    `Answer with the content of the file only: no explanation, no code fence, no preamble.`,
    ...background(context),
    labelled('File before both changes', conflict.base),
    labelled(
      `File as ${changedBy} changed it`,
      conflict.file.stages[2] === undefined ? conflict.theirs : conflict.ours,
    ),
  ].join('\n\n');
}

/** Tier 4: asks for the file anew, the branch's work done again on top of the target's version (spec 02 §2.5). */
export function reimaginePrompt(conflict: Conflict, context: MergeContext): string {
  return [
    `The file ${conflict.path} of branch ${context.branch} cannot be merged into ${context.target} line by line.`,
    `Implement the change of ${context.branch} again on top of the version of ${context.target}, which is the one to keep where the two disagree. Give the whole content of the file.`,
    `Answer with the content of the file only: no explanation, no code fence, no preamble.`,
    omissions(),
    ...background(context),
    labelled(`Canonical version (${context.target})`, conflict.ours),
    labelled(`Version of the branch (${context.branch})`, conflict.theirs),
  ].join('\n\n');
}

function omissions(): string {
  return `When a line of either side has to go although nothing replaces it, say so after that with one line each: ${ANSWER_FORM.dropped} which line, and why`;
}

function background(context: MergeContext): string[] {
  return [
    ...(context.branchIntent === ''
      ? []
      : [labelled(`What ${context.branch} is for`, context.branchIntent.slice(0, INTENT_LENGTH))]),
    ...(context.targetIntent === ''
      ? []
      : [labelled(`What changed in ${context.target} since`, context.targetIntent.slice(0, INTENT_LENGTH))]),
    ...(context.pastResolutions.length === 0
      ? []
      : [labelled('Historical context from past merges', context.pastResolutions.join('\n'))]),
  ];
}

function labelled(label: string, text: string): string {
  return `## ${label}\n\n${text.trimEnd()}`;
}

/** A region as it stands in the file; of the text around it the lines next to a region. */
function showSegment(segment: Segment, index: number, segments: readonly Segment[]): string[] {
  if (segment.kind === 'conflict') {
    const number = regionsOf(segments.slice(0, index + 1)).length;
    return [`## Region ${number}\n\n${renderSegments([segment]).trimEnd()}`];
  }
  const lines = splitLines(segment.text);
  const [first, last] = [index === 0, index === segments.length - 1];
  const head = first ? [] : lines.slice(0, CONTEXT_LINES);
  const tail = last ? [] : lines.slice(Math.max(head.length, lines.length - CONTEXT_LINES));
  const left = lines.length - head.length - tail.length;
  const gap = left > 0 ? [`(${left} more lines)\n`] : [];
  return [`## Around it\n\n${[...head, ...gap, ...tail].join('').trimEnd()}`];
}
