import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { gitLine } from '../merge/repositoryState.ts';
import { decodeSnapshot, type KeptSnapshot, VAULT_REFS } from './snapshotRecord.ts';

/** Every snapshot the repository keeps, by one process. */
export async function listSnapshots(git: Git): Promise<Result<readonly KeptSnapshot[]>> {
  const output = await git(['for-each-ref', '--format=%(refname)%00%(objectname)%00%(contents:body)%00', VAULT_REFS]);
  if (output.code !== 0) return fail('worktree', `git cannot list the vault: ${gitLine(output.stderr)}`);
  const parts = output.stdout.split('\0');
  const kept: KeptSnapshot[] = [];
  for (let at = 0; at + 2 < parts.length; at += 3) {
    const snapshot = decodeSnapshot((parts[at] ?? '').trim(), parts[at + 1] ?? '', parts[at + 2] ?? '');
    if (snapshot !== null) kept.push(snapshot);
  }
  return ok(kept);
}

/** Lets go of snapshots: only their refs go, git's own clean-up takes the rest when it comes by. All or none. */
export async function dropSnapshots(
  git: Git,
  snapshots: readonly { readonly ref: string; readonly commit: string }[],
): Promise<Result<null>> {
  if (snapshots.length === 0) return ok(null);
  const input = snapshots.map(({ ref, commit }) => `delete ${ref} ${commit}\n`).join('');
  const output = await git(['update-ref', '--stdin'], { input });
  if (output.code === 0) return ok(null);
  return fail('worktree', `the snapshots cannot be dropped: ${gitLine(output.stderr)}`);
}
