import type { LossFinding, MergeSide } from '../../../contract/lossAudit.ts';
import { splitNul } from '../git/git.ts';

/** A file in a tree. */
export interface TreeFile {
  readonly path: string;
  readonly mode: string;
  readonly oid: string;
}

/** What one tree changed against the common ancestor, renames found: each side null where there is no file. */
export interface TreeChange {
  readonly before: TreeFile | null;
  readonly after: TreeFile | null;
}

/** One file around a merge; null where a version does not have it. */
export interface FileCase {
  readonly base: TreeFile | null;
  readonly ours: TreeFile | null;
  readonly theirs: TreeFile | null;
  /** What the result has of it: more than one where both sides gave it a new name. */
  readonly results: readonly TreeFile[];
}

export type FileFinding = Omit<LossFinding, 'decision'>;

const NO_FILE = '000000';

/** Reads `git diff-tree -r -z --raw`, with or without renames. */
export function parseRawDiff(output: string): TreeChange[] {
  const parts = splitNul(output);
  const changes: TreeChange[] = [];
  for (let index = 0; index < parts.length; ) {
    const match = /^:(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])/.exec(parts[index] ?? '');
    // The first record of a commit's diff is its name.
    if (match === null) {
      index += 1;
      continue;
    }
    const [, modeBefore = '', modeAfter = '', oidBefore = '', oidAfter = '', letter = ''] = match;
    const renamed = letter === 'R' || letter === 'C';
    const path = parts[index + 1] ?? '';
    const pathAfter = renamed ? (parts[index + 2] ?? '') : path;
    index += renamed ? 3 : 2;
    const before = modeBefore === NO_FILE || letter === 'C' ? null : { path, mode: modeBefore, oid: oidBefore };
    const after = modeAfter === NO_FILE ? null : { path: pathAfter, mode: modeAfter, oid: oidAfter };
    changes.push({ before, after });
  }
  return changes;
}

/**
 * Every file either side changed, with what the result has of it. Files follow their renames; a name that one side left
 * and another file took does not count for the one that left.
 * @param result what the result changed against the common ancestor, without renames.
 */
export function fileCases(
  ours: readonly TreeChange[],
  theirs: readonly TreeChange[],
  result: readonly TreeChange[],
): FileCase[] {
  const resultAt = new Map(result.map((change) => [pathOf(change), change.after]));
  const left = bySource(ours);
  const right = bySource(theirs);
  const addedLeft = byTarget(ours);
  const addedRight = byTarget(theirs);
  const cases: FileCase[] = [];
  for (const path of new Set([...left.keys(), ...right.keys()])) {
    const base = left.get(path)?.before ?? right.get(path)?.before ?? null;
    const one = left.has(path) ? (left.get(path)?.after ?? null) : base;
    const other = right.has(path) ? (right.get(path)?.after ?? null) : base;
    const names = new Set([one?.path, other?.path]);
    // Somebody's new file under the old name is that file's business.
    if (!addedLeft.has(path) && !addedRight.has(path)) names.add(path);
    const results = [...names].flatMap((name) => {
      if (name === undefined) return [];
      const changed = resultAt.get(name);
      if (changed !== undefined) return changed === null ? [] : [changed];
      // What the result did not change it has from the base, which has this file under this name only.
      return name === path && base !== null ? [base] : [];
    });
    cases.push({ base, ours: one, theirs: other, results });
  }
  for (const path of new Set([...addedLeft.keys(), ...addedRight.keys()])) {
    const one = addedLeft.get(path) ?? null;
    const other = addedRight.get(path) ?? null;
    const there = resultAt.get(path) ?? null;
    cases.push({ base: null, ours: one, theirs: other, results: there === null ? [] : [there] });
  }
  return cases;
}

const pathOf = (change: TreeChange): string => change.after?.path ?? change.before?.path ?? '';

function bySource(changes: readonly TreeChange[]): Map<string, TreeChange> {
  return new Map(changes.flatMap((change) => (change.before === null ? [] : [[change.before.path, change] as const])));
}

