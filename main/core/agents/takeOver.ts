import { randomUUID } from 'node:crypto';
import { OPERATOR } from '../../../contract/ids.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import type { Changes } from '../changes.ts';
import type { Log } from '../engineLog.ts';
import type { EventStore } from '../events/eventStore.ts';
import type { MailService } from '../mail/mailService.ts';
import { agentTerminalId } from '../room/agentViewRules.ts';
import type { InteractivePlan, RuntimeAdapter } from '../runtimes/adapter.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import type { Terminals } from '../terminals/terminals.ts';
import type { AgentHold, AgentHolds } from '../turns/agentHolds.ts';
import type { LaunchFacts } from '../turns/launchSettings.ts';
import { planConversation } from '../turns/planTurn.ts';
import type { TurnEngine } from '../turns/turnEngine.ts';
import type { TurnLease, TurnLocks } from '../turns/turnLock.ts';
import { SerialQueue } from '../util/serialQueue.ts';

export interface TakeOverOptions {
  readonly projectRoot: string;
  readonly overstoryDirectory: string;
  readonly commandFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly sessions: SessionStore;
  readonly events: EventStore;
  readonly mailService: MailService;
  readonly locks: TurnLocks;
  readonly holds: AgentHolds;
  readonly terminals: Terminals;
  readonly engine: Pick<TurnEngine, 'interrupt'>;
  readonly changes: Changes;
  readonly launchFacts: (agentName: string) => Promise<Result<LaunchFacts>>;
  readonly adapter: (runtime: string) => Result<RuntimeAdapter>;
  readonly wake: () => void;
}

/** Agents in the hands of a person (B7). The turn lock is held meanwhile, so that nobody else can start a turn. */
export interface TakeOvers {
  takeOver(agentName: string): Promise<Result<{ terminalId: string }>>;
  handBack(agentName: string, message?: string): Promise<Result<Record<string, never>>>;
  /** Ends a take-over because the agent itself is ended. */
  drop(agentName: string): Promise<void>;
  /** A run on a terminal has ended: a conversation whose program ended by itself is handed back. */
  onRunEnded(tag: string): void;
  /**
   * Looks after every take-over, after a restart of the engine or of the pty host: one whose program runs goes on, the
   * others are handed back. Returns when each is settled or known to go on.
   */
  recover(rebooted: boolean): Promise<void>;
  /** Lets go of the locks; programs and holds stay for the next engine. */
  detach(): void;
}

/** Milliseconds a person's program has to put its things away before it is killed. */
const CLOSE_GRACE_MS = 3_000;

/** What `tmux_session` says of an agent in a person's hands: not empty, so that the original starts no turn beside it (D-04). */
const terminalName = (agentName: string): string => `control-room:${agentName}`;

