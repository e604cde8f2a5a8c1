import { stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { Capability, Preflight, SlingInput, SlingReply } from '../../../contract/agents.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import { type CallError, ok, type Result } from '../../../contract/result.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import type { Changes } from '../changes.ts';
import type { Config } from '../config/schema.ts';
import type { ControlStore } from '../control/controlStore.ts';
import type { Log } from '../engineLog.ts';
import type { EventStore } from '../events/eventStore.ts';
import type { MailStore } from '../mail/mailStore.ts';
import { clearCurrentRun, newRunId, readCurrentRun, writeCurrentRun } from '../runs/currentRun.ts';
import type { RunStore } from '../runs/runStore.ts';
import { chooseRuntime, type RuntimeRegistry } from '../runtimes/registry.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { Undo } from '../undo.ts';
import { SerialQueue } from '../util/serialQueue.ts';
import { branchName } from '../worktrees/names.ts';
import type { Worktrees } from '../worktrees/worktrees.ts';
import { activeSessions, checkSling, type SlingDecision, type SlingSnapshot } from './slingRules.ts';

/** Facts the overlay and guards of a new agent are written from. */
export interface DeployRequest {
  readonly agentName: string;
  readonly capability: Capability;
  readonly taskId: string;
  readonly branch: string;
  readonly worktree: string;
  readonly parent: string | null;
  readonly depth: number;
  readonly specPath: string | null;
  readonly files: readonly string[];
  readonly siblings: readonly string[];
  readonly skipScout: boolean;
  readonly skipReview: boolean;
  readonly maxAgents: number | null;
  readonly runtime: string;
}

export interface SlingServiceOptions {
  readonly projectRoot: string;
  readonly overstoryDirectory: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: () => Config;
  readonly capabilities: () => readonly string[];
  readonly asRoot: boolean;
  readonly sessions: SessionStore;
  readonly runs: RunStore;
  readonly control: ControlStore;
  readonly mail: MailStore;
  readonly events: EventStore;
  readonly worktrees: Worktrees;
  readonly registry: RuntimeRegistry;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly changes: Changes;
  /** Writes instruction file, guards and identity of the agent. */
  readonly deploy: (request: DeployRequest) => Promise<Result<unknown>>;
  /** The board's card of this task follows. */
  readonly onSlung: (taskId: string, agentName: string, capability: Capability) => void;
  /** New mail is there for somebody. */
  readonly wake: () => void;
}

export interface SlingService {
  preflight(input: SlingInput): Promise<Result<Preflight>>;
  /** Starts an agent: reserved name, worktree, instructions, dispatch mail; its first turn follows by itself (spec 02 §3.2). */
  sling(input: SlingInput): Promise<Result<SlingReply>>;
}

interface Prepared {
  readonly session: AgentSession;
  readonly specPath: string | null;
  readonly runtime: string;
  readonly warnings: readonly string[];
}

export function createSlingService(options: SlingServiceOptions): SlingService {
  const { sessions, control, mail, runs, worktrees, config, clock, changes } = options;
  const reserving = new SerialQueue();

  async function specPathOf(input: SlingInput): Promise<string | null> {
    if (input.spec !== undefined && input.spec !== '')
      return isAbsolute(input.spec) ? input.spec : resolve(options.projectRoot, input.spec);
    const usual = join(options.overstoryDirectory, 'specs', `${input.taskId}.md`);
    return (await isFile(usual)) ? usual : null;
  }

  async function snapshot(specExists: boolean | null): Promise<Omit<SlingSnapshot, 'sessions'>> {
    const leftovers = await worktrees.leftovers();
    return {
      now: clock.now(),
      asRoot: options.asRoot,
      limits: config().agents,
      capabilities: options.capabilities(),
      currentRunId: await readCurrentRun(options.overstoryDirectory),
      specExists,
      ...leftovers,
    };
  }

  function runtimeOf(input: SlingInput): Result<string> {
    const name = chooseRuntime({
      explicit: input.runtime,
      capability: input.capability,
      byCapability: config().runtime.capabilities,
      fallback: config().runtime.default,
    });
    const found = options.registry.get(name);
    return found.ok ? ok(name) : found;
  }

  async function decide(input: SlingInput): Promise<
    Result<{
      decision: SlingDecision;
      facts: Omit<SlingSnapshot, 'sessions'>;
      specPath: string | null;
      runtime: string;
    }>
  > {
    const specPath = await specPathOf(input);
    const facts = await snapshot(specPath === null ? null : await isFile(specPath));
    const decision = checkSling({ ...facts, sessions: sessions.getAll() }, input);
    if (!decision.ok) return decision;
    const runtime = runtimeOf(input);
    if (!runtime.ok) return runtime;
    return ok({ decision: decision.value, facts, specPath, runtime: runtime.value });
  }

  return {
    async preflight(input) {
      const checked = await decide(input);
      const runtime = runtimeOf(input);
      const adapter = runtime.ok ? options.registry.get(runtime.value) : runtime;
      const readiness = adapter.ok
        ? await adapter.value.probe(options.environment)
        : { ready: false, detail: adapter.error.message };
      const active = activeSessions(sessions.getAll()).length;
      return ok({
        allowed: checked.ok && readiness.ready,
        refusal: checked.ok ? (readiness.ready ? null : readiness.detail) : checked.error.message,
        capacity: { active, limit: config().agents.maxConcurrent },
        runtime: {
          id: runtime.ok ? runtime.value : (input.runtime ?? 'unknown'),
          ready: readiness.ready,
          detail: readiness.detail,
        },
        agentName: checked.ok ? checked.value.decision.agentName : (input.name ?? ''),
        capability: input.capability,
      });
    },

    async sling(input) {
      const undo = new Undo();
      // One at a time up to the reserved row, so that two first slings of a project join one run.
      const prepared = await reserving.run(options.projectRoot, () => prepare(input, undo));
      if (!prepared.ok) return prepared;
      const { agentName } = prepared.value.session;
      const failed = async (error: CallError): Promise<Result<never>> => {
        const left = await undo.run();
        for (const line of left) options.log('error', 'sling: could not take back a step', { agent: agentName, line });
        changes.allAgents();
        changes.runs();
        return { ok: false, error };
      };
      try {
        return await start(input, prepared.value, undo, failed);
      } catch (error) {
        // A bug: nothing half done may stay behind, then it goes up as what it is.
        await failed({ tag: 'internal', message: 'sling failed' });
        throw error;
      }
    },
  };

  /** Whom an agent without a parent reports to: a coordinator when one is active, else the person in the room. */
  function superiorOfParentless(): string {
    return sessions.getActive().find((session) => session.capability === 'coordinator')?.agentName ?? OPERATOR;
  }

  /** Decides, reserves the name and makes sure of a run; nothing that takes long. */
  async function prepare(input: SlingInput, undo: Undo): Promise<Result<Prepared>> {
    const checked = await decide(input);
    if (!checked.ok) return checked;
    const { decision, facts, specPath, runtime } = checked.value;
    const { agentName, parent } = decision;
    const now = clock.now();
    const runId = decision.runId ?? newRunId(now);
    const previous = sessions.getByName(agentName);
    const session: AgentSession = {
      id: `session-${now}-${agentName}`,
      agentName,
      capability: input.capability,
      worktreePath: join(options.projectRoot, config().worktrees.baseDir, agentName),
      branchName: branchName(agentName, input.taskId),
      taskId: input.taskId,
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
    };
    // The rules run once more inside the transaction: of two slings of one name, or of the last free place, one wins.
    const reserved = sessions.reserve(session, (current) => {
      const again = checkSling({ ...facts, sessions: current }, { ...input, name: agentName });
      return again.ok ? null : again.error;
    });
    if (!reserved.ok) return reserved;
    undo.add('session', () => (previous === null ? sessions.remove(agentName) : sessions.upsert(previous)));
    if (decision.runId === null) {
      runs.createRun({ id: runId, startedAt: timestamp(now), coordinatorSessionId: null, status: 'active' });
      undo.add('run', () => runs.removeRun(runId));
      await writeCurrentRun(options.overstoryDirectory, runId);
      undo.add('current run', () => clearCurrentRun(options.overstoryDirectory));
      changes.runs();
    }
    return ok({ session, specPath, runtime, warnings: decision.warnings });
  }

  async function start(
    input: SlingInput,
    prepared: Prepared,
    undo: Undo,
    failed: (error: CallError) => Promise<Result<never>>,
  ): Promise<Result<SlingReply>> {
    const { session, specPath, runtime } = prepared;
    const { agentName, parentAgent: parent } = session;
    const runId = session.runId ?? '';
    const base = input.baseBranch ?? (await worktrees.currentBranch()) ?? config().project.canonicalBranch;
    const worktree = await worktrees.create({ agentName, taskId: input.taskId, base });
    if (!worktree.ok) return failed(worktree.error);
    undo.add('worktree', () => worktrees.rollback(worktree.value.path, worktree.value.branch));

    const deployed = await options.deploy({
      agentName,
      capability: input.capability,
      taskId: input.taskId,
      branch: worktree.value.branch,
      worktree: worktree.value.path,
      parent: parent === null || parent === '' ? superiorOfParentless() : parent,
      depth: input.depth,
      specPath,
      files: input.files,
      siblings: input.siblings,
      skipScout: input.skipScout,
      skipReview: input.skipReview,
      maxAgents: input.maxAgents ?? null,
      runtime,
    });
    if (!deployed.ok) return failed(deployed.error);

    const settingsBefore = control.getAgentSettings(agentName);
    control.putAgentSettings({
      agentName,
      runtime,
      model: config().models[input.capability] ?? null,
      specPath,
      files: input.files,
      reason: null,
    });
    undo.add('settings', () =>
      settingsBefore === null ? control.removeAgentSettings(agentName) : control.putAgentSettings(settingsBefore),
    );

    const sender = input.from ?? (parent === null || parent === '' ? 'orchestrator' : parent);
    const dispatched = mail.insert({
      from: sender,
      to: agentName,
      subject: `Dispatch: ${input.taskId}`,
      body: dispatchBody(input, specPath),
      type: 'dispatch',
    });
    if (!dispatched.ok) return failed(dispatched.error);
    undo.add('dispatch mail', () => mail.deleteById(dispatched.value.id));

    options.events.insert({
      agentName,
      runId,
      eventType: 'spawn',
      data: JSON.stringify({
        summary: `${agentName} slung on ${input.taskId}`,
        capability: input.capability,
        parent,
        branch: worktree.value.branch,
      }),
    });
    options.onSlung(input.taskId, agentName, input.capability);
    changes.mail([dispatched.value.id]);
    changes.agent(agentName);
    changes.events();
    options.wake();
    return ok({
      agentName,
      capability: input.capability,
      taskId: input.taskId,
      branch: worktree.value.branch,
      worktree: worktree.value.path,
      runId,
      warnings: [...prepared.warnings],
    });
  }
}

/** Text of the dispatch mail (spec 02 §3.9). */
function dispatchBody(input: SlingInput, specPath: string | null): string {
  const spec =
    specPath === null
      ? 'No spec file provided: ask your parent by mail when the task is unclear.'
      : `Spec file: ${specPath}`;
  return `You are the ${input.capability} of task ${input.taskId}. ${spec} Your instructions are in the instruction file of your worktree; read it first.`;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Missing or unreadable: for the caller the same, and the rule that needs it says so.
    return false;
  }
}
