import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { RestoreInput, RestoreReply, SnapshotView } from '../../../contract/vault.ts';
import type { Git } from '../git/git.ts';
import { gitLine } from '../merge/repositoryState.ts';
import { canonicalPath, errorLine, isInside, pathExists } from '../util/files.ts';
import type { Worktrees } from '../worktrees/worktrees.ts';
import type { GitFolders } from './gitFolders.ts';
import { restoreHead, restoreOperation, restoreSnapshot } from './restoreWorktree.ts';
import type { SnapshotKeeper, Subject, Taken } from './snapshotKeeper.ts';
import { describeLeftOut } from './untrackedRules.ts';

export interface RestoreOptions {
  readonly git: Git;
  readonly keeper: SnapshotKeeper;
  readonly worktrees: Pick<Worktrees, 'list' | 'attach'>;
  readonly projectRoot: string;
  /** Absolute path of the folder that holds the agents' worktrees. */
  readonly worktreeFolder: string;
  /** Whose worktree a path is now. */
  readonly subjectOf: (worktree: string) => Promise<Subject>;
  /** Told of the snapshot that is taken before anything is overwritten. */
  readonly onTaken: (taken: Taken) => void;
}

/** Brings snapshots back. The caller makes sure that nobody works in the worktree meanwhile. */
export interface RestoreService {
  /** Where a restore would write, as far as it exists already; null when it makes a new worktree. */
  targetOf(snapshot: SnapshotView, input: RestoreInput): Promise<Result<string | null>>;
  into(worktree: string, snapshot: SnapshotView, input: RestoreInput): Promise<Result<RestoreReply>>;
  intoNew(snapshot: SnapshotView, input: RestoreInput): Promise<Result<RestoreReply>>;
}

/** Folder names tried for a new worktree: `<agent>`, `<agent>-restored`, then numbered. */
const LAST_NUMBER = 100;

