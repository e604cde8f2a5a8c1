import { basename, resolve } from 'node:path';
import { AgentName, OPERATOR } from '../../../contract/ids.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { RestoreInput, RestoreReply, SnapshotFile, SnapshotView, VaultReason } from '../../../contract/vault.ts';
import { type Clock, parseTimestamp } from '../../platform/clock.ts';
import type { Log } from '../engineLog.ts';
import type { Git } from '../git/git.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { canonicalPath, pathExists } from '../util/files.ts';
import { parseBranchName } from '../worktrees/names.ts';
import type { BeforeRemoval, Worktrees } from '../worktrees/worktrees.ts';
import { filesOf, patchBetween } from './readSnapshot.ts';
import { createRestoreService } from './restoreService.ts';
import {
  createSnapshotKeeper,
  type Subject,
  type Taken,
  type TakeRequest,
  type VaultLimits,
} from './snapshotKeeper.ts';
import { describeLeftOut } from './untrackedRules.ts';
import { chooseSnapshot, snapshotSummary, type VaultEvent } from './vaultRules.ts';

export interface VaultOptions {
  readonly projectRoot: string;
  /** Absolute path of the folder that holds the agents' worktrees. */
  readonly worktreeFolder: string;
  /** Runs in the project root. */
  readonly git: Git;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: () => VaultLimits;
  readonly sessions: () => readonly AgentSession[];
  /** A turn of this agent runs or is being started. */
  readonly isBusy: (agentName: string) => boolean;
  /** Runs work while no merge uses the project's checkout. */
  readonly onIdleCheckout: <Value>(work: () => Promise<Value>) => Promise<Value>;
  readonly record: (event: VaultEvent) => void;
  readonly worktrees: Pick<Worktrees, 'list' | 'attach'>;
}

/**
 * Keeps work that is committed nowhere (product.md B3): snapshots of HEAD, index and files under refs of our own, before
 * anything that ends or overwrites work and every few minutes of change, and brings them back.
 */
export interface Vault {
  /** Of an agent's worktree, or of the project's checkout. */
  snapshot(agentName: string | null, detail: string): Promise<Result<{ snapshot: SnapshotView; taken: boolean }>>;
  /** Newest first. */
  list(agentName?: string | null): Promise<Result<readonly SnapshotView[]>>;
  /** `id` may be shortened as long as it means one. */
  show(id: string): Promise<Result<{ snapshot: SnapshotView; files: readonly SnapshotFile[] }>>;
  /** Patch from `head`, from the files as they are `now`, or from another snapshot to this one's files. */
  diff(id: string, from: string): Promise<Result<{ patch: string; truncated: boolean }>>;
  restore(input: RestoreInput): Promise<Result<RestoreReply>>;
  /** Removes refs only; all or none. */
  drop(ids: readonly string[]): Promise<Result<{ dropped: string[] }>>;
  /** Before an agent's processes are ended. Never fails: ending a process touches no file. */
  beforeKill(agentName: string, why: string): Promise<void>;
  /** Before a worktree goes. Without a snapshot of everything in it, it does not go. */
  readonly beforeRemoval: BeforeRemoval;
  /** Before a branch without a worktree goes. Without a snapshot of commits nothing else holds, it does not go. */
  beforeBranchRemoval(branch: string): Promise<Result<null>>;
  /** Before a merge touches the project's checkout. */
  beforeMerge(what: string): Promise<Result<null>>;
  /** Takes snapshots of working agents by the clock. */
  start(): void;
  /** Resolves when a round under way has ended. */
  stop(): Promise<void>;
  /** One round of the clock, for tests and for a machine that woke up: agents that did something since the last. */
  tick(): Promise<void>;
}

/** Milliseconds a kill waits for its snapshot at most: an agent that burns money is ended even when the disk hangs. */
const KILL_WAIT_MS = 15_000;

