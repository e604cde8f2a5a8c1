import { setTimeout as delay } from 'node:timers/promises';
import { type CallError, fail, type Result } from '../../../contract/result.ts';
import { fileSafeTimestamp, timestamp } from '../../platform/clock.ts';
import { createTurnMeter, meterKindOf, NO_TOKENS } from '../metrics/turnMeter.ts';
import { agentTerminalId } from '../room/agentViewRules.ts';
import type { AgentEvent, RuntimeAdapter } from '../runtimes/adapter.ts';
import type { RunRequest, Terminals } from '../terminals/terminals.ts';
import { errorLine } from '../util/files.ts';
import { ActiveTurn } from './activeTurn.ts';
import { eventOfTurn, type RunningTurn, removePidFile, setReady, writePidFile } from './runningTurn.ts';
import { reportsOf, settleTurn } from './settleTurn.ts';
import { createStartTroubles, type StartTroubles } from './startTroubles.ts';
import type { TurnEngineOptions } from './turnEngineOptions.ts';
import { failureOf } from './turnFailure.ts';
import { readExitRecord, type TurnFiles, turnFilesIn } from './turnFiles.ts';
import type { TurnLease } from './turnLock.ts';
import type { EndedBy } from './turnOutcome.ts';
import type { Turn } from './turnRow.ts';
import { drawTurnFooter, drawTurnHeader } from './turnScreen.ts';
import { giveBackStrays, prepareTurn, refuseMail, requeueMail } from './turnStart.ts';

/** Milliseconds between two writes of an agent's last activity during a turn (spec 01 §2.1). */
const ACTIVITY_INTERVAL_MS = 2_000;
/** Milliseconds from SIGTERM to SIGKILL (spec 01 §2.1). */
const KILL_DELAY_MS = 2_000;
/**
 * Milliseconds a runtime has to end by itself after an interrupt: claude needs well under one second to end its tool and
 * write its result (real-agents.md §5), and hands on what it knows only this way.
 */
const INTERRUPT_MS = 5_000;
/** A refused account gets one more try, since a runtime may renew its token meanwhile; then waiting any longer is useless. */
const REFUSALS_BORNE = 1;
/** Milliseconds before a turn whose log or end could not be stored is taken over anew. */
const ADOPT_AGAIN_MS = 1_000;
/** Milliseconds a closing engine, or whoever ends a turn, waits for starts and ends that are under way. */
const CLOSE_WAIT_MS = 10_000;

/**
 * Runs turns: one process per user turn, one turn per agent at any time (spec 01 §2, architecture.md §2). The process
 * belongs to the pty host and its log file is the truth, so this engine may die and come back at any point.
 */
export class TurnEngine {
  readonly #options: TurnEngineOptions;
  readonly #running = new Map<string, RunningTurn>();
  readonly #starting = new Map<string, Promise<unknown>>();
  readonly #underWay = new Set<Promise<unknown>>();
  #closing = false;

  /** Turns that cannot even be written down. */
  readonly troubles: StartTroubles;

  constructor(options: TurnEngineOptions) {
    this.#options = options;
    this.troubles = createStartTroubles(options.clock, (agentName) => {
      options.changes.agent(agentName);
      options.changes.attention();
    });
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
    if (this.#closing || this.isBusy(agentName)) return;
    await this.#begin(agentName, () => this.#start(agentName));
  }

  /** Notes that a turn of this agent is being started or taken over, for as long as it takes. */
  async #begin(agentName: string, work: () => Promise<void>): Promise<void> {
    const begun = Promise.withResolvers<void>();
    this.#starting.set(agentName, begun.promise);
    try {
      await this.#tracked(work());
    } finally {
      this.#starting.delete(agentName);
      begun.resolve();
    }
  }

