import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallError } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { readTextIfPresent } from '../util/files.ts';
import { type Change, gitFolderOf, type Holder } from './checkout.ts';
import { branchTips } from './refs.ts';
import { gitLine } from './repositoryState.ts';

/** Milliseconds between attempts while another git holds the lock of the index or ref: 2.5 s in all. */
const RETRY_DELAYS_MS = [50, 100, 200, 400, 800, 950];
const LOCKED = /\.lock': File exists|could not lock|cannot lock ref.*unable to (?:create|lock)/i;

/** How moving the target ended. */
export type Advanced =
  | { readonly kind: 'moved' }
  /** Somebody else moved the target first: the merge has to be made anew. */
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'refused'; readonly error: CallError };

export interface Advance {
  readonly target: string;
  readonly branch: string;
  /** Where the target has to stand still. */
  readonly from: string;
  /** A descendant of `from`. */
  readonly to: string;
  readonly holder: Holder | null;
  /** Untracked files of the very content the merge brings; they become tracked. */
  readonly same: readonly Change[];
}

/**
 * Moves the target. Where no worktree has it checked out, its ref moves by compare-and-swap. Where one has, git's own
 * fast-forward moves files, index and ref together (docs/decisions/merge.md): it keeps uncommitted changes of other
 * files, refuses those in the way, and refuses a branch that no longer leads to the new commit.
 */
export async function advanceTarget(git: Git, advance: Advance): Promise<Advanced> {
  const { holder, same } = advance;
  if (holder === null) return compareAndSwap(git, advance);
  if (same.length > 0) {
    // Known to the index with the content the merge brings, they are no strangers in its way.
    const input = same.map(({ mode, oid, path }) => `${mode} ${oid}\t${path}\0`).join('');
    const adopted = await holder.git(['update-index', '--add', '-z', '--index-info'], { input });
    if (adopted.code !== 0) return refusedBy(advance, adopted.stderr);
  }
  const outcome = await fastForward(git, holder, advance);
  if (outcome.kind !== 'moved' && same.length > 0) await disown(holder, same);
  return outcome;
}

/** Takes files out of the index again that the merge would have brought. */
export async function disown(holder: Holder, same: readonly Pick<Change, 'path'>[]): Promise<void> {
  const input = same.map(({ path }) => `${path}\0`).join('');
  await holder.git(['update-index', '--force-remove', '-z', '--stdin'], { input });
}

async function fastForward(git: Git, holder: Holder, advance: Advance): Promise<Advanced> {
  const { target, from, to } = advance;
  for (const wait of [...RETRY_DELAYS_MS, null]) {
    if ((await standsAt(git, holder, target)) !== from) return { kind: 'overtaken' };
    const output = await holder.git(
      [
        // `branch.<target>.mergeOptions` such as `--squash` would stage the merge without moving the branch.
        `--config-env=branch.${target}.mergeOptions=OVERSTORY_NO_OPTIONS`,
        '-c',
        'merge.verifySignatures=false',
        'merge',
        '--ff-only',
        '--quiet',
        '--no-squash',
        '--no-autostash',
        '--no-overwrite-ignore',
        to,
      ],
      { env: { OVERSTORY_NO_OPTIONS: '' } },
    );
    if (output.code === 0) return { kind: 'moved' };
    const after = (await branchTips(git, [target])).get(target)?.commit;
    // It failed after it had moved the branch, as a failing post-merge hook does.
    if (after === to) return { kind: 'moved' };
    if (after !== from) return { kind: 'overtaken' };
    if (wait === null || !LOCKED.test(output.stderr)) return refusedBy(advance, output.stderr);
    await delay(wait);
  }
  return { kind: 'overtaken' };
}

/** Where a branch stands at this moment; its file is read where it has one, which takes no process. */
async function standsAt(git: Git, holder: Holder, branch: string): Promise<string | undefined> {
  const folder = await gitFolderOf(holder.path);
  const common = folder === null ? null : await readTextIfPresent(join(folder, 'commondir'));
  const refs =
    folder === null ? null : join(common === null ? folder : resolve(folder, common.trim()), 'refs', 'heads');
  const loose = refs === null ? null : await readTextIfPresent(join(refs, branch));
  if (loose !== null && /^[0-9a-f]{40,64}\n$/.test(loose)) return loose.trim();
  return (await branchTips(git, [branch])).get(branch)?.commit;
}

async function compareAndSwap(git: Git, advance: Advance): Promise<Advanced> {
  const { target, branch, from, to } = advance;
  for (const wait of [...RETRY_DELAYS_MS, null]) {
    const args = ['update-ref', '-m', `merge ${branch}: by ov merge`, `refs/heads/${target}`, to, from];
    const output = await git(args);
    if (output.code === 0) return { kind: 'moved' };
    const after = (await branchTips(git, [target])).get(target)?.commit;
    if (after === to) return { kind: 'moved' };
    if (after !== from) return { kind: 'overtaken' };
    if (wait === null || !LOCKED.test(output.stderr)) return refusedBy(advance, output.stderr);
    await delay(wait);
  }
  return { kind: 'overtaken' };
}

function refusedBy({ target, holder }: Advance, stderr: string): Advanced {
  const where = holder === null ? '' : ` in ${holder.path}`;
  const files = [...stderr.matchAll(/^\t(.+)$/gm)].map((match) => match[1] ?? '');
  const named = files.length === 0 ? '' : ` (${files.slice(0, 5).join(', ')})`;
  return {
    kind: 'refused',
    error: {
      tag: 'merge',
      message: `git does not move ${target}${where}: ${gitLine(stderr)}${named}`,
      ...(files.length === 0 ? {} : { data: { files } }),
    },
  };
}
