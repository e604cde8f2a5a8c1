import { OPERATOR } from '../../../contract/ids.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import type { DeployRequest } from '../agents/slingService.ts';
import type { Changes } from '../changes.ts';
import type { Config } from '../config/schema.ts';
import type { ControlStore } from '../control/controlStore.ts';
import type { EventStore } from '../events/eventStore.ts';
import type { MailStore } from '../mail/mailStore.ts';
import { clearCurrentRun, newRunId, readCurrentRun, writeCurrentRun } from '../runs/currentRun.ts';
import type { RunStore } from '../runs/runStore.ts';
import { chooseRuntime, type RuntimeRegistry } from '../runtimes/registry.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';

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
  readonly wake: () => void;
}

export interface StartCoordinator {
  readonly name: string;
  readonly runtime?: string | undefined;
  readonly spec?: string | undefined;
  readonly objective?: string | undefined;
}

export interface CoordinatorService {
  start(input: StartCoordinator): Promise<Result<{ agentName: string; runId: string }>>;
  completeRun(runId: string | undefined): Promise<Result<{ runId: string }>>;
}

/**
 * Starts the coordinator of a run and completes runs (spec 01 §1.9). A coordinator works in the project root and, unlike
 * the reference's long-lived process, runs spawn-per-turn like every other agent: it rests between mails, costs nothing
 * meanwhile, and survives every restart.
 */
export function createCoordinatorService(options: CoordinatorOptions): CoordinatorService {
  const { sessions, runs, control, mail, clock, changes, events } = options;
  return {
    async start(input) {
      const existing = sessions.getByName(input.name);
      if (existing !== null && existing.state !== 'completed' && existing.state !== 'zombie') {
        return fail('conflict', `${input.name} runs already (${existing.state}): send it mail, or stop it first`, {
          data: { agentName: input.name, state: existing.state },
        });
      }
      const runtime = chooseRuntime({
        explicit: input.runtime,
        capability: 'coordinator',
        byCapability: options.config().runtime.capabilities,
        fallback: options.config().runtime.default,
      });
      const known = options.registry.get(runtime);
      if (!known.ok) return known;
      const branch = (await options.currentBranch()) ?? options.config().project.canonicalBranch;
      const deployed = await options.deploy({
        agentName: input.name,
        capability: 'coordinator',
        taskId: '',
        branch,
        worktree: options.projectRoot,
        parent: null,
        depth: 0,
        specPath: input.spec ?? null,
        files: [],
        siblings: [],
        skipScout: false,
        skipReview: false,
        maxAgents: null,
        runtime,
      });
      if (!deployed.ok) return deployed;
      const now = clock.now();
      const runId = newRunId(now);
      const sessionId = `session-${now}-${input.name}`;
      runs.createRun({
        id: runId,
        startedAt: timestamp(now),
        coordinatorSessionId: sessionId,
        coordinatorName: input.name,
        status: 'active',
      });
      await writeCurrentRun(options.overstoryDirectory, runId);
      sessions.upsert({
        id: sessionId,
        agentName: input.name,
        capability: 'coordinator',
        worktreePath: options.projectRoot,
        branchName: branch,
        taskId: '',
        tmuxSession: '',
        state: 'booting',
        pid: null,
        parentAgent: null,
        depth: 0,
        runId,
        startedAt: timestamp(now),
        lastActivity: timestamp(now),
        escalationLevel: 0,
        stalledSince: null,
        transcriptPath: null,
      });
      control.putAgentSettings({
        agentName: input.name,
        runtime,
        model: options.config().models.coordinator ?? null,
        specPath: input.spec ?? null,
        files: [],
        reason: null,
      });
      const dispatched = mail.insert({
        from: OPERATOR,
        to: input.name,
        subject: 'Objective',
        body:
          input.objective ??
          (input.spec === undefined
            ? 'Take stock of the project and the open tasks, then ask me what to do.'
            : `Your objective is in ${input.spec}.`),
        type: 'dispatch',
      });
      if (!dispatched.ok) return dispatched;
      events.insert({
        agentName: input.name,
        runId,
        eventType: 'spawn',
        data: JSON.stringify({ summary: `${input.name} started`, capability: 'coordinator' }),
      });
      changes.mail([dispatched.value.id]);
      changes.agent(input.name);
      changes.runs();
      changes.events();
      options.wake();
      return ok({ agentName: input.name, runId });
    },

    async completeRun(wanted) {
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
    },
  };
}
