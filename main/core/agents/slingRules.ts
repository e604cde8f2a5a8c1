import type { AgentState, SlingInput } from '../../../contract/agents.ts';
import { AgentName, TaskId } from '../../../contract/ids.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Config } from '../config/schema.ts';
import { chooseAgentName, leftoverOf } from '../worktrees/names.ts';

/** The part of a session row the rules look at. */
export interface SlingSession {
  readonly agentName: string;
  readonly capability: string;
  readonly taskId: string;
  readonly state: AgentState;
  readonly parentAgent: string | null;
  readonly runId: string | null;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** Everything the rules need to know, read once; they must hold in the transaction that reserves the session row. */
export interface SlingSnapshot {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly asRoot: boolean;
  readonly limits: Config['agents'];
  /** All sessions, ended ones too, oldest start first. */
  readonly sessions: readonly SlingSession[];
  /** Keys of the agent manifest. */
  readonly capabilities: readonly string[];
  /** Trimmed content of `current-run.txt`; null when there is none. */
  readonly currentRunId: string | null;
  /** Whether the spec file of the request exists; null when it names none. */
  readonly specExists: boolean | null;
  readonly branches: ReadonlySet<string>;
  readonly worktrees: ReadonlySet<string>;
}

/** A sling request as it reaches the rules: numbers may still be wrong. */
export type SlingCheck = Pick<SlingInput, 'taskId' | 'depth'> & {
  readonly capability: string;
  readonly name?: string | undefined;
  readonly spec?: string | undefined;
  /** Empty text is a nameless parent and honoured as such (spec 02 §3.2). */
  readonly parent?: string | undefined;
  readonly forceHierarchy?: boolean;
  readonly skipTaskCheck?: boolean;
  readonly skipScout?: boolean;
  readonly noScoutCheck?: boolean;
  readonly maxAgents?: number | undefined;
  readonly dispatchMaxAgents?: number | undefined;
};

/** What the rules decided; nothing has been changed yet. */
export interface SlingDecision {
  readonly agentName: string;
  readonly parent: string | null;
  /** Run to join; null when a new run has to be made. */
  readonly runId: string | null;
  /** Milliseconds to wait before the agent starts. */
  readonly staggerMs: number;
  /** One line each, for the caller to print. */
  readonly warnings: readonly string[];
}

/** States of a session that still works on its task. */
const ENDED: ReadonlySet<AgentState> = new Set(['completed', 'zombie']);

/** Roles that may start without a parent (spec 02 §3.2 step 11). */
const PARENTLESS = ['lead', 'scout', 'builder'];

/** Runs every pure rule of spec 02 §3.2, steps 1 to 21, in that order; the first that refuses wins. */
export function checkSling(snapshot: SlingSnapshot, request: SlingCheck): Result<SlingDecision> {
  const { limits, sessions } = snapshot;
  const warnings: string[] = [];
  const task = checkTaskId(request.taskId);
  if (!task.ok) return task;
  const depth = checkCount('depth', request.depth);
  if (!depth.ok) return depth;
  if (snapshot.asRoot) {
    // The reference refuses root; here it is allowed with a warning (see docs/compatibility.md).
    warnings.push('running as root: agents can change every file of this machine');
  }
  for (const [field, count] of [
    ['maxAgents', request.maxAgents],
    ['dispatchMaxAgents', request.dispatchMaxAgents],
  ] as const) {
    const checked = count === undefined ? ok(null) : checkCount(field, count);
    if (!checked.ok) return checked;
  }
  if (request.skipScout === true && request.capability !== 'lead') {
    warnings.push(`--skip-scout has no effect on a ${request.capability}: only leads send scouts`);
  }
  if (request.skipTaskCheck === true && request.parent === undefined) {
    warnings.push('--skip-task-check without --parent: nobody has checked that this task exists');
  }
  if (snapshot.specExists === false) {
    return fail('validation', `Spec file not found: ${request.spec ?? ''}; write it first or leave --spec out`, {
      field: 'spec',
    });
  }
  const allowedDepth = checkDepth(request.depth, limits.maxDepth);
  if (!allowedDepth.ok) return allowedDepth;
  const hierarchy = checkHierarchy(request);
  if (!hierarchy.ok) return hierarchy;
  const capability = checkCapability(request.capability, snapshot.capabilities);
  if (!capability.ok) return capability;
  const runId = chooseRun(sessions, request.parent, snapshot.currentRunId);
  const runLimit = checkRunLimit(sessions, runId, limits.maxSessionsPerRun);
  if (!runLimit.ok) return runLimit;
  const active = activeSessions(sessions);
  const concurrent = checkConcurrent(active.length, limits.maxConcurrent);
  if (!concurrent.ok) return concurrent;
  const name = resolveName(snapshot, request);
  if (!name.ok) return name;
  const parent = resolveParent(request.parent, request.name, sessions);
  const lock = checkTaskLock(active, request.taskId, parent);
  if (!lock.ok) return lock;
  const perLead = checkParentLimit(active, parent, request.maxAgents ?? limits.maxAgentsPerLead);
  if (!perLead.ok) return perLead;
  if (needsScoutAdvice(request, parent, sessions)) {
    warnings.push(`${parent} has sent no scout: the builder's spec may rest on guesses`);
    warnings.push('send a scout first, or pass --skip-scout when the code is known');
  }
  return ok({
    agentName: name.value,
    parent,
    runId,
    staggerMs: staggerDelay(active, limits.staggerDelayMs, snapshot.now),
    warnings,
  });
}

/** Sessions that are not ended (spec 02 §0.6 "active"). */
export function activeSessions(sessions: readonly SlingSession[]): readonly SlingSession[] {
  return sessions.filter((session) => !ENDED.has(session.state));
}

/** Milliseconds left until another agent may start: the newest start counts, wherever it stands in the list. */
export function staggerDelay(
  active: ReadonlyArray<Pick<SlingSession, 'startedAt'>>,
  delayMs: number,
  now: number,
): number {
  if (delayMs <= 0 || active.length === 0) return 0;
  const newest = Math.max(...active.map((session) => Date.parse(session.startedAt)));
  return Number.isFinite(newest) ? Math.max(0, delayMs - (now - newest)) : 0;
}

/** Parent's run, else the current run, else null for a new one (spec 02 §3.4). */
export function chooseRun(
  sessions: readonly SlingSession[],
  parent: string | undefined,
  currentRunId: string | null,
): string | null {
  const inherited = sessions.find((session) => session.agentName === parent)?.runId ?? null;
  if (inherited !== null) return inherited;
  return currentRunId === null || currentRunId.trim() === '' ? null : currentRunId.trim();
}

/** The flag wins, even when empty; else the parent a former agent of that name had; else none (spec 02 §3.3). */
export function resolveParent(
  flag: string | undefined,
  name: string | undefined,
  sessions: readonly SlingSession[],
): string | null {
  if (flag !== undefined) return flag;
  const wanted = name?.trim() ?? '';
  if (wanted === '') return null;
  return sessions.find((session) => session.agentName === wanted)?.parentAgent ?? null;
}

/** Without a parent only leads, scouts and builders start, unless forced (spec 02 §3.2 step 11). */
export function checkHierarchy(
  request: Pick<SlingCheck, 'capability' | 'parent' | 'forceHierarchy' | 'name'>,
): Result<null> {
  if (request.parent !== undefined || request.forceHierarchy === true) return ok(null);
  if (PARENTLESS.includes(request.capability)) return ok(null);
  return fail('hierarchy', `a ${request.capability} needs a parent: pass --parent <lead>, or --force-hierarchy`, {
    field: 'capability',
    data: { agentName: request.name ?? null, requestedCapability: request.capability },
  });
}

/** The oldest active session on a task holds it; only its own child may join (spec 02 §3.2 step 18). */
export function checkTaskLock(active: readonly SlingSession[], taskId: string, parent: string | null): Result<null> {
  const holder = active.find((session) => session.taskId === taskId);
  if (holder === undefined || holder.agentName === parent) return ok(null);
  return fail(
    'agent',
    `task ${taskId} is already being worked by agent ${holder.agentName}; stop it or choose another task`,
    {
      data: { agentName: holder.agentName, taskId },
    },
  );
}

/** 0 or less is unlimited; sessions of every state count (spec 02 §3.2 step 14). */
export function checkRunLimit(sessions: readonly SlingSession[], runId: string | null, limit: number): Result<null> {
  if (limit <= 0 || runId === null) return ok(null);
  const count = sessions.filter((session) => session.runId === runId).length;
  if (count < limit) return ok(null);
  return fail(
    'agent',
    `Run session limit reached: run ${runId} has had ${count} of ${limit} agents; raise agents.maxSessionsPerRun or start a new run`,
    { data: { count, limit, runId } },
  );
}

/** Children of one parent that are still active; 0 is unlimited (spec 02 §3.2 step 20). */
export function checkParentLimit(active: readonly SlingSession[], parent: string | null, limit: number): Result<null> {
  if (parent === null || parent === '' || limit <= 0) return ok(null);
  const count = active.filter((session) => session.parentAgent === parent).length;
  if (count < limit) return ok(null);
  return fail(
    'agent',
    `Per-lead agent limit reached: ${parent} has ${count} of ${limit} active agents; wait for one to finish or pass --max-agents`,
    { data: { count, limit, parent } },
  );
}

/** Whether to advise a scout first: a lead's builder, nothing suppressed, no scout of that lead in any state. */
export function needsScoutAdvice(
  request: Pick<SlingCheck, 'capability' | 'skipScout' | 'noScoutCheck'>,
  parent: string | null,
  sessions: readonly SlingSession[],
): boolean {
  if (request.capability !== 'builder' || parent === null || parent === '') return false;
  if (request.skipScout === true || request.noScoutCheck === true) return false;
  return !sessions.some((session) => session.parentAgent === parent && session.capability === 'scout');
}

/** True for uid 0; a system without uids has no root. */
export function runsAsRoot(getUid: (() => number) | undefined): boolean {
  return getUid?.() === 0;
}

/** Splits `a, b,,c` into its parts, blanks dropped (spec 02 §3.1). */
export function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function checkTaskId(taskId: string): Result<null> {
  if (taskId.trim() === '') return fail('validation', 'Task ID is required', { field: 'taskId' });
  const parsed = TaskId.safeParse(taskId);
  if (parsed.success) return ok(null);
  return fail('validation', parsed.error.issues[0]?.message ?? 'task id is not usable', { field: 'taskId' });
}

function checkCount(field: string, value: number): Result<null> {
  if (Number.isInteger(value) && value >= 0) return ok(null);
  return fail('validation', `${field} must be a non-negative integer, got ${value}`, { field, data: { value } });
}

function checkDepth(depth: number, maxDepth: number): Result<null> {
  if (depth <= maxDepth) return ok(null);
  return fail(
    'agent',
    `Depth limit exceeded: depth ${depth} is over agents.maxDepth ${maxDepth}; do the work at this level`,
    {
      data: { depth, maxDepth },
    },
  );
}

function checkCapability(capability: string, known: readonly string[]): Result<null> {
  if (known.includes(capability)) return ok(null);
  return fail('agent', `Unknown capability "${capability}"; available: ${known.join(', ')}`, {
    field: 'capability',
    data: { available: known },
  });
}

function checkConcurrent(count: number, limit: number): Result<null> {
  if (count < limit) return ok(null);
  return fail(
    'agent',
    `Max concurrent agent limit reached: ${count} of ${limit} agents are active; stop one or raise agents.maxConcurrent`,
    { data: { count, limit } },
  );
}

function resolveName(snapshot: SlingSnapshot, request: SlingCheck): Result<string> {
  const wanted = request.name?.trim() ?? '';
  if (wanted === '') {
    const active = new Set(activeSessions(snapshot.sessions).map((session) => session.agentName));
    return ok(chooseAgentName(request.capability, request.taskId, { ...snapshot, active }, snapshot.now));
  }
  const parsed = AgentName.safeParse(wanted);
  if (!parsed.success) {
    return fail('validation', parsed.error.issues[0]?.message ?? 'agent name is not usable', { field: 'name' });
  }
  const existing = snapshot.sessions.find((session) => session.agentName === wanted);
  if (existing !== undefined && !ENDED.has(existing.state)) {
    return fail(
      'agent',
      `agent name ${wanted} is already in use (${existing.state}); choose another name or stop that agent`,
      {
        field: 'name',
        data: { agentName: wanted, state: existing.state },
      },
    );
  }
  const leftover = leftoverOf(wanted, request.taskId, snapshot);
  if (leftover !== null) {
    return fail('agent', `agent name ${wanted} still has ${leftover}; merge and clean it, or choose another name`, {
      field: 'name',
      data: { agentName: wanted },
    });
  }
  return ok(wanted);
}
