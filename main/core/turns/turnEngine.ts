import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MailMessage } from '../../../contract/mail.ts';
import type { CallError, Result } from '../../../contract/result.ts';
import { terminalEnvironment } from '../../platform/childEnvironment.ts';
import { type Clock, fileSafeTimestamp, timestamp } from '../../platform/clock.ts';
import type { Changes } from '../changes.ts';
import type { Log } from '../engineLog.ts';
import type { EventStore } from '../events/eventStore.ts';
import type { MailStore } from '../mail/mailStore.ts';
import { agentTerminalId } from '../room/agentViewRules.ts';
import type { AgentEvent, RuntimeAdapter } from '../runtimes/adapter.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import type { Terminals } from '../terminals/terminals.ts';
import { ActiveTurn } from './activeTurn.ts';
import type { LaunchFacts } from './launchSettings.ts';
import { settleTurn } from './settleTurn.ts';
import { turnFooter, turnHeader } from './transcript.ts';
import { readExitRecord, type TurnFiles, turnFiles, turnFilesIn } from './turnFiles.ts';
import type { TurnLease, TurnLocks } from './turnLock.ts';
import { beacon, retryNote, turnMail, turnPrompt } from './turnPrompt.ts';
import type { Turn } from './turnRow.ts';
import type { TurnStore } from './turnStore.ts';

export interface TurnEngineOptions {
  readonly projectRoot: string;
  readonly overstoryDirectory: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly sessions: SessionStore;
  readonly mail: MailStore;
  readonly events: EventStore;
  readonly turns: TurnStore;
  readonly locks: TurnLocks;
  readonly terminals: Terminals;
  readonly changes: Changes;
  /** Folder with the `ov` command, put first on every agent's PATH. */
  readonly commandFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly maxAttempts: () => number;
  /** Facts of an agent's launch, or why there can be no turn. */
  readonly launchFacts: (agentName: string) => Promise<Result<LaunchFacts>>;
  readonly adapter: (runtime: string) => Result<RuntimeAdapter>;
  /** Why an agent died or failed, for its view; null clears it. */
  readonly setReason: (agentName: string, reason: string | null) => void;
  /** Called when a turn has ended and its mail is settled. */
  readonly onSettled: (agentName: string) => void;
}

/** Milliseconds between two writes of an agent's last activity during a turn (spec 01 §2.1). */
const ACTIVITY_INTERVAL_MS = 2_000;
/** Milliseconds from SIGTERM to SIGKILL (spec 01 §2.1). */
const KILL_DELAY_MS = 2_000;

interface Running {
  readonly active: ActiveTurn;
  readonly adapter: RuntimeAdapter;
  readonly files: TurnFiles;
  readonly lease: TurnLease;
  activityAt: number;
  settling: boolean;
}

/**
 * Runs turns: one process per user turn, one turn per agent at any time (spec 01 §2, architecture.md §2). The process
 * belongs to the pty host and its log file is the truth, so this engine may die and come back at any point.
 */
export class TurnEngine {
  readonly #options: TurnEngineOptions;
  readonly #running = new Map<string, Running>();
  readonly #starting = new Set<string>();

  constructor(options: TurnEngineOptions) {
    this.#options = options;
  }

  /** The turn an agent is in, or null. */
  activeTurn(agentName: string): ActiveTurn | null {
    return this.#running.get(agentName)?.active ?? null;
  }

  /** True while a turn of this agent runs or is being started. */
  isBusy(agentName: string): boolean {
    return this.#running.has(agentName) || this.#starting.has(agentName);
  }

  get runningCount(): number {
    return this.#running.size;
  }

