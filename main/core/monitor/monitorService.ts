import type { AgentEvidence } from '../../../contract/evidence.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import type { MonitorStatus } from '../../../contract/monitor.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import type { Lifecycle } from '../agents/lifecycle.ts';
import type { DeployRequest } from '../agents/slingService.ts';
import type { Changes } from '../changes.ts';
import type { Config } from '../config/schema.ts';
import type { Log } from '../engineLog.ts';
import type { MailService } from '../mail/mailService.ts';
import { chooseRuntime, type RuntimeRegistry } from '../runtimes/registry.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { Stores } from '../stores.ts';
import { type Picture, patrolMail, patrolStep, pictureOf } from './patrol.ts';

/** Name of the one monitor of a project, and of its role (spec 02 §4.8). */
export const MONITOR = 'monitor';
/** Name of the setting that keeps what the monitor was told last, over restarts (control-room.db). */
const TOLD = 'monitor.told';
/** Sender of patrol mails, whose own mail is nobody's life. */
const WATCHDOG = 'watchdog';

export interface MonitorOptions {
  readonly projectRoot: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: () => Config;
  readonly stores: Pick<Stores, 'sessions' | 'control' | 'mail' | 'events' | 'turns'>;
  readonly registry: RuntimeRegistry;
  readonly mail: MailService;
  readonly lifecycle: Pick<Lifecycle, 'stop'>;
  readonly changes: Changes;
  readonly deploy: (request: DeployRequest) => Promise<Result<unknown>>;
  /** The watchdog's verdicts as they are now. */
  readonly evidence: () => readonly AgentEvidence[];
}

/** Tier 2 of the watchdog: an agent that reads the verdicts, nudges and reports (spec 01 §4.1, spec 02 §4.8 and §5.10). */
export interface MonitorService {
  start(input: { readonly runtime?: string | undefined }): Promise<Result<{ agentName: string; sessionId: string }>>;
  stop(): Promise<Result<{ agentName: string; sessionId: string }>>;
  status(): MonitorStatus;
  /** Starts it with the engine where tier 2 is on, unless a person stopped it. */
  ensure(): Promise<void>;
  /** Verdicts may have changed. */
  look(): void;
  close(): void;
}

/**
 * The monitor is an agent like every other: it works in the project root, one process a turn, and rests in between. A
 * mail wakes it when a verdict changes, at most every two minutes; without a change nothing does, so it costs nothing then.
 */
