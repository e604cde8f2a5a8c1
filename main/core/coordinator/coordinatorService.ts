import type { Capability } from '../../../contract/agents.ts';
import {
  type CompletionCheck,
  type CoordinatorStatus,
  LeadingRole,
  type StartCoordinatorInput,
} from '../../../contract/coordinator.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { TaskColumn } from '../../../contract/tasks.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import { checkTaskOpen } from '../agents/preflightRules.ts';
import { checkTaskLock } from '../agents/slingRules.ts';
import type { DeployRequest } from '../agents/slingService.ts';
import type { Changes } from '../changes.ts';
import type { Config } from '../config/schema.ts';
import type { ControlStore } from '../control/controlStore.ts';
import type { EventStore } from '../events/eventStore.ts';
import type { MailStore } from '../mail/mailStore.ts';
import { clearCurrentRun, newRunId, readCurrentRun, writeCurrentRun } from '../runs/currentRun.ts';
import type { RunStore } from '../runs/runStore.ts';
import { chooseRuntime, type RuntimeRegistry } from '../runtimes/registry.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { isTerminal } from '../sessions/transitions.ts';
import { checkCompletion, type ExitFacts } from './exitTriggers.ts';

export interface CoordinatorOptions {
  readonly projectRoot: string;
  readonly overstoryDirectory: string;
  readonly clock: Clock;
  readonly config: () => Config;
  readonly sessions: SessionStore;
  readonly runs: RunStore;
  readonly control: ControlStore;
  readonly mail: MailStore;
  readonly events: EventStore;
  readonly registry: RuntimeRegistry;
  readonly changes: Changes;
  readonly deploy: (request: DeployRequest) => Promise<Result<unknown>>;
  readonly currentBranch: () => Promise<string | null>;
  readonly stopAgent: (agentName: string) => Promise<Result<unknown>>;
  /** Branches that wait for their merge or are being merged. */
  readonly mergesWaiting: () => readonly string[];
  /** Column of a task's card; null when it has none. */
  readonly columnOf: (taskId: string) => TaskColumn | null;
  /** The board's card of a supervisor's task follows. */
  readonly onStarted: (taskId: string, agentName: string, capability: Capability) => void;
  /** Tasks somebody could begin now. */
  readonly readyTasks: () => ExitFacts['readyTasks'];
  readonly wake: () => void;
}

export interface CoordinatorService {
  start(input: StartCoordinatorInput): Promise<Result<{ agentName: string; runId: string | null }>>;
  /** Ends it, and completes the run it leads; its agents go on (spec 03 §4.3). */
  stop(agentName: string): Promise<Result<{ agentName: string; sessionId: string; runCompleted: boolean }>>;
  status(agentName: string): CoordinatorStatus;
  checkComplete(): Promise<CompletionCheck>;
  completeRun(runId: string | undefined): Promise<Result<{ runId: string }>>;
}

/**
 * Starts, ends and judges coordinators, orchestrators and supervisors, and completes runs (spec 01 §1.9, spec 03 §4). A coordinator works in the project root and, unlike
 * the reference's long-lived process, runs spawn-per-turn like every other agent: it rests between mails, costs nothing
 * meanwhile, and survives every restart.
 */