function byTarget(changes: readonly TreeChange[]): Map<string, TreeFile> {
  return new Map(
    changes.flatMap((change) =>
      change.before === null && change.after !== null ? [[change.after.path, change.after] as const] : [],
    ),
  );
}

export const sameContent = (one: TreeFile | null, other: TreeFile | null): boolean =>
  one === null || other === null ? one === other : one.oid === other.oid && one.mode === other.mode;

/** True when the result is what one side made of a file that the other left alone, or what both made of it. */
export function isTakenOver({ base, ours, theirs, results }: FileCase): boolean {
  if (results.length > 1) return false;
  const result = results[0] ?? null;
  const same = (one: TreeFile | null, other: TreeFile | null): boolean =>
    sameContent(one, other) && one?.path === other?.path;
  return (
    (same(result, ours) && (same(theirs, base) || same(theirs, ours))) || (same(result, theirs) && same(ours, base))
  );
}

/** True for a file with lines; links, submodules and the like are compared as a whole. */
export const isPlainFile = (file: TreeFile | null): boolean => file?.mode.startsWith('100') === true;

/** What can be said of a file without reading it: its name, its mode, whether it is there at all. */
export function auditEntry(file: FileCase, elsewhere: (oid: string) => TreeFile | undefined): FileFinding[] {
  const { base, results } = file;
  const findings: FileFinding[] = [];
  for (const [side, own, other] of [
    ['target', file.ours, file.theirs],
    ['branch', file.theirs, file.ours],
  ] as const) {
    const otherName = side === 'target' ? 'the branch' : 'the target';
    const finding = (
      what: 'file' | 'mode',
      subject: TreeFile,
      verdict: 'superseded' | 'lost',
      reason: string,
      by: LossFinding['by'] = null,
    ): void => {
      findings.push({ file: subject.path, side, what, line: 0, lines: 0, text: '', verdict, reason, by });
    };
    if (own === null) {
      if (base === null || results.length === 0) continue;
      const [result = base] = results;
      if (other === null || sameContent(result, base)) {
        finding('file', base, 'lost', 'it was deleted and is there again');
      } else {
        const by = byFile(side === 'target' ? 'branch' : 'target', other);
        finding('file', base, 'superseded', `it was deleted; ${otherName} changed it and the result keeps that`, by);
      }
      continue;
    }
    if (sameContent(own, base) && own.path === base?.path) continue;
    if (results.length === 0) {
      const moved = elsewhere(own.oid);
      if (moved !== undefined) finding('file', own, 'superseded', `it is ${moved.path} now`, byFile('result', moved));
      else finding('file', own, 'lost', other === null && base !== null ? `${otherName} deleted it` : 'it is missing');
      continue;
    }
    if (base !== null && own.path !== base.path && !results.some((result) => result.path === own.path)) {
      const renamed =
        other !== null && other.path !== base.path ? results.find(({ path }) => path === other.path) : undefined;
      if (renamed !== undefined) {
        finding('file', own, 'superseded', `${otherName} gave it another name`, byFile('result', renamed));
      } else finding('file', own, 'lost', `it was renamed from ${base.path} and has its old name again`);
    }
    if (own.mode !== (base?.mode ?? own.mode) && !results.some((result) => result.mode === own.mode)) {
      finding('mode', own, 'lost', `its mode is ${results[0]?.mode ?? 'gone'} and not ${own.mode}`);
    }
  }
  return findings;
}

function byFile(version: 'target' | 'branch' | 'result', file: TreeFile): NonNullable<LossFinding['by']> {
  return { version, file: file.path, line: 0, text: '' };
}

/** Links, submodules, binaries: the result has to be what each side made of it, since there are no lines to look for. */
export function auditWhole(file: FileCase, reason: string): FileFinding[] {
  return (['target', 'branch'] as const).flatMap((side: MergeSide): FileFinding[] => {
    const own = side === 'target' ? file.ours : file.theirs;
    if (own === null || own.oid === file.base?.oid || file.results.some((result) => result.oid === own.oid)) return [];
    const what = 'file' as const;
    return [{ file: own.path, side, what, line: 0, lines: 0, text: '', verdict: 'lost', reason, by: null }];
  });
}