  *activeTurns(): Iterable<ActiveTurn> {
    for (const running of this.#running.values()) yield running.active;
  }

  /** Starts a turn with all mail that is due for this agent; does nothing when there is none, or one runs already. */
  async start(agentName: string): Promise<void> {
    if (this.isBusy(agentName)) return;
    this.#starting.add(agentName);
    try {
      const lease = await this.#options.locks.acquire(agentName);
      if (!lease.ok) {
        this.#options.log('warn', lease.error.message, { agent: agentName });
        return;
      }
      const started = await this.#startLocked(agentName, lease.value).catch((error: unknown) => {
        this.#options.log('error', 'turn could not be started', { agent: agentName, error: describe(error) });
        return false;
      });
      if (!started) lease.value.release();
    } finally {
      this.#starting.delete(agentName);
    }
  }

  async #startLocked(agentName: string, lease: TurnLease): Promise<boolean> {
    const { sessions, mail, turns, clock, overstoryDirectory } = this.#options;
    // Read again under the lock: the agent may have been stopped while this call waited (D-03).
    const session = sessions.getByName(agentName);
    if (session === null || session.state === 'completed' || session.state === 'zombie' || session.tmuxSession !== '')
      return false;
    const facts = await this.#options.launchFacts(agentName);
    const adapter = facts.ok ? this.#options.adapter(facts.value.settings.runtime) : facts;
    const now = clock.now();
    const turnId = `${agentName}-${fileSafeTimestamp(now)}`;
    const claimed = mail.claimForTurn(agentName, turnId, now, (id) => turns.get(id)?.state === 'running');
    if (claimed.length === 0) return false;
    this.#options.changes.mail(claimed.map((message) => message.id));
    if (!facts.ok || !adapter.ok) {
      this.#refuse(agentName, turnId, claimed, facts.ok ? (adapter as { error: CallError }).error : facts.error);
      return false;
    }
    const files = turnFiles(overstoryDirectory, agentName, now);
    const previous = turns.latestForAgent(agentName);
    const resumeId = session.claudeSessionId ?? null;
    const attempt = Math.max(...claimed.map((message) => message.delivery?.attempts ?? 1));
    const prompt = this.#prompt(facts.value, adapter.value, claimed, { attempt, resumeId, previous, now });
    const plan = adapter.value.planTurn({
      agentName,
      capability: facts.value.capability,
      taskId: session.taskId,
      worktree: session.worktreePath,
      projectRoot: this.#options.projectRoot,
      agentDirectory: join(overstoryDirectory, 'agents', agentName),
      specPath: facts.value.settings.specPath,
      prompt,
      model: facts.value.settings.model,
      resumeId,
      modelEnv: facts.value.modelEnv,
      settingsFile: facts.value.settingsFile,
      systemPromptFile: facts.value.systemPromptFile,
      parent: session.parentAgent,
      depth: session.depth,
    });
    await mkdir(files.directory, { recursive: true });
    await writeFile(files.stdin, plan.stdin);
    const stored = turns.start({
      turnId,
      agentName,
      sessionId: session.id,
      runId: session.runId,
      prompt,
      logDirectory: files.directory,
      startedAt: timestamp(now),
      resumeId,
      model: facts.value.settings.model,
    });
    if (!stored.ok) {
      this.#requeue(turnId, claimed, stored.error.message);
      return false;
    }
    const running = this.#track(stored.value, adapter.value, files, lease);
    this.#record(stored.value, 'turn_start', {
      summary: `turn ${stored.value.number} started`,
      mails: claimed.length,
      resumeId,
    });
    await this.#feed(
      stored.value,
      'start',
      turnHeader({
        number: stored.value.number,
        startedAt: stored.value.startedAt,
        mails: claimed.length,
        runtime: adapter.value.id,
        resumeId,
        attempt,
      }),
    );
    const launched = await this.#options.terminals.run(agentTerminalId(agentName), {
      argv: plan.argv,
      cwd: session.worktreePath,
      env: terminalEnvironment(this.#options.environment, {
        PATH: `${this.#options.commandFolder}:${this.#options.environment.PATH ?? ''}`,
        OVERSTORY_AGENT_NAME: agentName,
        OVERSTORY_WORKTREE_PATH: session.worktreePath,
        OVERSTORY_TASK_ID: session.taskId,
        OVERSTORY_PROJECT_ROOT: this.#options.projectRoot,
        ...facts.value.modelEnv,
        ...plan.env,
      }),
      files,
      tag: turnId,
      agentName,
      title: agentName,
    });
    if (!launched.ok) {
      this.#options.log('error', 'turn could not be launched', { turn: turnId, error: launched.error.message });
      await this.#settle(running, { code: null, signal: null, started: false, note: launched.error.message });
      return true;
    }
    await this.#writePidFile(agentName, launched.value.pid);
    running.active.start();
    this.#options.changes.agent(agentName);
    return true;
  }

  /** Takes over a turn that an earlier engine started; settles it when its process has ended meanwhile. */
  async adopt(turn: Turn): Promise<void> {
    if (this.#running.has(turn.agentName)) return;
    const { terminals, log, locks } = this.#options;
    this.#starting.add(turn.agentName);
    try {
      const lease = await locks.acquire(turn.agentName);
      if (!lease.ok) {
        log('warn', lease.error.message, { turn: turn.turnId });
        return;
      }
      const facts = await this.#options.launchFacts(turn.agentName);
      const adapter = facts.ok ? this.#options.adapter(facts.value.settings.runtime) : facts;
      if (!adapter.ok) {
        // Without its runtime nobody can read the log any further: the turn is over, its mail goes back.
        this.#requeue(turn.turnId, [], adapter.error.message);
        this.#options.turns.end(turn.turnId, {
          endedAt: timestamp(this.#options.clock.now()),
          exitCode: null,
          signal: null,
          outcome: 'retry',
          reason: adapter.error.message,
        });
        lease.value.release();
        return;
      }
      const files = turnFilesIn(turn.logDirectory);
      const running = this.#track(turn, adapter.value, files, lease.value);
      await terminals.open(agentTerminalId(turn.agentName), {
        agentName: turn.agentName,
        title: turn.agentName,
        cwd: this.#options.sessions.getByName(turn.agentName)?.worktreePath ?? this.#options.projectRoot,
      });
      const drawnTo = await terminals.drawnTo(agentTerminalId(turn.agentName), turn.turnId);
      await running.active.replay(drawnTo);
      const alive = await terminals.isRunning(agentTerminalId(turn.agentName), turn.turnId);
      if (alive) {
        running.active.start();
        this.#options.changes.agent(turn.agentName);
        return;
      }
      await this.#settleFromRecord(running);
    } finally {
      this.#starting.delete(turn.agentName);
    }
  }

  /** Called by the terminals when a run has ended; the exit record is on disk by then. */
  async onRunEnded(tag: string): Promise<void> {
    for (const running of this.#running.values()) {
      if (running.active.turn.turnId === tag) {
        await this.#settleFromRecord(running);
        return;
      }
    }
  }

  /** Looks after every running turn once the pty host is reachable again: what is gone is settled. */
  async reconcile(): Promise<void> {
    for (const running of [...this.#running.values()]) {
      const { turn } = running.active;
      if (await this.#options.terminals.isRunning(agentTerminalId(turn.agentName), turn.turnId)) continue;
      await this.#settleFromRecord(running);
    }
  }

  /** Ends the running turn of an agent and waits until nothing of its process tree is left. */
  async interrupt(agentName: string, endedBy: 'stop' | 'stall'): Promise<void> {
    const running = this.#running.get(agentName);
    if (running === undefined) return;
    running.active.endedBy = endedBy;
    const ended = await this.#options.terminals.terminate(agentTerminalId(agentName), KILL_DELAY_MS);
    if (!ended.ok) this.#options.log('warn', ended.error.message, { agent: agentName });
  }

  /** Stops following every turn without ending any: their processes go on and the next engine adopts them. */
  async detach(): Promise<void> {
    for (const running of this.#running.values()) {
      await running.active.detach();
      running.lease.release();
    }
    this.#running.clear();
  }

  #track(turn: Turn, adapter: RuntimeAdapter, files: TurnFiles, lease: TurnLease): Running {
    const { clock, log, turns } = this.#options;
    const active = new ActiveTurn({
      turn,
      files,
      parser: adapter.createParser(),
      turns,
      clock,
      log,
      feed: (offset, end, data) =>
        this.#options.terminals.feed(agentTerminalId(turn.agentName), { source: turn.turnId, offset, end, data }),
      onEvents: (events) => this.#onEvents(turn.agentName, events),
    });
    const running: Running = { active, adapter, files, lease, activityAt: 0, settling: false };
    this.#running.set(turn.agentName, running);
    return running;
  }

  #onEvents(agentName: string, events: readonly AgentEvent[]): void {
    const running = this.#running.get(agentName);
    if (running === undefined || events.length === 0) return;
    const { sessions, clock, changes } = this.#options;
    if (running.activityAt === 0) this.#move(running.active.turn, 'in_turn');
    const conversation = running.active.conversationId;
    const session = sessions.getByName(agentName);
    if (conversation !== null && session !== null && session.claudeSessionId !== conversation)
      sessions.updateClaudeSessionId(agentName, conversation);
    const now = clock.now();
    if (now - running.activityAt >= ACTIVITY_INTERVAL_MS) {
      running.activityAt = now;
      sessions.updateLastActivity(agentName, now);
    }
    changes.agent(agentName);
    changes.events();
  }

  async #settleFromRecord(running: Running): Promise<void> {
    const record = await readExitRecord(running.files.exit);
    await this.#settle(running, {
      code: record?.code ?? null,
      signal: record?.signal ?? null,
      started: true,
      note: null,
    });
  }

  async #settle(
    running: Running,
    exit: { code: number | null; signal: number | null; started: boolean; note: string | null },
  ): Promise<void> {
    if (running.settling) return;
    running.settling = true;
    const { active, lease } = running;
    const { turn } = active;
    try {
      await active.finish();
      const settled = settleTurn({ ...this.#options, active, exit, move: (state) => this.#move(turn, state) });
      await this.#feed(
        turn,
        'end',
        turnFooter({
          ...settled,
          endedAt: timestamp(this.#options.clock.now()),
          costUsd: active.result?.costUsd ?? null,
        }),
      );
    } catch (error) {
      // The turn stays `running` in the store: the next start of the engine adopts and settles it. Nothing is lost.
      this.#options.log('error', 'turn could not be settled', { turn: turn.turnId, error: describe(error) });
    } finally {
      this.#running.delete(turn.agentName);
      lease.release();
      await rm(this.#pidFile(turn.agentName), { force: true });
    }
    this.#options.changes.agent(turn.agentName);
    this.#options.changes.events();
    this.#options.onSettled(turn.agentName);
  }

  /** A guarded state write plus its event; a refused write is normal (the operator stopped the agent meanwhile). */
  #move(turn: Turn, state: 'in_turn' | 'between_turns' | 'completed' | 'zombie'): void {
    const moved = this.#options.sessions.tryTransitionState(turn.agentName, state);
    if (!moved.ok) {
      this.#options.log('info', 'state kept', { agent: turn.agentName, attempted: state, reason: moved.reason });
      return;
    }
    if (moved.prev !== moved.next)
      this.#record(turn, 'custom', { type: 'state', state, summary: `${moved.prev} → ${state}` });
  }

  #record(turn: Turn, eventType: 'turn_start' | 'custom', data: Readonly<Record<string, unknown>>): void {
    this.#options.events.insert({
      agentName: turn.agentName,
      runId: turn.runId,
      sessionId: turn.conversationId,
      eventType,
      data: JSON.stringify({ turnId: turn.turnId, number: turn.number, ...data }),
    });
    this.#options.changes.events();
  }

  async #feed(turn: Turn, part: 'start' | 'end', text: string): Promise<void> {
    const id = agentTerminalId(turn.agentName);
    const cwd = this.#options.sessions.getByName(turn.agentName)?.worktreePath ?? this.#options.projectRoot;
    await this.#options.terminals.open(id, { agentName: turn.agentName, title: turn.agentName, cwd });
    this.#options.terminals.feed(id, { source: `${turn.turnId}#${part}`, offset: 0, end: 1, data: text });
  }

  #prompt(
    facts: LaunchFacts,
    adapter: RuntimeAdapter,
    claimed: readonly MailMessage[],
    turn: {
      readonly attempt: number;
      readonly resumeId: string | null;
      readonly previous: Turn | null;
      readonly now: number;
    },
  ): string {
    const { session } = facts;
    const failedBefore = turn.attempt > 1 ? (turn.previous?.reason ?? 'the process ended') : null;
    return turnPrompt({
      note: failedBefore === null ? null : retryNote(failedBefore, turn.resumeId === null),
      mail: turnMail(claimed),
      beacon:
        turn.resumeId !== null
          ? null
          : beacon({
              agentName: session.agentName,
              capability: session.capability,
              taskId: session.taskId,
              depth: session.depth,
              parent: session.parentAgent,
              instructionPath: adapter.instructionPath,
              at: timestamp(turn.now),
            }),
    });
  }

  /** The agent cannot run at all as things are: its mail becomes a dead letter with the reason, for a person to see. */
  #refuse(agentName: string, turnId: string, claimed: readonly MailMessage[], error: CallError): void {
    this.#options.mail.settleTurn(turnId, { kind: 'dead', reason: error.message });
    this.#options.setReason(agentName, error.message);
    this.#options.log('error', 'agent cannot run', { agent: agentName, error: error.message });
    this.#options.changes.mail(claimed.map((message) => message.id));
    this.#options.changes.agent(agentName);
  }

  #requeue(turnId: string, claimed: readonly MailMessage[], reason: string): void {
    this.#options.mail.settleTurn(turnId, { kind: 'requeue', at: this.#options.clock.now() + 1_000, reason });
    this.#options.changes.mail(claimed.map((message) => message.id));
  }

  #pidFile(agentName: string): string {
    return join(this.#options.overstoryDirectory, 'agents', agentName, 'turn.pid');
  }

  /** `turn.pid` is how the original `ov stop` finds the process (spec 01 §0.3). */
  async #writePidFile(agentName: string, pid: number): Promise<void> {
    await mkdir(join(this.#options.overstoryDirectory, 'agents', agentName), { recursive: true });
    await writeFile(this.#pidFile(agentName), `${pid}\n`);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
