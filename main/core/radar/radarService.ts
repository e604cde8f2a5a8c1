import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { AttentionItem } from '../../../contract/attention.ts';
import type { ConflictList, FileConflict } from '../../../contract/conflicts.ts';
import type { PlannedCollision, RadarView } from '../../../contract/radar.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { type Clock, parseTimestamp, timestamp } from '../../platform/clock.ts';
import type { RadarSettings } from '../config/radarSettings.ts';
import type { Log } from '../engineLog.ts';
import type { Git } from '../git/git.ts';
import { gitFolderOf } from '../merge/checkout.ts';
import { type ConflictSides, listConflicts, readConflict } from '../merge/conflictReader.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { isTerminal } from '../sessions/transitions.ts';
import { canonicalPath, isMissing, pathExists } from '../util/files.ts';
import type { UntrackedLimits } from '../vault/untrackedRules.ts';
import { plannedCollisions } from './plannedCollisions.ts';
import { createRadarLook, type RadarMatrix, type Watched } from './radarLook.ts';
import { collisionItems, radarView } from './radarView.ts';
import { branchSign, worktreeSign } from './worktreeSigns.ts';

export interface RadarOptions {
  readonly projectRoot: string;
  readonly overstoryDirectory: string;
  /** Runs in the project root. */
  readonly git: Git;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: () => RadarSettings;
  readonly limits: () => UntrackedLimits;
  readonly sessions: () => readonly AgentSession[];
  /** Files an agent was given. */
  readonly scopeOf: (agentName: string) => readonly string[];
  /** Branch everything is merged into. */
  readonly target: () => string;
  readonly publish: (view: RadarView) => void;
  /** Collisions between running agents have come or gone. */
  readonly onCollisions: () => void;
}

/**
 * The collision radar (product.md B5): predicted conflicts between all worktrees and with the target, before anybody
 * merges. It looks when something has changed, and at most every few seconds; while nothing happens it starts no process.
 */
export interface Radar {
  start(): void;
  /** Resolves when a look under way has ended. */
  stop(): Promise<void>;
  /** Looks at everything now, so that files a person edited by hand are seen as well. */
  look(): Promise<Result<RadarView>>;
  view(): RadarView;
  /** For the attention queue. */
  collisions(): readonly AttentionItem[];
  /** Running agents a task with these files would collide with, as of the last look. */
  planned(files: readonly string[]): readonly PlannedCollision[];
  /** Files two worktrees would conflict in, or one and the target (`other` null), as of the last look. */
  pair(one: string, other: string | null): Promise<Result<ConflictList>>;
  /** The hunks of one of these files. */
  conflict(one: string, other: string | null, path: string): Promise<Result<FileConflict>>;
  /** One round of the clock. Gives whether it looked. */
  tick(): Promise<boolean>;
}

/** Worktrees looked at, the youngest first: more make more pairs than anybody reads. */
const WORKTREES = 100;

