import { splitNul } from '../git/git.ts';

/** One entry of `git worktree list --porcelain`. */
export interface WorktreeEntry {
  readonly path: string;
  /** Full commit id; empty for a bare repository. */
  readonly head: string;
  /** Without `refs/heads/`; empty when detached. */
  readonly branch: string;
}

/** Reads `git worktree list --porcelain`: blocks of lines, parted by a blank line (spec 02 §3.5). */
export function parseWorktreeList(output: string): readonly WorktreeEntry[] {
  return output.split(/\n\n+/).flatMap((block): WorktreeEntry[] => {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const space = line.indexOf(' ');
      if (space < 0) fields.set(line, '');
      else fields.set(line.slice(0, space), line.slice(space + 1));
    }
    const path = fields.get('worktree');
    if (path === undefined) return [];
    return [
      { path, head: fields.get('HEAD') ?? '', branch: (fields.get('branch') ?? '').replace(/^refs\/heads\//, '') },
    ];
  });
}

/** A file that differs from the base. */
export interface ChangedFile {
  /** Relative to the repository, forward slashes. */
  readonly path: string;
  /** Lines; null for a binary file and for one git does not know yet. */
  readonly added: number | null;
  readonly removed: number | null;
  /** True while no commit and no index knows the file. */
  readonly untracked: boolean;
}

/** Reads `git diff --numstat --no-renames -z`. */
export function parseNumstat(output: string): readonly ChangedFile[] {
  return splitNul(output).flatMap((row): ChangedFile[] => {
    const [added, removed, ...path] = row.split('\t');
    if (added === undefined || removed === undefined || path.length === 0) return [];
    return [{ path: path.join('\t'), added: lineCount(added), removed: lineCount(removed), untracked: false }];
  });
}

/** Reads `git status --porcelain -z --no-renames`: two state letters, a space, the path. */
export function parseStatus(output: string): ReadonlyArray<{ readonly state: string; readonly path: string }> {
  return splitNul(output).map((row) => ({ state: row.slice(0, 2), path: row.slice(3) }));
}

function lineCount(text: string): number | null {
  return text === '-' ? null : Number(text);
}
