import { stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { Capability, Preflight, SlingInput, SlingReply } from '../../../contract/agents.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import type { PlannedCollision } from '../../../contract/radar.ts';
import { type CallError, ok, type Result } from '../../../contract/result.ts';
import type { GuardState } from '../../../contract/runtimes.ts';
import type { TaskColumn } from '../../../contract/tasks.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import type { Changes } from '../changes.ts';
import type { Config } from '../config/schema.ts';
import type { ControlStore } from '../control/controlStore.ts';
import type { Log } from '../engineLog.ts';
import type { EventStore } from '../events/eventStore.ts';
import type { SlingFacts } from '../governor/governor.ts';
import { newMailId } from '../mail/mailIds.ts';
import type { MailStore } from '../mail/mailStore.ts';
import { newRunId, readCurrentRun, writeCurrentRun } from '../runs/currentRun.ts';
import type { RunStore } from '../runs/runStore.ts';
import type { RuntimeAdapter } from '../runtimes/adapter.ts';
import { chooseRuntime, type RuntimeRegistry } from '../runtimes/registry.ts';
import { trustQuestion } from '../runtimes/trust.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { pathExists } from '../util/files.ts';
import { SerialQueue } from '../util/serialQueue.ts';
import { branchName } from '../worktrees/names.ts';
import type { Worktrees } from '../worktrees/worktrees.ts';
import { dispatchMail } from './dispatchMail.ts';
import { checkTaskOpen, judgePreflight } from './preflightRules.ts';
import { readAgentFiles, type SlingEntry, SlingJournal } from './slingJournal.ts';
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
  /** Ceiling a lead is told. */
  readonly maxAgents: number | null;
  /** Name of a profile in `agent-defs`; null for none. */
  readonly profile: string | null;
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
  /** How far the guards of a runtime hold, as far as that is known. */
  readonly guardOf?: (runtime: RuntimeAdapter) => GuardState;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly changes: Changes;
  /** Writes instruction file, guards and identity of the agent. */
  readonly deploy: (request: DeployRequest) => Promise<Result<unknown>>;
  /** The board's card of this task follows. */
  readonly onSlung: (taskId: string, agentName: string, capability: Capability) => void;
  /** Column of the task's card; null when it has none. */
  readonly columnOf: (taskId: string) => TaskColumn | null;
  /** Running agents a task with these files would meet, as of the radar's last look. */
  readonly plannedCollisions: (files: readonly string[]) => readonly PlannedCollision[];
  /** US dollars of the newest agents of a role. */
  readonly pastCosts: (capability: string) => readonly number[];
  /** Files of the task's card. */
  readonly filesOf: (taskId: string) => readonly string[];
  /** Why nobody may be slung now, such as a cap that is reached; null when one may. `ask` puts it before a person. */
  readonly refuse: (facts: SlingFacts, ask: boolean) => CallError | null;
  /** New mail is there for somebody. */
  readonly wake: () => void;
}

export interface SlingService {
  preflight(input: SlingInput): Promise<Result<Preflight>>;
  /** Starts an agent: reserved name, worktree, instructions, dispatch mail; its first turn follows by itself (spec 02 §3.2). */
  sling(input: SlingInput): Promise<Result<SlingReply>>;
  /** Takes back or completes what an earlier engine was in the middle of. @returns lines for the log. */
  recover(): Promise<readonly string[]>;
}

interface Prepared {
  readonly entry: SlingEntry;
  readonly specPath: string | null;
  readonly runtime: string;
  readonly warnings: readonly string[];
}

