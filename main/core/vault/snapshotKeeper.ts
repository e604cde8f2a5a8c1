import { randomBytes } from 'node:crypto';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { SnapshotView, VaultReason } from '../../../contract/vault.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import type { VaultSettings } from '../config/vaultSettings.ts';
import type { Git } from '../git/git.ts';
import { canonicalPath } from '../util/files.ts';
import { SerialQueue } from '../util/serialQueue.ts';
import { type Capture, captureWorktree } from './capture.ts';
import { createFolderFinder, type GitFolders } from './gitFolders.ts';
import { byAge, chooseDropped } from './ringRules.ts';
import { encodeRecord, type KeptSnapshot, type SnapshotRecord, snapshotId, snapshotRef } from './snapshotRecord.ts';
import { dropSnapshots, listSnapshots } from './snapshotRefs.ts';
import { writeSnapshot } from './writeSnapshot.ts';

/** All bounds of the vault; `controlRoom.vault` of the config. */
export type VaultLimits = VaultSettings;

/** Whose state is kept, and where it lies. */
export interface Subject {
  /** Null for the project's own checkout. */
  readonly agentName: string | null;
  readonly worktree: string;
}

export interface TakeRequest extends Subject {
  readonly reason: VaultReason;
  readonly detail: string;
  /**
   * When nothing needs to be kept: `work`, when nothing is uncommitted; `loss`, when in addition another branch or tag
   * holds every commit.
   */
  readonly unlessWithout?: 'work' | 'loss';
  /** Only to look at: nothing leaves the ring for it, and the caller drops it again. */
  readonly passing?: boolean;
}

/** `snapshot` is null when there was nothing to keep; `taken` is false as well when the newest one holds it already. */
export interface Taken {
  readonly snapshot: SnapshotView | null;
  readonly taken: boolean;
  /** Snapshots that left the ring for it. */
  readonly dropped: readonly SnapshotView[];
  /** What the state holds that no snapshot can. */
  readonly leftOut: Pick<SnapshotView, 'leftOut' | 'leftOutCount'>;
}

export interface SnapshotKeeper {
  take(request: TakeRequest): Promise<Result<Taken>>;
  /** Read from the repository, oldest first. */
  list(): Promise<Result<readonly SnapshotView[]>>;
  /** Keeps the tip of a branch that has no worktree, unless another branch or tag holds it; null then. */
  keepBranch(branch: string, owner: Subject, detail: string): Promise<Result<Taken>>;
  drop(snapshots: readonly SnapshotView[]): Promise<Result<null>>;
  folders(worktree: string): Promise<Result<GitFolders>>;
  /** One thing at a time in a worktree; for a restore, which takes snapshots of its own by `takeNow`. */
  alone<Value>(worktree: string, work: () => Promise<Value>): Promise<Value>;
  /** As `take`, for callers inside `alone`. */
  takeNow(request: TakeRequest): Promise<Result<Taken>>;
}

/** Left-out files named in a record; the rest are counted. */
const LEFT_OUT_NAMED = 100;

