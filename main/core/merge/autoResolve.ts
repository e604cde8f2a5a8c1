import { hasConflict, hasContentfulHead, hasMarkerLine, keepBoth, keepIncoming } from './conflictBlocks.ts';
import { countLinesBack, countLostLines } from './lossAudit.ts';
import { CONTENTS, MODIFY_DELETE } from './mergeTree.ts';
import type { UnmergedFile } from './repositoryState.ts';

/** Everything tier 2 looks at for one conflicting file. */
export interface ConflictInput {
  readonly file: UnmergedFile;
  /** What git calls the conflicts of this path; absent: nothing is known beyond the versions. */
  readonly kinds?: readonly string[];
  /** The path has `merge=union`. */
  readonly union: boolean;
  /** The file with git's conflict markers in it, read as UTF-8 like the versions below. */
  readonly content: string;
  /** The three versions, each empty when absent. */
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

/** Which sides of every block stay. The caller applies it to the bytes, so that files of any encoding keep theirs. */
export type AutoResolution =
  | { readonly kind: 'resolved'; readonly keep: 'both' | 'incoming' }
  | { readonly kind: 'blocked'; readonly reason: string };

const BINARY = 'CONFLICT (binary)';

/** First line of the small text git keeps in place of a file of Git LFS: its lines name one content and cannot be mixed. */
const LARGE_FILE_POINTER = 'version https://git-lfs.github.com/spec/';

/** True for the text that stands for a file of Git LFS. */
export function isLargeFilePointer(text: string): boolean {
  return text.startsWith(LARGE_FILE_POINTER);
}

/** "renamed to two names", in words of a person, from git's kind of conflict. */
function describeKind(kind: string): string {
  const name = /^CONFLICT \((.+)\)$/.exec(kind)?.[1] ?? kind;
  switch (name) {
    case 'directory rename suggested':
      return 'it is new in a folder the other side renamed';
    case 'rename/rename':
      return 'the two sides renamed it differently';
    case 'rename/delete':
      return 'one side renamed what the other deleted';
    case 'file/directory':
      return 'a file on one side is a folder on the other';
    case 'distinct modes':
    case 'distinct types':
      return 'the two sides made different kinds of file of it';
    default:
      return name.startsWith('submodule') ? 'it is a submodule both sides moved' : `git calls it ${name}`;
  }
}

/** Modes of plain files; links and submodules have no lines to merge. */
const PLAIN_FILE = /^100/;

/**
 * Tier 2 for one file (spec 02 §2.5): with `merge=union` both sides stay, else the branch's side where the target's side
 * of every block is empty, else nothing. Whatever would drop an added line, or cannot be told for sure, is left to a
 * person. Also decides what the prediction counts as blocking (spec 02 §2.7), so that the two always agree.
 */
export function autoResolve(input: ConflictInput): AutoResolution {
  const { stages } = input.file;
  const other = input.kinds?.find((kind) => kind !== CONTENTS && kind !== MODIFY_DELETE && kind !== BINARY);
  if (other !== undefined) return blocked(describeKind(other));
  if (stages[2] === undefined || stages[3] === undefined) {
    return blocked('one side deleted or renamed what the other changed');
  }
  if (!PLAIN_FILE.test(stages[2].mode) || !PLAIN_FILE.test(stages[3].mode)) return blocked('it is not a plain file');
  if ([input.base, input.ours, input.theirs].some(isLargeFilePointer)) {
    return blocked('it stands for a large file kept elsewhere (Git LFS)');
  }
  if ([input.base, input.ours, input.theirs].some(hasMarkerLine)) {
    return blocked('it has lines of its own that look like conflict markers');
  }
  if (!hasConflict(input.content)) return blocked('git could not mark the conflict, as in binary files');
  if (!input.union && hasContentfulHead(input.content)) return blocked('both sides changed the same lines');
  const keep = input.union ? 'both' : 'incoming';
  const content = applyResolution(input.content, keep);
  if (hasMarkerLine(content)) return blocked('its conflict markers cannot be read');
  const lost = lostLines(input, content);
  if (lost > 0) return blocked(`it would drop ${describeLost(lost)}`);
  // A union keeps the lines of both sides by its owner's word; taking the branch's side must not undo a removal unseen.
  const { base, ours, theirs } = input;
  const back = input.union ? 0 : countLinesBack({ base, ours, theirs, result: content });
  if (back > 0) return blocked(`it would bring back ${back === 1 ? '1 line' : `${back} lines`} somebody removed`);
  return { kind: 'resolved', keep };
}

/** Every block of the text replaced by the chosen side or sides; a text without a block stays as it is. */
export function applyResolution(text: string, keep: 'both' | 'incoming'): string {
  return (keep === 'both' ? keepBoth(text) : keepIncoming(text)) ?? text;
}

/** "1 line somebody added", "3 lines somebody added". */
export function describeLost(lines: number): string {
  return lines === 1 ? '1 line somebody added' : `${lines} lines somebody added`;
}

/** Lines either side added that a resolved or committed version lacks. */
export function lostLines(input: ConflictInput, result: string): number {
  return countLostLines({ base: input.base, ours: input.ours, theirs: input.theirs, result });
}

function blocked(reason: string): AutoResolution {
  return { kind: 'blocked', reason };
}