  async #start(agentName: string): Promise<void> {
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
  }

  /** True when a turn now runs or has been settled; the lease is its own then. */
  async #startLocked(agentName: string, lease: TurnLease): Promise<boolean> {
    const { sessions, mail, turns, clock } = this.#options;
    // Read again under the lock: the agent may have been stopped while this call waited (D-03).
    const session = sessions.getByName(agentName);
    if (session === null || isOver(session.state) || session.tmuxSession !== '') {
      this.troubles.over(agentName);
      return false;
    }
    const facts = await this.#options.launchFacts(agentName);
    const adapter = facts.ok ? this.#options.adapter(facts.value.settings.runtime) : facts;
    // Looked at last: whoever takes an agent over writes the hold first and then waits for what has passed this line.
    if (this.#closing || this.#options.holds.get(agentName) !== null) return false;
    const now = clock.now();
    const turnId = `${agentName}-${fileSafeTimestamp(now)}`;
    const claimed = mail.claimForTurn(agentName, turnId, now, (id) => turns.get(id)?.state === 'running');
    if (claimed.length === 0) return false;
    this.#options.changes.mail(claimed.map((message) => message.id));
    if (!facts.ok || !adapter.ok) {
      const error = facts.ok ? (adapter as { error: CallError }).error : facts.error;
      refuseMail(this.#options, agentName, turnId, claimed, error);
      return false;
    }
    const claim = { turnId, session, launch: facts.value, adapter: adapter.value, claimed, now };
    const prepared = await prepareTurn(this.#options, claim);
    if (!prepared.ok) {
      const reason = prepared.error.message;
      this.#options.log('error', 'turn could not be written down', { turn: turnId, error: reason });
      const wait = this.troubles.failed(agentName, reason);
      requeueMail(this.#options, turnId, claimed, reason, wait);
      return false;
    }
    this.troubles.over(agentName);
    const running = this.#track(prepared.value.turn, adapter.value, prepared.value.files, lease);
    running.active.reportsBefore = reportsOf(mail, agentName, session.capability).length;
    await this.#launch(running, prepared.value.process);
    return true;
  }

  async #launch(running: RunningTurn, process: Pick<RunRequest, 'argv' | 'cwd' | 'env'>): Promise<void> {
    const { turn } = running.active;
    const { agentName } = turn;
    const id = agentTerminalId(agentName);
    const request: RunRequest = { ...process, files: running.files, tag: turn.turnId, agentName, title: agentName };
    let launched: Result<{ readonly pid: number }>;
    try {
      this.#options.changes.events();
      await drawTurnHeader(this.#options, turn, running.adapter);
      launched = await this.#options.terminals.run(id, request);
      if (!launched.ok && launched.error.tag === 'conflict') {
        // Something of an earlier turn still sits on the terminal, and no turn of this agent runs: it is a leftover.
        await this.#options.terminals.terminate(id, KILL_DELAY_MS);
        launched = await this.#options.terminals.run(id, request);
      }
    } catch (error) {
      launched = fail('internal', errorLine(error));
    }
    setReady(running);
    if (!launched.ok) {
      this.#options.log('error', 'turn could not be launched', { turn: turn.turnId, error: launched.error.message });
      await this.#settle(running, { code: null, signal: null, started: false, note: launched.error.message });
      return;
    }
    await writePidFile(this.#options.overstoryDirectory, agentName, launched.value.pid).catch((error: unknown) =>
      // The turn does not need the file, only the original's stop does: the turn goes on.
      this.#options.log('warn', 'turn.pid could not be written', { agent: agentName, error: errorLine(error) }),
    );
    if (!running.settling) running.active.start();
    this.#options.changes.agent(agentName);
    this.#options.onStarted?.(agentName);
    await this.#stopIfOver(running);
  }

  /**
   * Takes over a turn that an earlier engine started; settles it when its process has ended meanwhile. `endedBy` says why
   * it is known to have ended, when that is known.
   */
  async adopt(turn: Turn, endedBy: EndedBy | null = null): Promise<void> {
    if (this.#closing || this.isBusy(turn.agentName)) return;
    await this.#begin(turn.agentName, () => this.#adopt(turn, endedBy));
  }

  async #adopt(turn: Turn, endedBy: EndedBy | null): Promise<void> {
    const { terminals, log, locks } = this.#options;
    const lease = await locks.acquire(turn.agentName);
    if (!lease.ok) {
      log('warn', lease.error.message, { turn: turn.turnId });
      return;
    }
    const facts = await this.#options.launchFacts(turn.agentName);
    const adapter = facts.ok ? this.#options.adapter(facts.value.settings.runtime) : facts;
    if (!adapter.ok) {
      // Without its runtime nobody can read the log any further: the turn is over, its mail goes back.
      requeueMail(this.#options, turn.turnId, [], adapter.error.message);
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
    const id = agentTerminalId(turn.agentName);
    const running = this.#track(turn, adapter.value, turnFilesIn(turn.logDirectory), lease.value);
    running.active.endedBy = endedBy;
    let state: Awaited<ReturnType<Terminals['runState']>>;
    try {
      await drawTurnHeader(this.#options, turn, adapter.value);
      await running.active.replay(await terminals.drawnTo(id, turn.turnId));
      state = await terminals.runState(id, turn.turnId);
    } catch (error) {
      this.#drop(running);
      this.#adoptLater(turn.turnId);
      throw error;
    }
    setReady(running);
    if (state === 'ended') {
      await this.#settleFromRecord(running);
      return;
    }
    running.active.start();
    this.#options.changes.agent(turn.agentName);
    this.#options.onStarted?.(turn.agentName);
    await this.#stopIfOver(running);
  }

  /** The agent was stopped while its turn was being launched, or while no engine ran: the process must not go on. */
  async #stopIfOver(running: RunningTurn): Promise<void> {
    const { agentName } = running.active.turn;
    const session = this.#options.sessions.getByName(agentName);
    if (session !== null && session.state === 'completed') await this.#end(running, running.active.endedBy ?? 'stop');
  }

  /** Called by the terminals when a run has ended; the exit record is on disk by then. */
  async onRunEnded(tag: string): Promise<void> {
    for (const running of this.#running.values()) {
      if (running.active.turn.turnId !== tag) continue;
      await running.ready.promise;
      await this.#settleFromRecord(running);
      return;
    }
  }

  /**
   * Looks after every turn once the pty host is reachable again, and at each tick of the watchdog: what is gone is
   * settled, what a terminal lacks is drawn, what nobody follows is taken over.
   */
  async reconcile(): Promise<void> {
    for (const running of [...this.#running.values()]) {
      if (this.#closing || !running.isReady || running.settling) continue;
      const { turn } = running.active;
      const id = agentTerminalId(turn.agentName);
      const state = await this.#options.terminals.runState(id, turn.turnId);
      if (state === 'unknown' || running.settling) continue;
      await drawTurnHeader(this.#options, turn, running.adapter);
      await running.active.redraw(() => this.#options.terminals.drawnTo(id, turn.turnId));
      if (state === 'ended') await this.#settleFromRecord(running);
    }
    if (this.#closing) return;
    giveBackStrays(this.#options, (agentName) => this.isBusy(agentName));
    for (const turn of this.#options.turns.running()) if (!this.isBusy(turn.agentName)) await this.adopt(turn);
  }

  /**
   * Ends the running turn of an agent, or the one that is just being started, and waits until nothing of its process tree
   * is left: the runtime is interrupted first, so that it ends its own tools and writes its last line.
   */
  async interrupt(agentName: string, endedBy: EndedBy): Promise<void> {
    // Half a launch cannot be ended: nothing runs yet that could be signalled. One that still waits for another process's
    // lock is not waited for: it looks at state and holds again before it starts anything.
    const late = delay(CLOSE_WAIT_MS, undefined, { ref: false });
    await Promise.race([this.#starting.get(agentName), late]);
    if (endedBy === 'stop') this.troubles.over(agentName);
    const running = this.#running.get(agentName);
    if (running !== undefined) await this.#end(running, endedBy);
  }

  async #end(running: RunningTurn, endedBy: EndedBy): Promise<void> {
    const { active } = running;
    const { agentName } = active.turn;
    // A stop is final; everything else gives way to it.
    if (active.endedBy !== 'stop') active.endedBy = endedBy;
    await running.ready.promise;
    if (running.settling) return;
    running.ending ??= (async () => {
      const id = agentTerminalId(agentName);
      await this.#options.beforeKill?.(agentName, endedBy);
      const ended = await this.#options.terminals.terminate(id, KILL_DELAY_MS, INTERRUPT_MS);
      if (!ended.ok) this.#options.log('warn', ended.error.message, { agent: agentName });
    })().finally(() => {
      running.ending = null;
    });
    await running.ending;
  }

  /** Stops following every turn without ending any: their processes go on and the next engine adopts them. */
  async detach(): Promise<void> {
    this.#closing = true;
    // A start that is cut off half-way would launch a process after its turn was given up by the next engine.
    const late = delay(CLOSE_WAIT_MS, undefined, { ref: false });
    await Promise.race([Promise.allSettled([...this.#underWay]), late]);
    for (const running of this.#running.values()) {
      await running.active.detach();
      running.lease.release();
    }
    this.#running.clear();
  }

  async #tracked<Value>(work: Promise<Value>): Promise<Value> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  /** Lets go of a turn without judging it. */
  #drop(running: RunningTurn): void {
    running.settling = true;
    setReady(running);
    void running.active.detach();
    if (this.#running.get(running.active.turn.agentName) === running)
      this.#running.delete(running.active.turn.agentName);
    running.lease.release();
  }

  #adoptLater(turnId: string): void {
    const timer = setTimeout(() => {
      if (this.#closing) return;
      const turn = this.#options.turns.get(turnId);
      if (turn?.state !== 'running') return;
      this.adopt(turn).catch((error: unknown) =>
        this.#options.log('error', 'turn could not be adopted', { turn: turnId, error: describe(error) }),
      );
    }, ADOPT_AGAIN_MS);
    timer.unref();
  }

  #track(turn: Turn, adapter: RuntimeAdapter, files: TurnFiles, lease: TurnLease): RunningTurn {
    const { clock, log, turns } = this.#options;
    const active = new ActiveTurn({
      turn,
      files,
      createParser: () => adapter.createParser(),
      createMeter: (conversationId) =>
        createTurnMeter(meterKindOf(adapter), () => {
          const id = conversationId();
          return id === null ? NO_TOKENS : turns.usageOfConversation(id, turn.turnId);
        }),
      turns,
      clock,
      log,
      feed: (offset, end, data) =>
        this.#options.terminals.feed(agentTerminalId(turn.agentName), { source: turn.turnId, offset, end, data }),
      onEvents: (events) => this.#onEvents(turn.agentName, events),
      onFailed: () => {
        // A turn that is being settled tells its own failure.
        if (running.settling) return;
        this.#drop(running);
        this.#adoptLater(turn.turnId);
      },
    });
    const ready = Promise.withResolvers<void>();
    const running: RunningTurn = {
      active,
      adapter,
      files,
      lease,
      ready,
      isReady: false,
      ending: null,
      activityAt: 0,
      settling: false,
    };
    this.#running.set(turn.agentName, running);
    return running;
  }

  #onEvents(agentName: string, events: readonly AgentEvent[]): void {
    const running = this.#running.get(agentName);
    if (running === undefined || events.length === 0) return;
    const { sessions, clock, changes } = this.#options;
    if (running.activityAt === 0) {
      this.#move(running.active.turn, 'in_turn');
      changes.mail(this.#options.mail.turnStarted(running.active.turn.turnId));
    }
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
    const refused = events.some(
      (event) => event.type === 'retry' && event.status === 401 && event.attempt > REFUSALS_BORNE,
    );
    if (refused && running.active.endedBy === null) void this.#end(running, 'login');
  }

  async #settleFromRecord(running: RunningTurn): Promise<void> {
    // Its process is gone; what is being ended of its tree must not meet the next turn's.
    await running.ending;
    if (running.settling) return;
    const { turn } = running.active;
    const record = await readExitRecord(running.files.exit);
    if (running.settling) return;
    if (record === null || record.signal !== null || record.code !== 0) {
      // Cut off, it may have left tools behind (real-agents.md §5): none may work beside the next attempt.
      await this.#options.terminals.terminate(agentTerminalId(turn.agentName), KILL_DELAY_MS);
    }
    const exit = { code: record?.code ?? null, signal: record?.signal ?? null, started: true, note: null };
    await this.#tracked(this.#settle(running, exit));
  }

  async #settle(
    running: RunningTurn,
    exit: { code: number | null; signal: number | null; started: boolean; note: string | null },
  ): Promise<void> {
    if (running.settling) return;
    running.settling = true;
    const { active, lease, adapter } = running;
    const { turn } = active;
    let settled = false;
    try {
      await active.finish();
      const failure = await failureOf(running, this.#options.clock.now());
      const move = (state: 'between_turns' | 'completed' | 'zombie') => this.#move(turn, state);
      const ended = settleTurn({ ...this.#options, active, runtime: adapter.id, failure, exit, move });
      settled = true;
      await this.#options.onTurnEnded?.(ended);
      await drawTurnFooter(this.#options, ended);
      await removePidFile(this.#options.overstoryDirectory, turn.agentName);
    } catch (error) {
      // Before the verdict the turn stays `running` in the store and is taken over anew; after it only decoration is missing.
      this.#options.log('error', 'turn could not be settled', { turn: turn.turnId, error: describe(error) });
    } finally {
      this.#running.delete(turn.agentName);
      lease.release();
    }
    if (!settled) {
      this.#adoptLater(turn.turnId);
      return;
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
    if (moved.prev !== moved.next) this.#record(turn, { type: 'state', state, summary: `${moved.prev} → ${state}` });
  }

  #record(turn: Turn, data: Readonly<Record<string, unknown>>): void {
    this.#options.events.insert(eventOfTurn(turn, 'custom', data));
    this.#options.changes.events();
  }
}

/** Ended sessions start no turn. */
function isOver(state: string): boolean {
  return state === 'completed' || state === 'zombie';
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
