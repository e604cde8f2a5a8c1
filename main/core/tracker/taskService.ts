import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { AttentionItem } from '../../../contract/attention.ts';
import type { MergeView } from '../../../contract/merges.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import {
  type CreateTaskInput,
  readyTasks,
  TaskColumn,
  type TaskView,
  type UpdateTaskInput,
} from '../../../contract/tasks.ts';
import { STATE_FOLDER } from '../config/schema.ts';
import type { ControlStore } from '../control/controlStore.ts';
import type { StoredTask, TaskPatch } from '../control/controlStoreTasks.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { readSpec, specPath, writeSpec } from '../specs/specs.ts';
import { type Placement, placeByFacts, type TaskFacts } from './columnRules.ts';
import { circleThrough } from './dependencies.ts';
import { idPrefix, nextNumber } from './taskIds.ts';

export interface TaskServiceOptions {
  readonly projectRoot: string;
  readonly projectName: string;
  readonly control: Pick<
    ControlStore,
    | 'createTask'
    | 'getTask'
    | 'listTasks'
    | 'updateTask'
    | 'placeTask'
    | 'deleteTask'
    | 'getSetting'
    | 'putSetting'
    | 'getAgentSettings'
  >;
  readonly sessions: Pick<SessionStore, 'getAll'>;
  readonly merges: () => readonly MergeView[];
  /** The attention queue by id; its gates and questions become notes. */
  readonly questions: () => Readonly<Record<string, AttentionItem>>;
  /** US dollars spent on a task; null when no turn has said. */
  readonly costOf?: (taskId: string) => number | null;
  readonly onChange: () => void;
}

/** The built-in tracker behind the board: cards, their specs, and columns that follow what happens. */
export interface TaskService {
  /** In board order: by column, then position. */
  list(): TaskView[];
  /** Tasks that wait for an agent and for no other task. */
  ready(): readonly TaskView[];
  /** Adds a card at the end of its column; without an id it gets the next `<PREFIX>-<n>`. */
  create(input: CreateTaskInput): Result<TaskView, CallError>;
  /** Changes a card, and moves it when `column` or `before` is given. */
  update(input: UpdateTaskInput): Result<TaskView, CallError>;
  /** Takes a card off the board, unless an agent works on it. Its spec file stays. */
  delete(id: string): Result<Record<string, never>, CallError>;
  readSpec(id: string): Promise<Result<{ readonly path: string | null; readonly body: string }, CallError>>;
  writeSpec(id: string, body: string, agent?: string): Promise<Result<{ readonly path: string }, CallError>>;
  /** An agent was put on a task. Builders and leads get a card when their task has none. */
  onSlung(taskId: string, agentName: string, capability: string): void;
  /**
   * Moves every card whose facts have changed since they were last followed. A card a person has moved since stays where
   * it is until something new happens to its task, also over restarts.
   */
  followFacts(): void;
  /** Resolves when nothing is being read from the specs folder any more: before the stores are closed, and in tests. */
  settled(): Promise<void>;
}

/** Setting that holds the highest number given, so that a deleted card's id, branch and spec are never taken over. */
const LAST_NUMBER = 'tasks.lastNumber';
/** Setting prefix of the placement last derived for a task. */
const FOLLOWED = 'tasks.followed:';

const FollowedPlacement = z.object({ column: TaskColumn, agent: z.string().nullable(), note: z.string().nullable() });