export function createRadar(options: RadarOptions): Radar {
  const { clock, log } = options;
  let processes = 0;
  const git: Git = (args, how) => {
    processes += 1;
    return options.git(args, how);
  };
  const eye = createRadarLook({ git, scratch: join(options.overstoryDirectory, 'radar'), limits: options.limits });
  /** Last sign and time of the look at each worktree. */
  const seen = new Map<string, { readonly sign: string; readonly at: number }>();
  const since = new Map<string, string>();
  let target = '';
  let watchedNames = '';
  let matrix: RadarMatrix | null = null;
  let view: RadarView = emptyView();
  let items: readonly AttentionItem[] = [];
  let timer: NodeJS.Timeout | null = null;
  let under: Promise<unknown> = Promise.resolve();
  let lastProblem = '';
  let closed = false;

  function emptyView(): RadarView {
    return {
      enabled: options.settings().enabled,
      target: options.target(),
      lookedAt: null,
      worktrees: [],
      pairs: [],
      order: [],
      cost: { milliseconds: 0, gitProcesses: 0, mergedPairs: 0 },
    };
  }

  /** One thing at a time: a look asked for waits for the one under way. */
  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const next = under.then(work, work);
    under = next.catch(() => {});
    return next;
  }

  async function liveSessions(): Promise<readonly AgentSession[]> {
    const root = await canonicalPath(options.projectRoot);
    const live: AgentSession[] = [];
    const youngest = options.sessions().toSorted((one, other) => other.startedAt.localeCompare(one.startedAt));
    for (const session of youngest) {
      if (live.length === WORKTREES) break;
      if (session.worktreePath === '' || !(await pathExists(session.worktreePath))) continue;
      if ((await canonicalPath(session.worktreePath)) !== root) live.push(session);
    }
    return live;
  }

  async function lookIfChanged(all: boolean): Promise<Result<boolean>> {
    const sessions = await liveSessions();
    const signs = new Map<string, string>();
    const watched: Watched[] = [];
    for (const { agentName, worktreePath } of sessions) {
      const sign = await worktreeSign(worktreePath);
      if (sign === null) continue;
      signs.set(agentName, `${worktreePath} ${sign}`);
      watched.push({ name: agentName, path: worktreePath });
    }
    const active = new Map(
      sessions.map((session) => [session.agentName, parseTimestamp(session.lastActivity)] as const),
    );
    const changed = new Set(
      watched.flatMap(({ name }) => {
        const known = seen.get(name);
        const same = known?.sign === signs.get(name) && known !== undefined && (active.get(name) ?? 0) < known.at;
        return same && !all ? [] : [name];
      }),
    );
    const nextTarget = await branchSign(await commonFolder(options.projectRoot), options.target());
    const nextNames = watched.map(({ name }) => name).join(' ');
    const still = changed.size === 0 && nextTarget === target && nextNames === watchedNames;
    if (still && !all && matrix !== null) {
      // States of agents change without their files: who runs decides what asks for attention.
      if (matrix !== null) show(matrix, sessions, view.cost, view.lookedAt);
      return ok(false);
    }
    if (watched.length === 0 && matrix === null && !all) return ok(false);
    const at = clock.now();
    const began = performance.now();
    processes = 0;
    const looked = await eye.look(watched, changed, options.target());
    if (!looked.ok) return looked;
    for (const name of changed) seen.set(name, { sign: signs.get(name) ?? '', at });
    for (const name of [...seen.keys()]) if (!signs.has(name)) seen.delete(name);
    target = nextTarget;
    watchedNames = nextNames;
    matrix = looked.value;
    const cost = { milliseconds: Math.round(performance.now() - began), gitProcesses: processes };
    show(matrix, sessions, { ...cost, mergedPairs: matrix.mergedPairs }, timestamp(at));
    return ok(true);
  }

  function show(
    found: RadarMatrix,
    sessions: readonly AgentSession[],
    cost: RadarView['cost'],
    lookedAt: string | null,
  ): void {
    const agents = sessions.map((session) => ({ ...session, running: !isTerminal(session.state) }));
    const facts = { enabled: options.settings().enabled, target: options.target(), lookedAt, cost };
    const next = { ...radarView(found, agents, facts), cost };
    if (JSON.stringify(next) === JSON.stringify(view)) return;
    view = next;
    options.publish(view);
    const now = collisionItems(view, since);
    for (const { id } of now) if (!since.has(id)) since.set(id, lookedAt ?? timestamp(clock.now()));
    const ids = new Set(now.map(({ id }) => id));
    for (const id of [...since.keys()]) if (!ids.has(id)) since.delete(id);
    const shown = collisionItems(view, since);
    if (JSON.stringify(shown) === JSON.stringify(items)) return;
    items = shown;
    options.onCollisions();
  }

  async function tick(): Promise<boolean> {
    if (closed || !options.settings().enabled) return false;
    const looked = await inTurn(() => lookIfChanged(false));
    if (looked.ok) {
      lastProblem = '';
      return looked.value;
    }
    // A problem that stays is told once.
    if (looked.error.message !== lastProblem) log('warn', looked.error.message, {});
    lastProblem = looked.error.message;
    return false;
  }

  /** Between two looks, so that nothing is thrown away meanwhile. */
  function withPair<Value>(
    one: string,
    other: string | null,
    work: (git: Git, sides: ConflictSides) => Promise<Result<Value>>,
  ): Promise<Result<Value>> {
    return inTurn(async () => {
      if (closed) return fail('unavailable', 'the engine is closing');
      const into = options.target();
      const found = await eye.pair(one, other, into);
      if (!found.ok) return found;
      const [ours, theirs] = other === null ? [into, one] : [one, other];
      return work(found.value.git, {
        ours: { name: ours, commit: found.value.ours },
        theirs: { name: theirs, commit: found.value.theirs },
      });
    });
  }

  return {
    pair: (one, other) => withPair(one, other, listConflicts),
    conflict: (one, other, path) => withPair(one, other, (pairGit, sides) => readConflict(pairGit, sides, path)),
    start() {
      if (timer !== null || !options.settings().enabled) return;
      let busy = false;
      timer = setInterval(() => {
        if (busy) return;
        busy = true;
        void tick()
          .catch((error: unknown) => {
            log('error', 'the radar failed', { error: error instanceof Error ? error.stack : String(error) });
          })
          .finally(() => {
            busy = false;
          });
      }, options.settings().seconds * 1_000);
      timer.unref();
    },
    async stop() {
      closed = true;
      if (timer !== null) clearInterval(timer);
      timer = null;
      await under;
      await eye.close();
    },
    async look() {
      const looked = await inTurn(() => lookIfChanged(true));
      return looked.ok ? ok(view) : looked;
    },
    view: () => view,
    collisions: () => items,
    planned(files) {
      const seenWork = new Map((matrix?.worktrees ?? []).map(({ name, changed }) => [name, changed.all]));
      // An agent that has changed nothing yet, or was slung since the last look, counts by the files it was given.
      const work = options
        .sessions()
        .filter((session) => !isTerminal(session.state) && session.worktreePath !== options.projectRoot)
        .map(({ agentName }) => ({
          agentName,
          changed: seenWork.get(agentName) ?? new Set<string>(),
          scope: options.scopeOf(agentName),
        }));
      return plannedCollisions(files, work);
    },
    tick,
  };
}

/** The folder with the branches of the repository this checkout belongs to. */
async function commonFolder(root: string): Promise<string> {
  const own = (await gitFolderOf(root)) ?? join(root, '.git');
  try {
    return resolve(own, (await readFile(join(own, 'commondir'), 'utf8')).trim());
  } catch (error) {
    // Only a linked worktree has that file.
    if (isMissing(error)) return own;
    throw error;
  }
}