export function createCoordinatorService(options: CoordinatorOptions): CoordinatorService {
  const { sessions, runs, control, mail, clock, changes, events } = options;
  return {
    async start(input) {
      const { capability } = input;
      const name = input.name ?? capability;
      const existing = sessions.getByName(name);
      if (existing !== null && !isTerminal(existing.state)) {
        return fail('conflict', `${name} runs already (${existing.state}): send it mail, or stop it first`, {
          data: { agentName: name, state: existing.state },
        });
      }
      const runtime = chooseRuntime({
        explicit: input.runtime,
        capability,
        byCapability: options.config().runtime.capabilities,
        fallback: options.config().runtime.default,
      });
      const known = options.registry.get(runtime);
      if (!known.ok) return known;
      const task = taskOf(input);
      if (!task.ok) return task;
      const parent = input.parent ?? null;
      const branch = (await options.currentBranch()) ?? options.config().project.canonicalBranch;
      const deployed = await options.deploy({
        agentName: name,
        capability,
        taskId: task.value,
        branch,
        worktree: options.projectRoot,
        parent,
        depth: input.depth,
        specPath: input.spec ?? null,
        files: [],
        siblings: [],
        skipScout: false,
        skipReview: false,
        maxAgents: null,
        profile: input.profile ?? null,
        runtime,
      });
      if (!deployed.ok) return deployed;
      const now = clock.now();
      const sessionId = `session-${now}-${name}`;
      // An orchestrator leads coordinators of several projects: each of those has its run, it has none (spec 03 §4.3, defect).
      const runId = capability === 'coordinator' ? await beginRun(now, name, sessionId) : await runOf(input);
      sessions.upsert({
        id: sessionId,
        agentName: name,
        capability,
        worktreePath: options.projectRoot,
        branchName: branch,
        taskId: task.value,
        tmuxSession: '',
        state: 'booting',
        pid: null,
        parentAgent: parent,
        depth: input.depth,
        runId,
        startedAt: timestamp(now),
        lastActivity: timestamp(now),
        escalationLevel: 0,
        stalledSince: null,
        transcriptPath: null,
      });
      control.putAgentSettings({
        agentName: name,
        runtime,
        model: options.config().models[capability] ?? null,
        specPath: input.spec ?? null,
        files: [],
        reason: null,
      });
      const dispatched = mail.insert({
        from: parent ?? OPERATOR,
        to: name,
        subject: 'Objective',
        body: input.objective ?? objectiveOf(input),
        type: 'dispatch',
      });
      if (!dispatched.ok) return dispatched;
      events.insert({
        agentName: name,
        runId,
        eventType: 'spawn',
        data: JSON.stringify({ summary: `${name} started`, capability }),
      });
      if (task.value !== '') options.onStarted(task.value, name, capability);
      changes.mail([dispatched.value.id]);
      changes.agent(name);
      changes.runs();
      changes.events();
      options.wake();
      return ok({ agentName: name, runId });
    },

    async stop(agentName) {
      const session = leading(agentName);
      if (session === null || isTerminal(session.state))
        return fail('agent', `No active ${agentName} session found: see "ov status"`, { data: { agentName } });
      const stopped = await options.stopAgent(agentName);
      if (!stopped.ok) return stopped;
      // Its own run, also when another coordinator has begun one since and that is the current one.
      const run = session.runId === null ? null : runs.getRun(session.runId);
      const leads = run !== null && run.status === 'active' && run.coordinatorSessionId === session.id;
      const completed = leads && (await completeRun(run.id)).ok;
      return ok({ agentName, sessionId: session.id, runCompleted: completed });
    },

    status(agentName) {
      const session = leading(agentName);
      if (session === null || isTerminal(session.state))
        return { running: false, sessionId: null, state: null, startedAt: null, lastActivity: null };
      const { id, state, startedAt, lastActivity } = session;
      return { running: true, sessionId: id, state, startedAt, lastActivity };
    },

    async checkComplete() {
      const runId = await readCurrentRun(options.overstoryDirectory);
      const run = runId === null ? null : runs.getRun(runId);
      const agents = runId === null ? [] : sessions.getByRun(runId);
      const coordinator = run?.coordinatorName ?? 'coordinator';
      const since = run?.startedAt ?? '';
      return checkCompletion(options.config().coordinator.exitTriggers, {
        runId: run === null ? null : runId,
        agents: agents.map(({ agentName, capability, state }) => ({ name: agentName, capability, state })),
        mergesWaiting: options.mergesWaiting(),
        readyTasks: options.readyTasks(),
        mail: mail.getAll({ to: coordinator }).filter((message) => message.createdAt >= since),
      });
    },

    completeRun,
  };

  /** The session of that name, when it leads. */
  function leading(agentName: string): AgentSession | null {
    const session = sessions.getByName(agentName);
    return session !== null && LeadingRole.safeParse(session.capability).success ? session : null;
  }

  /** A supervisor's task, which somebody may work on; nothing for the others. */
  function taskOf(input: StartCoordinatorInput): Result<string> {
    if (input.capability !== 'supervisor') return ok('');
    if (input.taskId === undefined)
      return fail('validation', 'a supervisor needs a task: pass --task <id>', { field: 'taskId' });
    const open = checkTaskOpen(input.taskId, options.columnOf(input.taskId), { recover: false, skipTaskCheck: false });
    if (!open.ok) return open;
    const lock = checkTaskLock(sessions.getActive(), input.taskId, input.parent ?? null);
    return lock.ok ? ok(input.taskId) : lock;
  }

  /** A supervisor works in the run of whoever it reports to, else in the current one; an orchestrator in none. */
  async function runOf(input: StartCoordinatorInput): Promise<string | null> {
    if (input.capability !== 'supervisor') return null;
    const inherited = input.parent === undefined ? null : (sessions.getByName(input.parent)?.runId ?? null);
    return inherited ?? (await readCurrentRun(options.overstoryDirectory));
  }

  async function beginRun(now: number, coordinatorName: string, coordinatorSessionId: string): Promise<string> {
    const id = newRunId(now);
    runs.createRun({ id, startedAt: timestamp(now), coordinatorSessionId, coordinatorName, status: 'active' });
    await writeCurrentRun(options.overstoryDirectory, id);
    return id;
  }

  async function completeRun(wanted: string | undefined | null): Promise<Result<{ runId: string }>> {
    const current = await readCurrentRun(options.overstoryDirectory);
    const runId = wanted ?? current;
    if (runId === null) return fail('notFound', 'No active run to complete');
    const run = runs.getRun(runId);
    if (run === null) return fail('notFound', `there is no run ${runId}: see "ov run list"`);
    runs.completeRun(runId, 'completed');
    if (runId === current) await clearCurrentRun(options.overstoryDirectory);
    events.insert({
      agentName: run.coordinatorName ?? 'orchestrator',
      runId,
      eventType: 'custom',
      data: JSON.stringify({ type: 'run_complete', summary: `run ${runId} completed` }),
    });
    changes.runs();
    changes.status();
    changes.events();
    return ok({ runId });
  }
}

function objectiveOf({ spec, taskId }: StartCoordinatorInput): string {
  if (spec === undefined && taskId !== undefined)
    return `Your task is ${taskId}: "ov task show ${taskId}" says what it is.`;
  return spec === undefined
    ? 'Take stock of the project and the open tasks, then ask me what to do.'
    : `Your objective is in ${spec}.`;
}