export function createRestoreService(options: RestoreOptions): RestoreService {
  const { git, keeper, worktrees } = options;

  async function worktreePaths(): Promise<Result<readonly { path: string; branch: string }[]>> {
    const listed = await worktrees.list();
    if (!listed.ok) return listed;
    const entries = listed.value.map(async (entry) => ({
      branch: entry.branch,
      path: await canonicalPath(entry.path),
    }));
    return ok(await Promise.all(entries));
  }

  /** Moves HEAD, or says why it stays. @returns warnings, and whether HEAD is where the snapshot saw it. */
  async function settleHead(
    folders: GitFolders,
    snapshot: SnapshotView,
    current: Pick<SnapshotView, 'head' | 'branch'>,
    moveHead: boolean,
  ): Promise<{ readonly same: boolean; readonly warnings: readonly string[] }> {
    if (current.head === snapshot.head && current.branch === snapshot.branch) return { same: true, warnings: [] };
    const then = describeHead(snapshot);
    if (!moveHead) {
      const line = `HEAD stays at ${describeHead(current)}, it was at ${then}: restore with --move-head to set it back`;
      return { same: false, warnings: [line] };
    }
    const listed = await worktreePaths();
    const here = await canonicalPath(folders.top);
    const holder = listed.ok
      ? listed.value.find((entry) => entry.branch === snapshot.branch && entry.path !== here && entry.branch !== '')
      : undefined;
    const refusal =
      holder === undefined
        ? await restoreHead(git, folders, snapshot)
        : `branch ${snapshot.branch ?? ''} is checked out at ${holder.path}`;
    return refusal === null
      ? { same: true, warnings: [] }
      : { same: false, warnings: [`HEAD stays at ${describeHead(current)}: ${refusal}`] };
  }

  async function fill(
    folders: GitFolders,
    snapshot: SnapshotView,
    now: string | null,
    head: () => Promise<{ readonly same: boolean; readonly warnings: readonly string[] }>,
  ): Promise<Result<Omit<RestoreReply, 'before' | 'branch'>>> {
    let restored: Awaited<ReturnType<typeof restoreSnapshot>>;
    try {
      restored = await restoreSnapshot(git, folders, snapshot, now);
    } catch (error) {
      // The file system said no: a full disk, missing rights. What was there before is kept.
      return fail(
        'worktree',
        `${folders.top} could not be written: ${errorLine(error)}; make room there and restore again`,
      );
    }
    if (!restored.ok) return restored;
    const { written, removed, operation } = restored.value;
    const settled = await head();
    const warnings = [...restored.value.warnings, ...settled.warnings];
    if (settled.same) await restoreOperation(folders, operation);
    else if (snapshot.operation !== null) {
      warnings.push(`the ${snapshot.operation} that was under way is not continued, because HEAD is elsewhere`);
    }
    const missing = describeLeftOut(snapshot.leftOut, snapshot.leftOutCount);
    if (missing !== null) warnings.push(`the snapshot did not hold ${missing}`);
    return ok({ worktree: folders.top, written, removed, warnings });
  }

  async function into(worktree: string, snapshot: SnapshotView, input: RestoreInput): Promise<Result<RestoreReply>> {
    const folders = await keeper.folders(worktree);
    if (!folders.ok) return folders;
    const subject = await options.subjectOf(worktree);
    const detail = `back to ${snapshot.id}`;
    const before = await keeper.takeNow({ ...subject, worktree, reason: 'restore', detail });
    if (!before.ok) return before;
    options.onTaken(before.value);
    const view = before.value.snapshot;
    if (view === null) return fail('internal', `nothing could be kept of ${worktree}, so nothing is restored`);
    const filled = await fill(folders.value, snapshot, view.commit, () =>
      settleHead(folders.value, snapshot, view, input.moveHead),
    );
    if (!filled.ok) {
      const back = `what was there is kept as snapshot ${view.id}`;
      return { ok: false, error: { ...filled.error, message: `${filled.error.message} (${back})` } };
    }
    const after = await git(['symbolic-ref', '--quiet', '--short', 'HEAD'], { cwd: folders.value.top });
    return ok({ ...filled.value, branch: after.code === 0 ? after.stdout.trim() : null, before: view });
  }

  async function intoNew(snapshot: SnapshotView, input: RestoreInput): Promise<Result<RestoreReply>> {
    const name = await freeFolder(snapshot, input);
    const made = await worktrees.attach(name, snapshot.head ?? snapshot.commit);
    if (!made.ok) return made;
    const folders = await keeper.folders(made.value.path);
    if (!folders.ok) return folders;
    const branch = await giveBranch(folders.value, snapshot);
    // Files of HEAD first, with git's filters; then what the snapshot holds beyond them.
    if (snapshot.head !== null) {
      const reset = await git(['reset', '--hard', '--quiet'], { cwd: folders.value.top });
      if (reset.code !== 0) return fail('worktree', `git cannot fill ${folders.value.top}: ${gitLine(reset.stderr)}`);
    }
    const filled = await fill(folders.value, snapshot, snapshot.head, async () => ({ same: true, warnings: [] }));
    if (!filled.ok) return filled;
    const warnings =
      branch === snapshot.branch
        ? filled.value.warnings
        : [
            ...filled.value.warnings,
            `branch ${snapshot.branch ?? ''} has moved on or is in use; the worktree is on ${branch ?? 'no branch'}`,
          ];
    return ok({ ...filled.value, warnings, branch, before: null });
  }

  async function freeFolder(snapshot: SnapshotView, input: RestoreInput): Promise<string> {
    if (input.folder !== undefined) return input.folder;
    const stem = snapshot.agentName ?? 'checkout';
    const names = [stem, `${stem}-restored`];
    for (let number = 2; number <= LAST_NUMBER; number += 1) names.push(`${stem}-restored-${number}`);
    for (const name of input.into === 'new' ? names.slice(1) : names) {
      if (!(await pathExists(join(options.worktreeFolder, name)))) return name;
    }
    return `${stem}-restored-${snapshot.id}`;
  }

  /** The snapshot's own branch when it is free and where it was, else one of its own. @returns its name, null when detached. */
  async function giveBranch(folders: GitFolders, snapshot: SnapshotView): Promise<string | null> {
    const { branch, head } = snapshot;
    if (branch === null) return null;
    const run = (args: readonly string[]) => git(args, { cwd: folders.top });
    const listed = await worktreePaths();
    const used = !listed.ok || listed.value.some((entry) => entry.branch === branch);
    const tip = await run(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`]);
    const free = tip.code !== 0 || (head !== null && tip.stdout.trim() === head);
    const name = !used && free ? branch : `${branch}-${snapshot.id}`;
    const ref = `refs/heads/${name}`;
    const message = ['-m', `ov vault restore ${snapshot.id}`];
    if (head !== null && (await run(['update-ref', ...message, ref, head])).code !== 0) return null;
    return (await run(['symbolic-ref', ...message, 'HEAD', ref])).code === 0 ? name : null;
  }

  return {
    async targetOf(snapshot, input) {
      if (input.into === 'new') return ok(null);
      const listed = await worktreePaths();
      if (!listed.ok) return listed;
      const wanted =
        snapshot.agentName === null ? await realpath(options.projectRoot) : await canonicalPath(snapshot.worktree);
      if (listed.value.some((entry) => entry.path === wanted) && (await pathExists(wanted))) return ok(wanted);
      const folder = await canonicalPath(options.worktreeFolder);
      // A folder elsewhere that is gone is not made again: the message of a ref is no authority over the file system.
      if (isInside(dirname(wanted), folder)) return ok(null);
      return fail('notFound', `${snapshot.worktree} is no worktree any more; restore it with --new`);
    },
    into,
    intoNew,
  };
}

function describeHead(where: Pick<SnapshotView, 'head' | 'branch'>): string {
  const commit = where.head === null ? 'no commit' : where.head.slice(0, 10);
  return where.branch === null ? commit : `${where.branch} (${commit})`;
}
