import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { gitLine } from '../merge/repositoryState.ts';
import type { PathBytes } from './pathBytes.ts';

/** How one path differs between two trees. */
export interface TreeDifference {
  readonly path: PathBytes;
  readonly before: TreeEntry | null;
  readonly after: TreeEntry | null;
}

export interface TreeEntry {
  readonly mode: string;
  readonly oid: string;
}

export const GITLINK = '160000';
export const SYMLINK = '120000';
const ABSENT = '000000';

/** Compares two trees file by file. Null stands for the empty tree. */
export async function diffTrees(
  git: Git,
  before: string | null,
  after: string,
): Promise<Result<readonly TreeDifference[]>> {
  const args =
    before === null
      ? ['ls-tree', '-r', '-z', '--full-tree', after]
      : ['diff-tree', '-r', '-z', '--raw', '--no-abbrev', '--no-renames', before, after];
  const output = await git(args, { encoding: 'latin1' });
  if (output.code !== 0) return fail('worktree', `git cannot compare snapshots: ${gitLine(output.stderr)}`);
  return ok(before === null ? parseTree(output.stdout) : parseRawDiff(output.stdout));
}

/** Reads `diff-tree -z --raw`: `:<mode> <mode> <oid> <oid> <letter>`, NUL, path, NUL. */
export function parseRawDiff(output: string): readonly TreeDifference[] {
  const parts = output.split('\0');
  const found: TreeDifference[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [modeBefore = '', modeAfter = '', oidBefore = '', oidAfter = ''] = (parts[at] ?? '').slice(1).split(' ');
    found.push({
      path: parts[at + 1] ?? '',
      before: modeBefore === ABSENT ? null : { mode: modeBefore, oid: oidBefore },
      after: modeAfter === ABSENT ? null : { mode: modeAfter, oid: oidAfter },
    });
  }
  return found;
}

/** Reads `ls-tree -r -z`: `<mode> <type> <oid>`, tab, path, NUL. */
function parseTree(output: string): readonly TreeDifference[] {
  return output.split('\0').flatMap((record): TreeDifference[] => {
    const tab = record.indexOf('\t');
    const [mode = '', , oid = ''] = record.slice(0, tab).split(' ');
    return tab < 0 ? [] : [{ path: record.slice(tab + 1), before: null, after: { mode, oid } }];
  });
}
