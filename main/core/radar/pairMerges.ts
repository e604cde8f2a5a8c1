import type { PredictedConflict } from '../../../contract/radar.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Git, GitOptions } from '../git/git.ts';
import { conflictKindsOf } from '../merge/conflictKind.ts';
import { MERGE_SETTINGS, parseMergedTree } from '../merge/mergeTree.ts';
import { gitLine } from '../merge/repositoryState.ts';

/** Two commits to be merged on trial. */
export interface CommitPair {
  readonly one: string;
  readonly other: string;
}

/** Pairs one git process merges; its answers lie in memory as a whole. */
const PAIRS_AT_ONCE = 250;

/**
 * Merges pairs of commits on trial and tells what conflicts, one list a pair. One process does them all; a git without
 * `merge-tree --stdin` (before 2.39) takes one for each.
 */
export async function mergePairs(
  git: Git,
  pairs: readonly CommitPair[],
  options: GitOptions,
): Promise<Result<readonly (readonly PredictedConflict[])[]>> {
  const conflicts: (readonly PredictedConflict[])[] = [];
  for (let from = 0; from < pairs.length; from += PAIRS_AT_ONCE) {
    const some = pairs.slice(from, from + PAIRS_AT_ONCE);
    const input = some.map(({ one, other }) => `${one} ${other}\n`).join('');
    const output = await git([...MERGE_SETTINGS, 'merge-tree', '--stdin', '-z'], { ...options, input });
    if (isUnknownOption(output)) {
      const single = await mergeOneByOne(git, some, options);
      if (!single.ok) return single;
      conflicts.push(...single.value);
      continue;
    }
    if (output.code !== 0) return fail('merge', `git cannot try these merges: ${gitLine(output.stderr)}`);
    const answers = splitAnswers(output.stdout);
    if (answers.length !== some.length) {
      return fail('merge', `git answered ${answers.length} of ${some.length} trial merges`);
    }
    conflicts.push(...answers);
  }
  return ok(conflicts);
}

async function mergeOneByOne(
  git: Git,
  pairs: readonly CommitPair[],
  options: GitOptions,
): Promise<Result<readonly (readonly PredictedConflict[])[]>> {
  const outputs = await Promise.all(
    pairs.map(({ one, other }) =>
      git([...MERGE_SETTINGS, 'merge-tree', '--write-tree', '-z', '--messages', one, other], options),
    ),
  );
  const broken = outputs.find((output) => output.code > 1);
  if (broken !== undefined) return fail('merge', `git cannot try these merges: ${gitLine(broken.stderr)}`);
  return ok(outputs.map((output) => conflictsOf(output.stdout.split('\0'), output.code === 0)));
}

/** Git's answer to an option it does not have is its usage, with this code. */
function isUnknownOption(output: { readonly code: number; readonly stderr: string }): boolean {
  return output.code === 129 && /unknown option/.test(output.stderr);
}

/**
 * Cuts the answers apart: `1` or `0`, the tree, for a conflict the versions, an empty part and the notes, and an empty
 * part at the end.
 */
function splitAnswers(output: string): (readonly PredictedConflict[])[] {
  const parts = output.split('\0');
  const answers: (readonly PredictedConflict[])[] = [];
  let at = 0;
  while (at + 1 < parts.length && (parts[at] === '0' || parts[at] === '1')) {
    const clean = parts[at] === '1';
    const first = parts.indexOf('', at + 1);
    const end = clean ? first : notesEnd(parts, first + 1);
    if (first < 0 || end < 0) break;
    answers.push(conflictsOf(parts.slice(at + 1, end + 1), clean));
    at = end + 1;
  }
  return answers;
}

/** Each note begins with its number of paths; the empty part after the last one ends the answer. */
function notesEnd(parts: readonly string[], from: number): number {
  let at = from;
  while (at < parts.length && parts[at] !== '') {
    const count = Number(parts[at]);
    if (!Number.isInteger(count)) return -1;
    at += count + 3;
  }
  return at < parts.length ? at : -1;
}

function conflictsOf(parts: readonly string[], clean: boolean): readonly PredictedConflict[] {
  return clean ? [] : conflictKindsOf(parseMergedTree(parts, clean));
}