/** Takes snapshots, keeps them within the ring's limits, and knows an unchanged state again. */
export function createSnapshotKeeper(options: {
  readonly git: Git;
  readonly clock: Clock;
  readonly limits: () => VaultLimits;
}): SnapshotKeeper {
  const { git, clock, limits } = options;
  const findFolders = createFolderFinder(git);
  const line = new SerialQueue();
  /** What is kept, by ref; read once and followed, because this engine alone writes here. */
  let kept: Map<string, KeptSnapshot> | null = null;

  async function refresh(): Promise<Result<Map<string, KeptSnapshot>>> {
    const listed = await listSnapshots(git);
    if (!listed.ok) return listed;
    kept = new Map(listed.value.map((snapshot) => [snapshot.ref, snapshot]));
    return ok(kept);
  }

  const views = (all: Map<string, KeptSnapshot>): SnapshotView[] =>
    [...all.values()].map((snapshot) => snapshot.view).sort(byAge);

  /** The newest snapshot of the subject, when it holds this very state and still is there. */
  async function sameAsNewest(agentName: string | null, capture: Capture): Promise<SnapshotView | null> {
    const all = kept ?? new Map<string, KeptSnapshot>();
    const own = [...all.values()].filter((snapshot) => snapshot.view.agentName === agentName);
    const newest = own.sort((one, other) => byAge(one.view, other.view)).at(-1);
    if (newest === undefined || newest.key !== capture.key) return null;
    const found = await git(['rev-parse', '--verify', '--quiet', newest.ref]);
    return found.stdout.trim() === newest.view.commit ? newest.view : null;
  }

  async function heldElsewhere(capture: Capture): Promise<boolean> {
    if (capture.head === null) return true;
    const args = ['for-each-ref', '--count=2', '--format=%(refname)', '--contains', capture.head];
    const refs = await git([...args, 'refs/heads', 'refs/remotes', 'refs/tags']);
    const own = `refs/heads/${capture.branch ?? ''}`;
    return refs.stdout.split('\n').some((ref) => ref !== '' && ref !== own);
  }

  async function takeNow(request: TakeRequest): Promise<Result<Taken>> {
    const folders = await findFolders(request.worktree);
    if (!folders.ok) return folders;
    const captured = await captureWorktree(git, folders.value, limits());
    if (!captured.ok) return captured;
    return keep(request, folders.value, captured.value);
  }

  async function keep(request: TakeRequest, folders: GitFolders, capture: Capture): Promise<Result<Taken>> {
    const { agentName, reason, detail } = request;
    const leftOut = { leftOut: capture.leftOut.slice(0, LEFT_OUT_NAMED), leftOutCount: capture.leftOut.length };
    if (request.unlessWithout !== undefined && capture.clean) {
      // Commits made on no branch are work as well: the next checkout would leave them to git gc.
      const needed = (request.unlessWithout === 'loss' || capture.branch === null) && !(await heldElsewhere(capture));
      if (!needed) return ok({ snapshot: null, taken: false, dropped: [], leftOut });
    }
    const all = kept === null ? await refresh() : ok(kept);
    if (!all.ok) return all;
    const same = await sameAsNewest(agentName, capture);
    if (same !== null) return ok({ snapshot: same, taken: false, dropped: [], leftOut });

    const now = freeMoment(all.value, clock.now());
    const takenAt = timestamp(now);
    const id = snapshotId(takenAt, randomBytes(2).toString('hex'));
    const { head, branch, counts, operation } = capture;
    const record: SnapshotRecord = {
      version: 1,
      key: capture.key,
      reason,
      detail,
      takenAt,
      worktree: folders.top,
      branch: branch === null ? null : Buffer.from(branch, 'latin1').toString('utf8'),
      head,
      operation: operation?.name ?? null,
      ...counts,
      bytes: capture.bytes,
      ...leftOut,
    };
    const ref = snapshotRef(agentName, id);
    const written = await writeSnapshot(git, folders, capture, {
      ref,
      message: encodeRecord(record),
      takenAt: now,
    });
    if (!written.ok) return written;
    const { version: _version, key, ...facts } = record;
    const view: SnapshotView = { id, agentName, commit: written.value, ...facts };
    all.value.set(ref, { ref, key, view });
    const dropped = request.passing === true ? [] : chooseDropped(views(all.value), limits(), now);
    const gone = await drop(dropped);
    // The snapshot is taken; what is too much goes the next time.
    return ok({ snapshot: view, taken: true, dropped: gone.ok ? dropped : [], leftOut });
  }

  async function keepBranch(branch: string, owner: Subject, detail: string): Promise<Result<Taken>> {
    const folders = await findFolders(owner.worktree);
    if (!folders.ok) return folders;
    const tip = await git(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`]);
    if (tip.code !== 0) return fail('worktree', `there is no branch ${branch}`);
    return keep(
      { ...owner, reason: 'removal', detail, unlessWithout: 'loss' },
      folders.value,
      unchangedAt(tip.stdout.trim(), branch),
    );
  }

  /** Of two snapshots of one millisecond the later must be known as the newer one. */
  function freeMoment(all: Map<string, KeptSnapshot>, now: number): number {
    const used = new Set([...all.values()].map((snapshot) => snapshot.view.takenAt));
    let moment = now;
    while (used.has(timestamp(moment))) moment += 1;
    return moment;
  }

  async function drop(snapshots: readonly SnapshotView[]): Promise<Result<null>> {
    const refs = snapshots.map((view) => ({ ref: snapshotRef(view.agentName, view.id), commit: view.commit }));
    const dropped = await dropSnapshots(git, refs);
    if (dropped.ok) for (const { ref } of refs) kept?.delete(ref);
    // Somebody else has removed some: what is there is read anew.
    else await refresh();
    return dropped;
  }

  async function alone<Value>(worktree: string, work: () => Promise<Value>): Promise<Value> {
    return line.run(await canonicalPath(worktree), work);
  }

  return {
    take: (request) => alone(request.worktree, () => takeNow(request)),
    takeNow,
    async list() {
      const all = await refresh();
      return all.ok ? ok(views(all.value)) : all;
    },
    keepBranch: (branch, owner, detail) => alone(owner.worktree, () => keepBranch(branch, owner, detail)),
    drop,
    folders: findFolders,
    alone,
  };
}

/** The state of a worktree that holds a branch's tip and nothing else. */
function unchangedAt(commit: string, branch: string): Capture {
  return {
    head: commit,
    branch: Buffer.from(branch, 'utf8').toString('latin1'),
    index: [],
    work: [],
    extras: { flagged: [], intended: [], conflicts: [] },
    operation: null,
    counts: { staged: 0, changed: 0, untracked: 0 },
    bytes: 0,
    leftOut: [],
    key: `branch ${commit}`,
    clean: true,
  };
}
