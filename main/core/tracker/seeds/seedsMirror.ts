import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { TaskId } from '../../../../contract/ids.ts';
import { type Clock, timestamp } from '../../../platform/clock.ts';
import type { ControlStore } from '../../control/controlStore.ts';
import type { StoredTask } from '../../control/controlStoreTasks.ts';
import type { Log } from '../../engineLog.ts';
import { pathExists } from '../../util/files.ts';
import { changeIssues, readIssues, SEEDS_FOLDER } from './seedsFile.ts';
import {
  columnOfState,
  linkIssues,
  newIssue,
  patchIssue,
  reconcile,
  type SeedsIssue,
  type SharedPatch,
  SharedTask,
  sharedOfCard,
  sharedOfIssue,
} from './seedsRules.ts';

export interface SeedsMirrorOptions {
  readonly projectRoot: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the config wants this tracker. */
  readonly enabled: () => boolean;
  readonly control: Pick<
    ControlStore,
    'createTask' | 'getTask' | 'listTasks' | 'updateTask' | 'getSetting' | 'putSetting'
  >;
  /** Cards have changed. */
  readonly onChange: () => void;
}

/** Keeps the board and the issues of seeds the same, both ways, while both are used (docs/decisions/tracker.md). */
export interface SeedsMirror {
  /** Something changed here or there; runs once more after the run under way. */
  follow(): void;
  settled(): Promise<void>;
  close(): void;
}

/** Setting prefix of what a card and its issue last agreed on. */
const AGREED = 'tracker.seeds:';
/** Milliseconds changes of the file are gathered. */
const GATHER_MS = 50;

export function createSeedsMirror(options: SeedsMirrorOptions): SeedsMirror {
  const { projectRoot, control, clock, log } = options;
  const folder = join(projectRoot, SEEDS_FOLDER);
  let watcher: FSWatcher | null = null;
  let running: Promise<void> | null = null;
  let again = false;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  const complained = new Set<string>();

  function complain(line: string): void {
    if (complained.has(line)) return;
    complained.add(line);
    log('warn', line);
  }

  function follow(): void {
    if (closed || !options.enabled()) return;
    if (running !== null) {
      again = true;
      return;
    }
    running = run().finally(() => {
      running = null;
      if (!again) return;
      again = false;
      follow();
    });
  }

  async function run(): Promise<void> {
    if (!(await pathExists(folder))) return;
    startWatching();
    const file = await readIssues(projectRoot);
    if (!file.ok) return complain(file.error.message);
    // Most often nothing has to be written: no lock is taken for that.
    if (plan(file.value.issues) === null) return apply(file.value.issues);
    let seen: readonly SeedsIssue[] = [];
    let told: ReadonlyMap<string, SharedTask> = new Map();
    const written = await changeIssues(projectRoot, (issues) => {
      const planned = plan(issues);
      seen = planned?.issues ?? issues;
      told = planned?.told ?? new Map();
      return planned?.issues ?? null;
    });
    if (!written.ok) return complain(written.error.message);
    // Before anything else: what a card has changed meanwhile is then a change of its own.
    for (const [id, shared] of told) remember(id, shared);
    apply(seen);
  }

  /**
   * The issues with what the board knows better, and what both agree on once that is written; null when there is nothing
   * to write.
   */
  function plan(
    issues: readonly SeedsIssue[],
  ): { readonly issues: readonly SeedsIssue[]; readonly told: ReadonlyMap<string, SharedTask> } | null {
    const at = timestamp(clock.now());
    const known = new Set(issues.map((issue) => issue.id));
    const told = new Map<string, SharedTask>();
    const next = issues.map((issue) => {
      const card = control.getTask(issue.id);
      const base = agreedOn(issue.id);
      const shared = sharedOfIssue(issue);
      // A card that was deleted on the board closes its issue.
      const gone = card === null && base !== null && base.state !== 'closed' && shared.state !== 'closed';
      const toIssue: SharedPatch = gone
        ? { state: 'closed' }
        : card === null
          ? {}
          : reconcile(base, sharedOfCard(card), shared).toIssue;
      if (Object.keys(toIssue).length === 0) return issue;
      told.set(issue.id, { ...(base ?? shared), ...toIssue });
      return patchIssue(issue, toIssue, at);
    });
    for (const card of control.listTasks()) {
      // One that was there before and is not any more may be on another branch: it is not made a second time.
      if (known.has(card.id) || agreedOn(card.id) !== null || card.column === 'done') continue;
      const issue = newIssue(card, at);
      told.set(card.id, sharedOfIssue(issue));
      next.push(issue);
    }
    return told.size === 0 ? null : { issues: linkIssues(next, at), told };
  }

  /** Brings the issues onto the board. */
  function apply(issues: readonly SeedsIssue[]): void {
    let changed = false;
    for (const issue of issues) {
      const shared = sharedOfIssue(issue);
      const card = control.getTask(issue.id);
      if (card === null) {
        const base = agreedOn(issue.id);
        // A new issue, or one that was opened again.
        const wanted = shared.state !== 'closed' && (base === null || base.state === 'closed');
        if (wanted && create(issue.id, shared)) changed = true;
        continue;
      }
      const { toCard, agreed } = reconcile(agreedOn(issue.id), sharedOfCard(card), shared);
      if (Object.keys(toCard).length > 0) changed = update(card, toCard) || changed;
      remember(issue.id, agreed);
    }
    if (changed) options.onChange();
  }

  function create(id: string, shared: SharedTask): boolean {
    if (!TaskId.safeParse(id).success) {
      complain(`issue "${id}" is not on the board: an id is letters, digits, dots, dashes and underscores`);
      return false;
    }
    const { title, description, priority, state, blockedBy } = shared;
    const column = columnOfState(state);
    const created = control.createTask({ id, title, description, priority, column, blockedBy, files: [] });
    if (created.ok) remember(id, shared);
    return created.ok;
  }

  function update(card: StoredTask, { state, ...fields }: Partial<SharedTask>): boolean {
    return control.updateTask(card.id, {
      ...fields,
      ...(state === undefined ? {} : { column: columnOfState(state) }),
    }).ok;
  }

  function agreedOn(id: string): SharedTask | null {
    const read = SharedTask.safeParse(control.getSetting(AGREED + id));
    return read.success ? read.data : null;
  }

  function remember(id: string, shared: SharedTask): void {
    if (JSON.stringify(agreedOn(id)) !== JSON.stringify(shared)) control.putSetting(AGREED + id, shared);
  }

  /** The folder, not the file: writers replace it. */
  function startWatching(): void {
    if (watcher !== null) return;
    try {
      watcher = watch(folder, (_event, name) => {
        if (name !== 'issues.jsonl') return;
        timer ??= setTimeout(() => {
          timer = null;
          follow();
        }, GATHER_MS);
      });
      watcher.on('error', (error) => complain(`changes of ${SEEDS_FOLDER} cannot be followed: ${error.message}`));
    } catch (error) {
      complain(`changes of ${SEEDS_FOLDER} cannot be followed: ${error instanceof Error ? error.message : error}`);
    }
  }

  return {
    follow,
    async settled() {
      while (running !== null) await running;
    },
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      watcher?.close();
    },
  };
}
