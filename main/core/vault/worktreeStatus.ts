import type { PathBytes } from './pathBytes.ts';

/** One version of a path in conflict: 1 base, 2 ours, 3 theirs. */
export interface ConflictStage {
  readonly stage: 1 | 2 | 3;
  readonly mode: string;
  readonly oid: string;
}

export type StatusEntry =
  | {
      readonly kind: 'tracked';
      readonly path: PathBytes;
      /** HEAD against index: `.`, `A`, `M`, `T`, `D`. */
      readonly staged: string;
      /** Index against files: `.`, `M`, `T`, `D`, or `A` for an entry made by `git add -N`. */
      readonly unstaged: string;
      /** `N...` for a file, `S...` with letters for a submodule. */
      readonly submodule: string;
      readonly indexMode: string;
      readonly indexOid: string;
      readonly fileMode: string;
    }
  | {
      readonly kind: 'conflict';
      readonly path: PathBytes;
      readonly submodule: string;
      readonly stages: readonly ConflictStage[];
      readonly fileMode: string;
    }
  | { readonly kind: 'untracked'; readonly path: PathBytes };

/** What git says of a worktree. */
export interface WorktreeStatus {
  /** Commit of HEAD; null before the first commit. */
  readonly head: string | null;
  /** Short name of the branch, latin1 bytes; null when HEAD is detached. */
  readonly branch: string | null;
  readonly entries: readonly StatusEntry[];
}

/** Arguments of the call whose output `parseWorktreeStatus` reads. */
export const STATUS_ARGS = [
  'status',
  '--porcelain=v2',
  '--branch',
  '-z',
  '--no-renames',
  '--no-ahead-behind',
  '--untracked-files=all',
  '--ignore-submodules=none',
];

const ABSENT = '000000';

/** Reads `git status --porcelain=v2 --branch -z` without renames, decoded as latin1. */
export function parseWorktreeStatus(output: string): WorktreeStatus {
  let head: string | null = null;
  let branch: string | null = null;
  const entries: StatusEntry[] = [];
  for (const record of output.split('\0')) {
    switch (record[0]) {
      case '#':
        if (record.startsWith('# branch.oid ')) head = orNull(record.slice(13), '(initial)');
        if (record.startsWith('# branch.head ')) branch = orNull(record.slice(14), '(detached)');
        break;
      case '1': {
        const [fields, path] = cut(record, 8);
        const [, letters = '..', submodule = '', , indexMode = '', fileMode = '', , indexOid = ''] = fields;
        const [staged = '.', unstaged = '.'] = letters;
        entries.push({ kind: 'tracked', path, staged, unstaged, submodule, indexMode, indexOid, fileMode });
        break;
      }
      case 'u': {
        const [fields, path] = cut(record, 10);
        const [, , submodule = '', ...rest] = fields;
        const stages = ([1, 2, 3] as const).flatMap((stage): ConflictStage[] => {
          const mode = rest[stage - 1] ?? ABSENT;
          return mode === ABSENT ? [] : [{ stage, mode, oid: rest[stage + 3] ?? '' }];
        });
        entries.push({ kind: 'conflict', path, submodule, stages, fileMode: rest[3] ?? ABSENT });
        break;
      }
      case '?':
        entries.push({ kind: 'untracked', path: record.slice(2) });
        break;
    }
  }
  return { head, branch, entries };
}

/** Cuts a record after so many fields; what follows is the path, spaces included. */
function cut(record: string, count: number): readonly [readonly string[], PathBytes] {
  let at = 0;
  const fields: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const space = record.indexOf(' ', at);
    fields.push(record.slice(at, space));
    at = space + 1;
  }
  return [fields, record.slice(at)];
}

function orNull(text: string, none: string): string | null {
  return text === none ? null : text;
}