export function createTakeOvers(options: TakeOverOptions): TakeOvers {
  const { sessions, holds, terminals, changes, clock, events } = options;
  const leases = new Map<string, TurnLease>();
  /** One step at a time per agent: a hand back waits for the take-over that is under way. */
  const steps = new SerialQueue();

  const mine = (agentName: string): (AgentHold & { takeOver: NonNullable<AgentHold['takeOver']> }) | null => {
    const hold = holds.get(agentName);
    return hold === null || hold.takeOver === null ? null : { ...hold, takeOver: hold.takeOver };
  };

  function setPhase(agentName: string, phase: 'open' | 'returning', conversationId?: string | null): void {
    const hold = mine(agentName);
    if (hold === null) return;
    const takeOver = { ...hold.takeOver, phase, ...(conversationId === undefined ? {} : { conversationId }) };
    holds.put(agentName, { ...hold, takeOver });
  }

  function tell(agentName: string, type: 'take_over' | 'hand_back', summary: string): void {
    const session = sessions.getByName(agentName);
    events.insert({
      agentName,
      runId: session?.runId ?? null,
      sessionId: session?.claudeSessionId ?? null,
      eventType: 'custom',
      data: JSON.stringify({ type, summary }),
    });
    changes.events();
    changes.agent(agentName);
    changes.terminals();
  }

  /** The session belongs to the engine again; a session that ended meanwhile stays ended. */
  function restore(agentName: string): void {
    const session = sessions.getByName(agentName);
    if (session === null || session.tmuxSession !== terminalName(agentName)) return;
    const over = session.state === 'completed' || session.state === 'zombie';
    sessions.upsert({
      ...session,
      tmuxSession: '',
      state: over ? session.state : 'between_turns',
      lastActivity: timestamp(clock.now()),
    });
  }

  function letGo(agentName: string): void {
    leases.get(agentName)?.release();
    leases.delete(agentName);
  }

  function withdraw(agentName: string): void {
    restore(agentName);
    holds.remove(agentName);
    letGo(agentName);
    options.wake();
  }

  /** The conversation is closed: the engine may have its next turn. */
  function settle(agentName: string, tag: string, why: string): void {
    const at = clockTime(clock.now());
    const text = `\x1b[0m\r\n\x1b[33m── handed back ${at}: ${why}; the next turn goes on here ──\x1b[0m\r\n`;
    terminals.feed(agentTerminalId(agentName), { source: `${tag}#end`, offset: 0, end: 1, data: text });
    withdraw(agentName);
    tell(agentName, 'hand_back', `${agentName} handed back: ${why}`);
  }

  /** Why an agent cannot be taken over, or its session. */
  function free(agentName: string): Result<AgentSession> {
    const session = sessions.getByName(agentName);
    if (session === null) return fail('notFound', `there is no agent ${agentName}: see "ov status" for the names`);
    if (session.state === 'completed')
      return fail('invalidState', `${agentName} is completed: there is nothing to take over`);
    if (session.state === 'zombie')
      return fail('invalidState', `${agentName} is dead: retry it first (ov retry ${agentName}), then take it over`);
    if (mine(agentName) !== null)
      return fail('conflict', `${agentName} is taken over already: type in its terminal, or hand it back`);
    if (session.tmuxSession !== '')
      return fail('invalidState', `${agentName} runs in a terminal of another program (${session.tmuxSession})`);
    return ok(session);
  }

  async function open(
    agentName: string,
    adapter: RuntimeAdapter,
    tag: string,
  ): Promise<Result<{ terminalId: string }>> {
    // The turn has its own time to end; whoever holds the lock then is us.
    await options.engine.interrupt(agentName, 'takeOver');
    const lease = await options.locks.acquire(agentName);
    if (!lease.ok) return lease;
    leases.set(agentName, lease.value);
    const session = sessions.getByName(agentName);
    if (session === null || session.state === 'completed' || session.state === 'zombie')
      return fail('invalidState', `${agentName} came to its end in this moment (${session?.state ?? 'gone'})`);
    const facts = await options.launchFacts(agentName);
    if (!facts.ok) return facts;
    const planned = planConversation(
      {
        launch: facts.value,
        adapter,
        resumeId: session.claudeSessionId ?? null,
        newConversationId: randomUUID(),
        projectRoot: options.projectRoot,
        overstoryDirectory: options.overstoryDirectory,
      },
      options.commandFolder,
      options.environment,
    );
    if (planned === null || planned.plan.conversationId === null)
      return fail('invalidState', `${agentName} has no conversation yet: wait for the end of its first turn`);
    return start(session, planned.plan, planned.env, tag);
  }

  async function start(
    session: AgentSession,
    plan: InteractivePlan,
    env: Readonly<Record<string, string>>,
    tag: string,
  ): Promise<Result<{ terminalId: string }>> {
    const { agentName } = session;
    const id = agentTerminalId(agentName);
    // Before the program exists: whatever is cut off from here on, nobody starts a turn beside it.
    sessions.upsert({
      ...session,
      tmuxSession: terminalName(agentName),
      state: 'working',
      lastActivity: timestamp(clock.now()),
      ...(plan.conversationId === null ? {} : { claudeSessionId: plan.conversationId }),
    });
    setPhase(agentName, 'open', plan.conversationId);
    const opened = await terminals.open(id, { agentName, title: agentName, cwd: session.worktreePath });
    if (!opened.ok) {
      sessions.upsert(session);
      return opened;
    }
    const text = `\r\n\x1b[33m── taken over ${clockTime(clock.now())}: you type, mail waits until it is handed back ──\x1b[0m\r\n`;
    terminals.feed(id, { source: `${tag}#start`, offset: 0, end: 1, data: text });
    const started = await terminals.openProgram(id, { argv: plan.argv, cwd: session.worktreePath, env, tag });
    if (started.ok) return ok({ terminalId: id });
    sessions.upsert(session);
    return started;
  }

  async function close(agentName: string, tag: string, why: string): Promise<Result<Record<string, never>>> {
    setPhase(agentName, 'returning');
    const ended = await terminals.terminate(agentTerminalId(agentName), CLOSE_GRACE_MS);
    if (!ended.ok) options.log('warn', ended.error.message, { agent: agentName });
    settle(agentName, tag, why);
    return ok({});
  }

  async function recoverOne(agentName: string, rebooted: boolean): Promise<void> {
    const hold = mine(agentName);
    if (hold === null) return;
    const { phase, tag } = hold.takeOver;
    if (phase === 'stopping') {
      // Nothing was opened yet and whoever asked got no answer: the agent goes on as before.
      withdraw(agentName);
      return;
    }
    if (phase === 'returning') {
      await close(agentName, tag, 'the engine was restarted meanwhile');
      return;
    }
    const state = rebooted ? 'ended' : await terminals.runState(agentTerminalId(agentName), tag);
    // Asked again when the pty host is reachable; until then nobody may start a turn.
    if (state === 'unknown') return;
    if (state === 'ended') {
      settle(agentName, tag, 'its program has ended');
      return;
    }
    if (leases.has(agentName)) return;
    const lease = await options.locks.acquire(agentName);
    if (lease.ok) leases.set(agentName, lease.value);
    else options.log('warn', lease.error.message, { agent: agentName });
  }

  return {
    takeOver: (agentName) =>
      steps.run(agentName, async () => {
        const session = free(agentName);
        if (!session.ok) return session;
        const facts = await options.launchFacts(agentName);
        if (!facts.ok) return facts;
        const adapter = options.adapter(facts.value.settings.runtime);
        if (!adapter.ok) return adapter;
        if (adapter.value.planInteractive === undefined)
          return fail('unavailable', `${adapter.value.id} has no interactive mode that can be taken over`);
        const before = holds.get(agentName);
        const now = timestamp(clock.now());
        const tag = `takeover-${agentName}-${randomUUID()}`;
        holds.put(agentName, {
          kind: 'takenOver',
          since: now,
          until: null,
          reason: 'in your hands until you hand it back',
          runtime: adapter.value.id,
          takeOver: { phase: 'stopping', tag, conversationId: null },
        });
        const opened = await open(agentName, adapter.value, tag);
        if (!opened.ok) {
          withdraw(agentName);
          // A login that was missing before is missing still.
          if (before !== null) holds.put(agentName, before);
          return opened;
        }
        tell(agentName, 'take_over', `${agentName} taken over by the operator`);
        return opened;
      }),

    handBack: (agentName, message) =>
      steps.run(agentName, async () => {
        if (sessions.getByName(agentName) === null)
          return fail('notFound', `there is no agent ${agentName}: see "ov status" for the names`);
        const hold = mine(agentName);
        if (hold === null) return fail('invalidState', `${agentName} is not taken over: nothing to hand back`);
        if (message !== undefined) {
          const sent = await options.mailService.send(
            {
              to: agentName,
              from: OPERATOR,
              subject: 'Handed back',
              body: message,
              type: 'status',
              priority: 'high',
            },
            { wake: 'now' },
          );
          if (!sent.ok) return sent;
        }
        return close(agentName, hold.takeOver.tag, 'by the operator');
      }),

    drop: (agentName) =>
      steps.run(agentName, async () => {
        if (mine(agentName) === null) return;
        setPhase(agentName, 'returning');
        await terminals.terminate(agentTerminalId(agentName), CLOSE_GRACE_MS);
        withdraw(agentName);
      }),

    onRunEnded(tag) {
      for (const [agentName, hold] of holds.all()) {
        if (hold.takeOver?.tag !== tag) continue;
        void steps.run(agentName, async () => {
          const now = mine(agentName);
          if (now?.takeOver.tag === tag && now.takeOver.phase === 'open')
            settle(agentName, tag, 'its program has ended');
        });
      }
    },

    async recover(rebooted) {
      const taken = [...holds.all()].filter(([, hold]) => hold.takeOver !== null).map(([name]) => name);
      await Promise.all(taken.map((name) => steps.run(name, () => recoverOne(name, rebooted))));
    },

    detach() {
      for (const agentName of [...leases.keys()]) letGo(agentName);
    },
  };
}

/** Time of day as people read it. */
function clockTime(at: number): string {
  return new Date(at).toTimeString().slice(0, 5);
}