/** Makes the tracker of one project. */
export function createTaskService(options: TaskServiceOptions): TaskService {
  const { projectRoot, control, sessions } = options;
  const specsFolder = join(projectRoot, STATE_FOLDER, 'specs');
  const prefix = idPrefix(options.projectName);
  /** Ids that have a spec file. Kept in memory: a list of cards must not wait for the disk. */
  let specs: ReadonlySet<string> = new Set();
  /** Placement last derived for each task, as text, so that unchanged facts cost one comparison. */
  const followed = new Map<string, string>();
  let looking: Promise<void> | null = null;
  let lookAgain = false;
  let titling: Promise<void> = Promise.resolve();

  /** Looks which specs exist, also those agents wrote past the engine. Calls while a look is under way join one more. */
  function lookForSpecs(): void {
    if (looking !== null) {
      lookAgain = true;
      return;
    }
    looking = readSpecs().finally(() => {
      looking = null;
      if (!lookAgain) return;
      lookAgain = false;
      lookForSpecs();
    });
  }

  async function readSpecs(): Promise<void> {
    const found = await specIds(specsFolder);
    if (found.size === specs.size && [...found].every((id) => specs.has(id))) return;
    specs = found;
    options.onChange();
  }

  function viewOf(task: StoredTask): TaskView {
    const { position, files, blockedBy, ...rest } = task;
    return {
      ...rest,
      files: [...files],
      blockedBy: [...blockedBy],
      specPath: specs.has(task.id) ? join(specsFolder, `${task.id}.md`) : null,
      order: position,
    };
  }

  function changed(result: Result<StoredTask>): Result<TaskView, CallError> {
    if (!result.ok) return result;
    options.onChange();
    return ok(viewOf(result.value));
  }

  function createWithNextId(input: Omit<CreateTaskInput, 'id'>): Result<StoredTask> {
    const known = [
      ...control.listTasks().map((task) => task.id),
      ...specs,
      ...sessions.getAll().map((one) => one.taskId),
    ];
    const stored = control.getSetting(LAST_NUMBER);
    const number = nextNumber(prefix, known, typeof stored === 'number' ? stored : 0);
    const created = control.createTask({ ...input, id: `${prefix}-${number}` });
    if (created.ok) control.putSetting(LAST_NUMBER, number);
    return created;
  }

  /** What happened to each task, from sessions, merges and questions. */
  function gatherFacts(): Map<string, TaskFacts> {
    const facts = new Map<string, { -readonly [Key in keyof TaskFacts]: TaskFacts[Key] }>();
    const of = (taskId: string) => {
      const known = facts.get(taskId);
      if (known !== undefined) return known;
      const fresh = { agents: [], merges: [], question: null, costUsd: options.costOf?.(taskId) ?? null };
      facts.set(taskId, fresh);
      return fresh;
    };
    const taskOfAgent = new Map<string, string>();
    for (const session of sessions.getAll()) {
      if (session.taskId === '') continue;
      taskOfAgent.set(session.agentName, session.taskId);
      const task = of(session.taskId);
      const reason = session.state === 'zombie' ? (control.getAgentSettings(session.agentName)?.reason ?? null) : null;
      const { agentName: name, capability, state, startedAt } = session;
      task.agents = [...task.agents, { name, capability, state, startedAt, reason }];
    }
    for (const merge of options.merges()) {
      const task = of(merge.taskId);
      task.merges = [...task.merges, merge];
    }
    for (const item of Object.values(options.questions())) {
      if (item.kind !== 'gate' && item.kind !== 'question') continue;
      const taskId = item.taskId ?? taskOfAgent.get(item.agent ?? '');
      if (taskId !== undefined) of(taskId).question ??= item.title;
    }
    return facts;
  }

  function lastFollowed(id: string): string | null {
    const known = followed.get(id);
    if (known !== undefined) return known;
    const stored = control.getSetting(FOLLOWED + id);
    return typeof stored === 'string' ? stored : null;
  }

  /** Gives true when the card was changed. */
  function follow(id: string, placement: Placement): boolean {
    const next = JSON.stringify(placement);
    const last = lastFollowed(id);
    followed.set(id, next);
    if (last === next) return false;
    const card = control.getTask(id);
    if (card === null) {
      // No card to move: should one be made later, these facts are new to it.
      followed.delete(id);
      return false;
    }
    control.putSetting(FOLLOWED + id, next);
    const before = parsePlacement(last);
    const patch: TaskPatch = {
      agent: placement.agent,
      note: placement.note,
      // A new note alone does not undo what a person did to the card.
      ...(before?.column === placement.column ? {} : { column: placement.column }),
    };
    if (Object.entries(patch).every(([key, value]) => card[key as keyof StoredTask] === value)) return false;
    return control.updateTask(id, patch).ok;
  }

  function followFacts(): void {
    let moved = false;
    for (const [id, facts] of gatherFacts()) {
      const placement = placeByFacts(facts);
      if (placement !== null && follow(id, placement)) moved = true;
    }
    if (!moved) return;
    options.onChange();
    lookForSpecs();
  }

  /** Gives a card its spec's heading as title, while it still has none of its own. */
  async function titleFromSpec(id: string): Promise<void> {
    const spec = await readSpec(projectRoot, id);
    const heading = spec.ok ? /^#\s+(.+)$/m.exec(spec.value.body)?.[1]?.trim() : undefined;
    const card = control.getTask(id);
    if (heading === undefined || card === null || card.title !== id) return;
    if (control.updateTask(id, { title: heading.slice(0, 200) }).ok) options.onChange();
  }

  lookForSpecs();

  /** Whether a task may wait for these: they are on the board, and none of them waits for it. */
  function checkBlockers(id: string | null, blockedBy: readonly string[]): Result<null> {
    const unknown = blockedBy.find((other) => control.getTask(other) === null);
    if (unknown !== undefined) {
      return fail('validation', `It cannot wait for ${unknown}: there is no such task on the board`, {
        field: 'blockedBy',
      });
    }
    const circle =
      id === null ? null : circleThrough(id, blockedBy, (other) => control.getTask(other)?.blockedBy ?? []);
    if (circle === null) return ok(null);
    return fail('validation', `It cannot wait for ${circle}, which waits for it: take one of the two out`, {
      field: 'blockedBy',
    });
  }

  return {
    ready: () => readyTasks(control.listTasks()).map(viewOf),
    list: () => control.listTasks().map(viewOf),

    create(input) {
      const { id, ...rest } = input;
      const waits = checkBlockers(id ?? null, rest.blockedBy);
      if (!waits.ok) return waits;
      return changed(id === undefined ? createWithNextId(rest) : control.createTask({ ...rest, id }));
    },

    update(input) {
      const { id, column, before, ...fields } = input;
      const card = control.getTask(id);
      if (card === null) return fail('notFound', `There is no task ${id} on the board`);
      if (before !== undefined && before !== null && control.getTask(before) === null) {
        return fail('notFound', `There is no task ${before} on the board to put ${id} before`, { field: 'before' });
      }
      const waits = checkBlockers(id, fields.blockedBy ?? []);
      if (!waits.ok) return waits;
      const patch = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as TaskPatch;
      const placed = before !== undefined && before !== id;
      if (Object.keys(patch).length > 0 || (column !== undefined && !placed)) {
        const updated = control.updateTask(id, column === undefined || placed ? patch : { ...patch, column });
        if (!updated.ok || !placed) return changed(updated);
      }
      return placed ? changed(control.placeTask(id, column ?? card.column, before)) : ok(viewOf(card));
    },

    delete(id) {
      const worker = sessions
        .getAll()
        .find((session) => session.taskId === id && session.state !== 'completed' && session.state !== 'zombie');
      if (worker !== undefined) {
        return fail('invalidState', `${worker.agentName} works on ${id}; stop it first, then delete the task`);
      }
      if (!control.deleteTask(id)) return fail('notFound', `There is no task ${id} on the board`);
      followed.delete(id);
      control.putSetting(FOLLOWED + id, null);
      for (const card of control.listTasks()) {
        if (!card.blockedBy.includes(id)) continue;
        control.updateTask(card.id, { blockedBy: card.blockedBy.filter((other) => other !== id) });
      }
      options.onChange();
      return ok({});
    },

    async readSpec(id) {
      const spec = await readSpec(projectRoot, id);
      return spec.ok ? ok({ path: spec.value.path, body: spec.value.body }) : spec;
    },

    async writeSpec(id, body, agent) {
      const written = await writeSpec(projectRoot, id, body, agent);
      if (!written.ok) return written;
      if (!specs.has(id)) {
        specs = new Set([...specs, id]);
        options.onChange();
      }
      return written;
    },

    onSlung(taskId, _agentName, capability) {
      const makesCard = capability === 'builder' || capability === 'lead';
      if (makesCard && specPath(projectRoot, taskId).ok && control.getTask(taskId) === null) {
        const card = { id: taskId, title: taskId, description: '', priority: 2, files: [], blockedBy: [] };
        if (control.createTask({ ...card, column: 'in_progress' }).ok) {
          options.onChange();
          titling = titling.then(() => titleFromSpec(taskId));
        }
      }
      followFacts();
      lookForSpecs();
    },

    followFacts,

    async settled() {
      await titling;
      while (looking !== null) await looking;
    },
  };
}

/** Task ids with a spec file in the folder. */
async function specIds(folder: string): Promise<Set<string>> {
  try {
    const names = await readdir(folder);
    return new Set(names.filter((name) => name.endsWith('.md')).map((name) => name.slice(0, -'.md'.length)));
  } catch {
    // No folder until the first spec. An unreadable one counts as empty here: reading the spec itself says what is wrong.
    return new Set();
  }
}

function parsePlacement(text: string | null): Placement | null {
  if (text === null) return null;
  try {
    const parsed = FollowedPlacement.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    // Of another version: then these facts are new.
    return null;
  }
}