export function createSlingService(options: SlingServiceOptions): SlingService {
  const { sessions, control, mail, runs, worktrees, config, clock, changes } = options;
  const reserving = new SerialQueue();
  const journal = new SlingJournal(options);
  /** Slings of callers that may ask again because an answer was lost, by the id they chose. */
  const underWay = new Map<string, Promise<Result<SlingReply>>>();

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

  async function decide(
    input: SlingInput,
    ask: boolean,
  ): Promise<
    Result<{
      decision: SlingDecision;
      facts: Omit<SlingSnapshot, 'sessions'>;
      specPath: string | null;
      runtime: string;
    }>
  > {
    const specPath = await specPathOf(input);
    const facts = await snapshot(specPath === null ? null : await isFile(specPath));
    // Who runs the engine is remarked upon when somebody is slung, not at every look before.
    const asRoot = facts.asRoot && ask;
    const rules = checkSling({ ...facts, asRoot, sessions: sessions.getAll() }, input);
    if (!rules.ok) return rules;
    const open = checkTaskOpen(input.taskId, options.columnOf(input.taskId), input);
    if (!open.ok) return open;
    const { warning } = open.value;
    const warnings = warning === null ? rules.value.warnings : [...rules.value.warnings, warning];
    const decision: SlingDecision = { ...rules.value, warnings };
    const runtime = runtimeOf(input);
    if (!runtime.ok) return runtime;
    const refused = options.refuse({ taskId: input.taskId, runtime: runtime.value, runId: decision.runId }, ask);
    if (refused !== null) return { ok: false, error: refused };
    return ok({ decision, facts, specPath, runtime: runtime.value });
  }

  return {
    async preflight(input) {
      const checked = await decide(input, false);
      const runtime = runtimeOf(input);
      const adapter = runtime.ok ? options.registry.get(runtime.value) : runtime;
      const readiness = adapter.ok
        ? await adapter.value.probe(options.environment)
        : { ready: false, detail: adapter.error.message };
      const files = input.files.length > 0 ? input.files : options.filesOf(input.taskId);
      const judged = judgePreflight({
        decision: checked.ok ? ok(checked.value.decision) : checked,
        runtime: {
          id: runtime.ok ? runtime.value : (input.runtime ?? 'unknown'),
          ready: readiness.ready,
          detail: readiness.detail,
        },
        ...(runtime.ok ? guardIn(runtime.value) : {}),
        trust: runtime.ok ? await trustQuestion(runtime.value, options.projectRoot, options.environment) : null,
        capacity: { active: activeSessions(sessions.getAll()).length, limit: config().agents.maxConcurrent },
        collisions: options.plannedCollisions(files),
        pastCosts: options.pastCosts(input.capability),
      });
      const agentName = judged.agentName === '' ? (input.name ?? '') : judged.agentName;
      return ok({ ...judged, agentName, capability: input.capability });
    },

    async sling(input) {
      if (input.id === undefined) return slingOnce(input);
      const done = slungBefore(input.id);
      if (done !== null) return done;
      const running = underWay.get(input.id);
      if (running !== undefined) return running;
      const { id } = input;
      const slinging = slingOnce(input).finally(() => underWay.delete(id));
      underWay.set(id, slinging);
      return slinging;
    },

    recover: () => journal.recover(options.onSlung),
  };

  /** The answer to a caller that asks a second time, because the first answer was lost. */
  function slungBefore(id: string): Result<SlingReply> | null {
    const dispatched = mail.getById(id);
    const session = dispatched === null ? null : sessions.getByName(dispatched.to);
    return session === null
      ? null
      : ok({ ...replyOf(session, []), ...guardIn(control.getAgentSettings(session.agentName)?.runtime ?? '') });
  }

  async function slingOnce(input: SlingInput): Promise<Result<SlingReply>> {
    // One at a time up to the reserved row, so that two first slings of a project join one run.
    const prepared = await reserving.run(options.projectRoot, () => prepare(input));
    if (!prepared.ok) return prepared;
    const { entry } = prepared.value;
    const made = { worktree: false };
    const failed = async (error: CallError): Promise<Result<never>> => {
      const left = await journal.takeBack(entry, made);
      for (const line of left) {
        options.log('error', 'sling: could not take back a step', { agent: entry.session.agentName, line });
      }
      changes.allAgents();
      changes.runs();
      return { ok: false, error };
    };
    try {
      return await start(input, prepared.value, made, failed);
    } catch (error) {
      // A bug: nothing half done may stay behind, then it goes up as what it is.
      if (mail.getById(entry.dispatchId) === null) await failed({ tag: 'internal', message: 'sling failed' });
      throw error;
    }
  }

  /** Whom an agent without a parent reports to: a coordinator when one is active, else the person in the room. */
  function superiorOfParentless(): string {
    return sessions.getActive().find((session) => session.capability === 'coordinator')?.agentName ?? OPERATOR;
  }

  /** Decides, reserves the name and makes sure of a run; nothing that takes long. */
  async function prepare(input: SlingInput): Promise<Result<Prepared>> {
    const checked = await decide(input, true);
    if (!checked.ok) return checked;
    const { decision, facts, specPath, runtime } = checked.value;
    const { agentName, parent } = decision;
    const now = clock.now();
    const runId = decision.runId ?? newRunId(now);
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
    const folder = join(options.overstoryDirectory, 'agents', agentName);
    const createdFolder = !(await pathExists(folder));
    const entry: SlingEntry = {
      session,
      previous: sessions.getByName(agentName),
      previousSettings: control.getAgentSettings(agentName),
      createdRun: decision.runId === null,
      createdFolder,
      previousFiles: createdFolder ? {} : await readAgentFiles(folder),
      dispatchId: input.id ?? newMailId(),
    };
    journal.begin(entry);
    // The rules run once more inside the transaction: of two slings of one name, or of the last free place, one wins.
    const reserved = sessions.reserve(session, (current) => {
      const again = checkSling({ ...facts, sessions: current }, { ...input, name: agentName });
      return again.ok ? null : again.error;
    });
    if (!reserved.ok) {
      journal.end(agentName);
      return reserved;
    }
    if (entry.createdRun) {
      try {
        runs.createRun({ id: runId, startedAt: timestamp(now), coordinatorSessionId: null, status: 'active' });
        await writeCurrentRun(options.overstoryDirectory, runId);
      } catch (error) {
        await journal.takeBack(entry, { worktree: false });
        throw error;
      }
      changes.runs();
    }
    return ok({ entry, specPath, runtime, warnings: decision.warnings });
  }

  async function start(
    input: SlingInput,
    prepared: Prepared,
    made: { worktree: boolean },
    failed: (error: CallError) => Promise<Result<never>>,
  ): Promise<Result<SlingReply>> {
    const { entry, specPath, runtime } = prepared;
    const { session } = entry;
    const { agentName, parentAgent: parent } = session;
    const runId = session.runId ?? '';
    const base = input.baseBranch ?? (await worktrees.currentBranch()) ?? config().project.canonicalBranch;
    const worktree = await worktrees.create({ agentName, taskId: input.taskId, base });
    if (!worktree.ok) return failed(worktree.error);
    made.worktree = true;

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
      maxAgents: input.dispatchMaxAgents ?? null,
      profile: input.profile ?? null,
      runtime,
    });
    if (!deployed.ok) return failed(deployed.error);

    control.putAgentSettings({
      agentName,
      runtime,
      model: config().models[input.capability] ?? null,
      specPath,
      files: input.files,
      reason: null,
    });
    const adapter = options.registry.get(runtime);
    const letter = dispatchMail(
      input,
      parent,
      specPath,
      adapter.ok ? adapter.value.instructionPath : 'the instruction file',
    );
    // From this row on the agent counts as slung: it is what a sling that is cut off is judged by.
    const dispatched = mail.insert({
      id: entry.dispatchId,
      ...letter,
      to: agentName,
      type: 'dispatch',
    });
    if (!dispatched.ok) return failed(dispatched.error);
    journal.end(agentName);

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
    return ok({ ...replyOf(session, prepared.warnings), ...guardIn(runtime) });
  }

  function guardIn(runtime: string): Pick<SlingReply, 'guard'> {
    const adapter = options.registry.get(runtime);
    return adapter.ok && options.guardOf !== undefined ? { guard: options.guardOf(adapter.value) } : {};
  }
}

function replyOf(session: AgentSession, warnings: readonly string[]): SlingReply {
  return {
    agentName: session.agentName,
    capability: session.capability as Capability,
    taskId: session.taskId,
    branch: session.branchName,
    worktree: session.worktreePath,
    runId: session.runId ?? '',
    warnings: [...warnings],
  };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Missing or unreadable: for the caller the same, and the rule that needs it says so.
    return false;
  }
}