export function createVault(options: VaultOptions): Vault {
  const { git, clock, log, record } = options;
  const keeper = createSnapshotKeeper({ git, clock, limits: options.limits });
  const restorer = createRestoreService({
    git,
    keeper,
    worktrees: options.worktrees,
    projectRoot: options.projectRoot,
    worktreeFolder: options.worktreeFolder,
    subjectOf,
    onTaken: (taken) => announce(taken),
  });
  let timer: NodeJS.Timeout | null = null;
  let round: Promise<void> | null = null;
  /** Milliseconds since the epoch of the last look at each agent. */
  const lookedAt = new Map<string, number>();
  const startedAt = clock.now();

  async function subjectOf(worktree: string): Promise<Subject> {
    const path = await canonicalPath(worktree);
    if (path === (await canonicalPath(options.projectRoot))) return { agentName: null, worktree };
    for (const session of options.sessions()) {
      if ((await canonicalPath(session.worktreePath)) === path) return { agentName: session.agentName, worktree };
    }
    // The folder of an agent whose session is gone still has its name.
    const name = AgentName.safeParse(basename(path));
    return { agentName: name.success ? name.data : 'other', worktree };
  }

  function runOf(agentName: string | null): string | null {
    return options.sessions().find((session) => session.agentName === agentName)?.runId ?? null;
  }

  function tell(
    agentName: string | null,
    level: VaultEvent['level'],
    action: VaultEvent['action'],
    event: EventFacts,
  ): void {
    record({ ...event, action, level, agentName: agentName ?? OPERATOR, runId: runOf(agentName) });
  }

  async function take(request: TakeRequest): Promise<Result<Taken>> {
    const taken = await keeper.take(request);
    if (taken.ok) announce(taken.value);
    return taken;
  }

  function announce({ snapshot, taken, dropped }: Taken): void {
    if (snapshot === null || !taken) return;
    const { agentName, id, reason, commit } = snapshot;
    const level = snapshot.leftOutCount > 0 ? 'warn' : reason === 'interval' ? 'debug' : 'info';
    tell(agentName, level, 'snapshot', { ids: [id], reason, commit, summary: snapshotSummary(snapshot) });
    if (dropped.length === 0) return;
    const ids = dropped.map((view) => view.id);
    tell(agentName, 'debug', 'drop', {
      ids,
      reason: null,
      commit: null,
      summary: `${ids.length} snapshots left the ring`,
    });
  }

  /** Where an agent works now; the coordinator works in the project's checkout. */
  async function placeOf(agentName: string): Promise<Result<Subject>> {
    const session = options.sessions().find((candidate) => candidate.agentName === agentName);
    if (session === undefined) {
      return fail('notFound', `there is no agent ${agentName}: see "ov status --all" for the names`, {
        data: { agentName },
      });
    }
    if (!(await pathExists(session.worktreePath))) {
      return fail(
        'notFound',
        `the worktree of ${agentName} is gone: see "ov vault list ${agentName}" for what is kept of it`,
      );
    }
    return ok(await subjectOf(session.worktreePath));
  }

  async function find(id: string): Promise<Result<SnapshotView>> {
    const listed = await keeper.list();
    return listed.ok ? chooseSnapshot(listed.value, id) : listed;
  }

  /** The files of a worktree as a commit nobody keeps; for comparing only. */
  async function diffWithNow(snapshot: SnapshotView): Promise<Result<{ patch: string; truncated: boolean }>> {
    const target = await restorer.targetOf(snapshot, { id: snapshot.id, into: 'same', moveHead: false });
    if (!target.ok) return target;
    if (target.value === null) {
      return fail(
        'notFound',
        `the worktree ${snapshot.worktree} is gone; compare with its HEAD: ov vault diff ${snapshot.id}`,
      );
    }
    const subject = await subjectOf(target.value);
    const now = await keeper.take({
      ...subject,
      reason: 'manual',
      detail: `comparison with ${snapshot.id}`,
      passing: true,
    });
    if (!now.ok) return now;
    const view = now.value.snapshot;
    if (view === null) return fail('internal', 'the files as they are now could not be read');
    const patch = await patchBetween(git, view.commit, snapshot.commit);
    if (now.value.taken) await keeper.drop([view]);
    return patch;
  }

  async function restore(input: RestoreInput): Promise<Result<RestoreReply>> {
    const found = await find(input.id);
    if (!found.ok) return found;
    const snapshot = found.value;
    const target = await restorer.targetOf(snapshot, input);
    if (!target.ok) return target;
    const place = target.value;
    if (place === null) return told(snapshot, await restorer.intoNew(snapshot, input));
    const busy = await busyIn(place);
    if (busy !== null) {
      return fail('invalidState', `${busy} is in the middle of a turn there; stop it first, or restore with --new`);
    }
    const work = () => keeper.alone(place, () => restorer.into(place, snapshot, input));
    const checkout = (await subjectOf(place)).agentName === null;
    return told(snapshot, await (checkout ? options.onIdleCheckout(work) : work()));
  }

  function told(snapshot: SnapshotView, restored: Result<RestoreReply>): Result<RestoreReply> {
    if (!restored.ok) return restored;
    const { worktree } = restored.value;
    const { id, agentName, commit } = snapshot;
    tell(agentName, 'info', 'restore', {
      ids: [id],
      reason: null,
      commit,
      summary: `snapshot ${id} restored into ${worktree}`,
    });
    return restored;
  }

  async function busyIn(worktree: string): Promise<string | null> {
    for (const session of options.sessions()) {
      if (!options.isBusy(session.agentName)) continue;
      if ((await canonicalPath(session.worktreePath)) === worktree) return session.agentName;
    }
    return null;
  }

  async function tick(): Promise<void> {
    for (const session of options.sessions()) {
      const { agentName, worktreePath } = session;
      const seen = lookedAt.get(agentName) ?? startedAt;
      // Nothing happened since the last look, so nothing is started to look again.
      if (!options.isBusy(agentName) && parseTimestamp(session.lastActivity) <= seen) continue;
      lookedAt.set(agentName, clock.now());
      if (!(await pathExists(worktreePath))) continue;
      await takeQuietly(agentName, worktreePath, 'interval', 'the agent works');
    }
  }

  async function takeQuietly(agentName: string, worktree: string, reason: VaultReason, detail: string): Promise<void> {
    const subject = await subjectOf(worktree);
    const taken = await take({ ...subject, reason, detail, unlessWithout: 'work' });
    if (!taken.ok) log('warn', taken.error.message, { agent: agentName, reason });
  }

  return {
    async snapshot(agentName, detail) {
      const place = agentName === null ? ok({ agentName, worktree: options.projectRoot }) : await placeOf(agentName);
      if (!place.ok) return place;
      const taken = await take({ ...place.value, reason: 'manual', detail });
      if (!taken.ok) return taken;
      const { snapshot } = taken.value;
      if (snapshot === null) return fail('internal', 'no snapshot was taken');
      return ok({ snapshot, taken: taken.value.taken });
    },

    async list(agentName) {
      const listed = await keeper.list();
      if (!listed.ok) return listed;
      return ok(listed.value.filter((view) => agentName === undefined || view.agentName === agentName).reverse());
    },

    async show(id) {
      const found = await find(id);
      if (!found.ok) return found;
      const files = await filesOf(git, found.value);
      return files.ok ? ok({ snapshot: found.value, files: files.value }) : files;
    },

    async diff(id, from) {
      const found = await find(id);
      if (!found.ok) return found;
      const snapshot = found.value;
      if (from === 'now') return diffWithNow(snapshot);
      if (from === 'head') return patchBetween(git, snapshot.head, snapshot.commit);
      const other = await find(from);
      return other.ok ? patchBetween(git, other.value.commit, snapshot.commit) : other;
    },

    restore,

    async drop(ids) {
      const listed = await keeper.list();
      if (!listed.ok) return listed;
      const chosen = new Map<string, SnapshotView>();
      for (const id of ids) {
        const found = chooseSnapshot(listed.value, id);
        if (!found.ok) return found;
        chosen.set(found.value.id, found.value);
      }
      const views = [...chosen.values()];
      const dropped = await keeper.drop(views);
      if (!dropped.ok) return dropped;
      for (const { agentName, id, commit } of views) {
        tell(agentName, 'info', 'drop', { ids: [id], reason: null, commit, summary: `snapshot ${id} dropped by hand` });
      }
      return ok({ dropped: [...chosen.keys()] });
    },

    async beforeKill(agentName, why) {
      const session = options.sessions().find((candidate) => candidate.agentName === agentName);
      if (session === undefined || !(await pathExists(session.worktreePath))) return;
      let timeout: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timeout = setTimeout(() => {
          log('warn', `the snapshot before ending ${agentName} takes too long; it is ended without waiting further`);
          resolve();
        }, KILL_WAIT_MS);
      });
      await Promise.race([takeQuietly(agentName, session.worktreePath, 'kill', why), late]);
      clearTimeout(timeout);
    },

    async beforeRemoval(path, { acceptLoss }) {
      const subject = await subjectOf(path);
      const taken = await take({
        ...subject,
        reason: 'removal',
        detail: 'the worktree goes',
        unlessWithout: 'loss',
      });
      if (!taken.ok) {
        const message = `${path} is not removed, because it cannot be kept first: ${taken.error.message}`;
        return { ok: false, error: { ...taken.error, message } };
      }
      const { leftOut, leftOutCount } = taken.value.leftOut;
      const lost = describeLeftOut(leftOut, leftOutCount);
      if (lost === null || acceptLoss) return ok(null);
      return fail('worktree', `${path} is not removed, because no snapshot holds ${lost}; move that away first`, {
        data: { worktreePath: path, leftOut },
      });
    },

    async beforeBranchRemoval(branch) {
      const owner = AgentName.safeParse(parseBranchName(branch)?.agentName);
      const subject = { agentName: owner.success ? owner.data : null, worktree: options.projectRoot };
      const taken = await keeper.keepBranch(branch, subject, `branch ${branch} goes`);
      if (!taken.ok) return taken;
      announce(taken.value);
      return ok(null);
    },

    async beforeMerge(what) {
      const checkout = { agentName: null, worktree: options.projectRoot };
      const taken = await take({ ...checkout, reason: 'merge', detail: what, unlessWithout: 'work' });
      if (taken.ok) return ok(null);
      const message = `The checkout has changes that cannot be kept first: ${taken.error.message}`;
      return { ok: false, error: { ...taken.error, message } };
    },

    start() {
      const { intervalMs } = options.limits();
      if (intervalMs === 0 || timer !== null) return;
      timer = setInterval(() => {
        // A round that takes longer than the interval is not overtaken by the next.
        round ??= tick()
          .catch((error: unknown) => {
            log('error', 'snapshots by the clock failed', {
              error: error instanceof Error ? error.stack : String(error),
            });
          })
          .finally(() => {
            round = null;
          });
      }, intervalMs);
      timer.unref();
    },
    async stop() {
      if (timer !== null) clearInterval(timer);
      timer = null;
      await round;
    },
    tick,
  };
}

type EventFacts = Pick<VaultEvent, 'ids' | 'reason' | 'commit' | 'summary'>;

/** Absolute path of the worktree folder from the config's relative one. */
export function worktreeFolderOf(projectRoot: string, baseDir: string): string {
  return resolve(projectRoot, baseDir);
}