export function createMonitorService(options: MonitorOptions): MonitorService {
  const { stores, clock, changes, log } = options;
  // What was told to an earlier engine is judged once the watchdog knows everybody again: an engine starts without verdicts.
  let lastAt: number | null = clock.now();
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  let telling = false;

  const enabled = (): boolean => options.config().watchdog.tier2Enabled;
  const active = (): AgentSession | null => {
    const session = stores.sessions.getByName(MONITOR);
    return session === null || session.state === 'completed' || session.state === 'zombie' ? null : session;
  };
  const told = (): Picture => {
    const stored: unknown = stores.control.getSetting(TOLD);
    return typeof stored === 'object' && stored !== null ? (stored as Picture) : {};
  };

  async function start(input: { readonly runtime?: string | undefined }) {
    if (!enabled())
      return fail('invalidState', 'the monitor is disabled: set watchdog.tier2Enabled to true in config.yaml');
    const running = stores.sessions.getByName(MONITOR);
    if (running !== null && running.state !== 'completed' && running.state !== 'zombie') {
      return running.capability === MONITOR
        ? fail('conflict', `the monitor runs already (${running.state}): stop it first (ov monitor stop)`)
        : fail('conflict', `an agent of the role ${running.capability} is called monitor: stop it first`);
    }
    const runtime = chooseRuntime({
      explicit: input.runtime,
      capability: MONITOR,
      byCapability: options.config().runtime.capabilities,
      fallback: options.config().runtime.default,
    });
    const known = options.registry.get(runtime);
    if (!known.ok) return known;
    const branch = options.config().project.canonicalBranch;
    const deployed = await options.deploy({
      agentName: MONITOR,
      capability: MONITOR,
      taskId: '',
      branch,
      worktree: options.projectRoot,
      parent: null,
      depth: 0,
      specPath: null,
      files: [],
      siblings: [],
      skipScout: false,
      skipReview: false,
      maxAgents: null,
      profile: null,
      runtime,
    });
    if (!deployed.ok) return deployed;
    const now = clock.now();
    const session: AgentSession = {
      id: `session-${now}-${MONITOR}`,
      agentName: MONITOR,
      capability: MONITOR,
      worktreePath: options.projectRoot,
      branchName: branch,
      taskId: '',
      tmuxSession: '',
      state: 'booting',
      pid: null,
      parentAgent: null,
      depth: 0,
      // It watches whatever run there is, and belongs to none (spec 03 §4.5).
      runId: null,
      startedAt: timestamp(now),
      lastActivity: timestamp(now),
      escalationLevel: 0,
      stalledSince: null,
      transcriptPath: null,
    };
    stores.sessions.upsert(session);
    stores.control.putAgentSettings({
      agentName: MONITOR,
      runtime,
      model: options.config().models.monitor ?? null,
      specPath: null,
      files: [],
      reason: null,
    });
    stores.events.insert({
      agentName: MONITOR,
      runId: null,
      eventType: 'spawn',
      data: JSON.stringify({ summary: 'monitor started', capability: MONITOR }),
    });
    changes.agent(MONITOR);
    changes.events();
    const evidence = options.evidence();
    const picture = pictureOf(evidence, MONITOR, {});
    const introduced = await options.mail.send({
      from: OPERATOR,
      to: MONITOR,
      subject: 'First patrol',
      body: `Take stock of the fleet: "ov status --json".\n\n${patrolMail(Object.keys(picture), {}, picture, evidence).body}`,
      type: 'dispatch',
      priority: 'normal',
    });
    if (!introduced.ok) return introduced;
    lastAt = now;
    stores.control.putSetting(TOLD, picture);
    return ok({ agentName: MONITOR, sessionId: session.id });
  }

  /** Wakes the monitor when what it was told last is no longer so. */
  async function tell(): Promise<void> {
    if (active()?.capability !== MONITOR || !enabled()) return;
    const evidence = options.evidence();
    const before = told();
    const now = pictureOf(evidence, MONITOR, before);
    const unread = stores.mail.getUnread(MONITOR).some((message) => message.from === WATCHDOG);
    const step = patrolStep({ told: before, now, lastAt, at: clock.now(), unread });
    switch (step.do) {
      case 'nothing':
        return;
      case 'wait':
        timer ??= setTimeout(() => {
          timer = null;
          service.look();
        }, step.inMs);
        timer.unref();
        return;
      case 'patrol': {
        const mail = patrolMail(step.changed, before, now, evidence);
        const sent = await options.mail.send({
          from: WATCHDOG,
          to: MONITOR,
          type: 'status',
          priority: 'normal',
          ...mail,
        });
        if (!sent.ok) {
          log('warn', 'the monitor was not told of changed verdicts', { error: sent.error.message });
          return;
        }
        lastAt = clock.now();
        stores.control.putSetting(TOLD, now);
      }
    }
  }

  const service: MonitorService = {
    start,
    async stop() {
      const session = active();
      if (session === null || session.capability !== MONITOR)
        return fail('invalidState', 'No active monitor: start one with "ov monitor start"');
      const stopped = await options.lifecycle.stop(MONITOR);
      return stopped.ok ? ok({ agentName: MONITOR, sessionId: session.id }) : stopped;
    },
    status() {
      const session = stores.sessions.getByName(MONITOR);
      const own = session?.capability === MONITOR ? session : null;
      const used = stores.turns.costByAgent().get(MONITOR);
      return {
        running: own !== null && active() !== null,
        sessionId: own?.id ?? null,
        state: own?.state ?? null,
        startedAt: own?.startedAt ?? null,
        lastActivity: own?.lastActivity ?? null,
        turns: used?.turns ?? 0,
        inputTokens: used?.inputTokens ?? 0,
        outputTokens: used?.outputTokens ?? 0,
        costUsd: used?.costUsd ?? null,
      };
    },
    async ensure() {
      if (!enabled() || active() !== null) return;
      const session = stores.sessions.getByName(MONITOR);
      // A dead one calls for a person already, and who stopped it wants it stopped.
      const reason = stores.control.getAgentSettings(MONITOR)?.reason ?? null;
      if (session?.state === 'zombie' || (session !== null && reason === 'stopped by the operator')) return;
      const started = await start({});
      if (!started.ok) log('warn', `the monitor could not be started: ${started.error.message}`);
    },
    look() {
      if (closed || telling) return;
      telling = true;
      tell()
        .catch((error: unknown) =>
          log('error', 'the monitor could not be told', {
            error: error instanceof Error ? error.stack : String(error),
          }),
        )
        .finally(() => {
          telling = false;
        });
    },
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
  return service;
}
