import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { type Git, splitNul } from '../git/git.ts';
import { gitLine, nameFiles } from './repositoryState.ts';

/** Start of the message of our stash entries (spec 02 §2.4). The list is shared by all worktrees, so each carries its merge's id. */
const MESSAGE = 'ov-merge: auto-stash dirty files';

function stashMessage(id: string): string {
  return `${MESSAGE} [${id}]`;
}

interface StashEntry {
  /** `stash@{n}`, valid only until somebody changes the list. */
  readonly name: string;
  readonly commit: string;
}

/** Tracked files that differ from HEAD, staged or not (spec 02 §2.4, step 2). */
export async function dirtyTrackedFiles(git: Git): Promise<string[]> {
  const unstaged = await git(['diff', '--name-only', '--no-renames', '-z', '--ignore-submodules=dirty']);
  const staged = await git(['diff', '--cached', '--name-only', '--no-renames', '-z', '--ignore-submodules=dirty']);
  return [...new Set([...splitNul(unstaged.stdout), ...splitNul(staged.stdout)])];
}

/** Puts the changes of all tracked files away (spec 02 §2.4, step 3). */
export async function stashDirtyFiles(
  git: Git,
  id: string,
  files: readonly string[],
): Promise<Result<void, CallError>> {
  const output = await git(['stash', 'push', '--quiet', '--message', stashMessage(id)]);
  if (output.code === 0) return ok(undefined);
  return fail(
    'merge',
    `Cannot put the uncommitted changes in ${nameFiles(files)} aside: ${gitLine(output.stderr)}; commit or discard them, then merge again`,
    { data: { files } },
  );
}

/**
 * Brings the changes of one merge back and gives the warnings. When they no longer fit (the merge changed the same
 * lines), nothing is applied: the stash entry stays and the warning names it, instead of leaving conflict markers in
 * the checkout. Safe to call again, and when nothing was put away.
 */
export async function restoreStash(git: Git, id: string): Promise<string[]> {
  const entry = await findEntry(git, id);
  if (entry === null) return [];
  const kept = `your uncommitted changes are kept as ${entry.name} "${stashMessage(id)}"`;
  // The entry's base is an ancestor of HEAD, so this is exactly the merge that applying it would do, done on no files.
  const fits = await git(['merge-tree', '--write-tree', '--no-messages', 'HEAD', entry.commit]);
  if (fits.code !== 0)
    return [`${kept}: they touch lines the merge changed; bring them back with: git stash pop ${entry.name}`];
  const restored = fits.stdout.trim();
  // Killed between applying and dropping, the last time round: the files have it all already.
  if (await holdsAll(git, entry.commit, restored)) return dropEntry(git, id, entry.commit);
  const withIndex = await git(['stash', 'apply', '--quiet', '--index', entry.commit]);
  const applied = withIndex.code === 0 ? withIndex : await git(['stash', 'apply', '--quiet', entry.commit]);
  if (applied.code !== 0) {
    return [`${kept}: ${gitLine(applied.stderr)}; bring them back with: git stash pop ${entry.name}`];
  }
  return dropEntry(git, id, entry.commit);
}

/** True when every file of the stash entry is on disk as applying the entry would leave it. */
async function holdsAll(git: Git, commit: string, restored: string): Promise<boolean> {
  const files = splitNul((await git(['diff', '--name-only', '--no-renames', '-z', `${commit}^1`, commit])).stdout);
  const paths = files.map((path) => `:(top,literal)${path}`);
  return paths.length > 0 && (await git(['diff', '--quiet', restored, '--', ...paths])).code === 0;
}

/** Drops our entry. Its number may have changed since it was found, so what was really dropped is checked and a stranger's put back. */
async function dropEntry(git: Git, id: string, commit: string): Promise<string[]> {
  const entry = await findEntry(git, id);
  if (entry === null || entry.commit !== commit) return [];
  const output = await git(['stash', 'drop', entry.name]);
  const dropped = /\(([0-9a-f]{40,64})\)\s*$/.exec(output.stdout)?.[1];
  if (dropped === undefined || dropped === commit) return [];
  await git(['stash', 'store', '--message', 'kept by ov merge', dropped]);
  return [`the stash entry "${stashMessage(id)}" is applied already and can be dropped`];
}

async function findEntry(git: Git, id: string): Promise<StashEntry | null> {
  const output = await git(['stash', 'list', '-z', '--format=%gd%x09%H%x09%gs']);
  for (const line of splitNul(output.stdout)) {
    const [name = '', commit = '', subject = ''] = line.split('\t');
    if (subject.endsWith(stashMessage(id))) return { name, commit };
  }
  return null;
}
