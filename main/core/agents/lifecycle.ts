import type { StoppedAgent } from '../../../contract/agents.ts';
import { LIMITS } from '../../../contract/limits.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import type { Changes } from '../changes.ts';
import type { ControlStore } from '../control/controlStore.ts';
import type { Log } from '../engineLog.ts';
import type { EventStore } from '../events/eventStore.ts';
import type { MailService } from '../mail/mailService.ts';
import type { MailStore } from '../mail/mailStore.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import type { AgentHolds } from '../turns/agentHolds.ts';
import type { TurnEngine } from '../turns/turnEngine.ts';
import { leadExitSubject } from './leadExit.ts';
import type { TakeOvers } from './takeOver.ts';

export interface LifecycleOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly sessions: SessionStore;
  readonly control: ControlStore;
  readonly mail: MailStore;
  readonly mailService: MailService;
  readonly events: EventStore;
  readonly engine: TurnEngine;
  /** Keeps an agent's uncommitted work before anything of it is ended. Must not throw. */
  readonly beforeKill?: (agentName: string, why: string) => Promise<void>;
  readonly holds: AgentHolds;
  readonly takeOvers: TakeOvers;
  readonly changes: Changes;
  readonly wake: () => void;
}

/** Who ends an agent: a person, or a clean-up of everything or of this agent (spec 02 §4.3). */
export type StopReason = 'stop' | 'clean' | 'clean --agent';

export interface Lifecycle {
  /** @param reason why, as the agent's last event has it. */
  stop(agentName: string, reason?: StopReason): Promise<Result<StoppedAgent>>;
  nudge(
    agentName: string,
    message: string,
    from: string,
  ): Promise<Result<{ delivered: boolean; queued: boolean; reason: string | null }>>;
  retry(agentName: string): Promise<Result<Record<string, never>>>;
}

/** What a person does to an agent that runs already. */
export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { sessions, control, mail, engine, events, changes, clock } = options;

  function unknown(agentName: string): Result<never> {
    return fail('notFound', `there is no agent ${agentName}: see "ov status" for the names`, { data: { agentName } });
  }

  /** Whoever a lead reports to learns what it leaves: branches that wait to be merged must not be forgotten (spec 02 §4.1). */
  async function tellOfLead(lead: AgentSession): Promise<void> {
    const active = sessions.getActive();
    const parent = active.find((session) => session.agentName === lead.parentAgent);
    const superior = parent ?? active.find((session) => session.capability === 'coordinator');
    if (superior === undefined) return;
    const subject = leadExitSubject(lead.agentName, mail.getAll({ from: lead.agentName, type: 'merge_ready' }));
    const told = await options.mailService.send({
      to: superior.agentName,
      from: 'system',
      subject: subject.slice(0, LIMITS.subjectLength),
      body: `${subject}. It was stopped by the operator; its worktree and commits stay.`,
      type: 'status',
      priority: 'normal',
    });
    if (!told.ok)
      options.log('warn', `the end of lead ${lead.agentName} could not be told`, { reason: told.error.message });
  }

  /** Every attempt is in the timeline, with who nudged and what for (spec 02 §4.2, step 5). */
  function note({ agentName, runId }: AgentSession, message: string, from: string, delivered: boolean): void {
    const summary = delivered ? `${from} nudged ${agentName}` : `${from} tried to nudge ${agentName}`;
    const data = JSON.stringify({ type: 'nudge', from, message, delivered, summary });
    events.insert({ agentName, runId, eventType: 'custom', data });
    changes.events();
  }

  return {
    /** Completes the session first, so that nothing starts again, then ends the running turn's whole process tree. Its worktree stays. */
    async stop(agentName, reason = 'stop') {
      const session = sessions.getByName(agentName);
      if (session === null)
        return fail('agent', `agent "${agentName}" not found: see "ov status" for the names`, { data: { agentName } });
      const running = engine.activeTurn(agentName);
      if (session.state === 'completed' && running === null) {
        const way = `"ov stop ${agentName} --clean-worktree" removes its worktree`;
        return fail('invalidState', `${agentName} is already completed; ${way}`, { data: { agentName } });
      }
      if (running !== null) running.endedBy = 'stop';
      sessions.tryTransitionState(agentName, 'completed');
      const words = reason === 'stop' ? 'stopped by the operator' : 'ended by a clean-up';
      control.setAgentReason(agentName, words);
      sessions.updateLastActivity(agentName, clock.now());
      events.insert({
        agentName,
        runId: session.runId,
        sessionId: session.id,
        eventType: 'session_end',
        data: JSON.stringify({ reason, capability: session.capability, summary: `${agentName} ${words}` }),
      });
      changes.agent(agentName);
      changes.events();
      // A turn's own end does this itself; a person's program in the agent's terminal is ended just as well.
      if (running === null) await options.beforeKill?.(agentName, 'stop');
      await engine.interrupt(agentName, 'stop');
      await options.takeOvers.drop(agentName);
      options.holds.remove(agentName);
      if (session.capability === 'lead') await tellOfLead(session);
      const { id: sessionId, capability, state } = session;
      return ok({ sessionId, capability, turnEnded: running !== null, wasZombie: state === 'zombie' });
    },

    /** A nudge is mail of high priority, so that it survives a restart; it wakes a resting agent at once. */
    async nudge(agentName, message, from) {
      const session = sessions.getByName(agentName);
      if (session === null)
        return fail('notFound', `No active session of ${agentName}: see "ov status" for the names`, {
          data: { agentName },
        });
      if (session.state === 'completed' || session.state === 'zombie') {
        const hint =
          session.taskId === ''
            ? ''
            : `; start it again with "ov sling ${session.taskId} --capability ${session.capability} --recover"`;
        note(session, message, from, false);
        const reason = `No active session of ${agentName} (state: ${session.state})${hint}`;
        return ok({ delivered: false, queued: false, reason });
      }
      const sent = await options.mailService.send({
        to: agentName,
        from,
        subject: 'Nudge',
        body: message,
        type: 'status',
        priority: 'high',
      });
      if (!sent.ok) return sent;
      note(session, message, from, true);
      // An agent that waits for its next attempt is not to wait any longer.
      mail.wakeNow(agentName);
      options.wake();
      return ok({ delivered: true, queued: engine.isBusy(agentName), reason: null });
    },

    /** Brings a dead agent back on the same conversation and worktree, or ends the waiting of one whose turn failed. */
    async retry(agentName) {
      const session = sessions.getByName(agentName);
      if (session === null) return unknown(agentName);
      if (session.state === 'completed')
        return fail('invalidState', `${agentName} is completed: sling a new agent for more work`);
      if (options.holds.get(agentName)?.kind === 'takenOver')
        return fail('invalidState', `${agentName} is taken over: hand it back first (ov handback ${agentName})`);
      if (session.state === 'zombie') {
        const now = timestamp(clock.now());
        // `zombie` leads nowhere but to `completed` (spec 01 §1.4): coming back is a new session of the same agent.
        sessions.upsert({
          ...session,
          id: `session-${clock.now()}-${agentName}`,
          state: 'booting',
          startedAt: now,
          lastActivity: now,
        });
        for (const letter of mail.getAll({ to: agentName, state: 'dead' })) mail.resend(letter.id);
        if (mail.getUnread(agentName).length === 0) {
          const woken = await options.mailService.send({
            to: agentName,
            from: 'operator',
            subject: 'Go on',
            body: 'You were started again. Look at git log and git status, then go on with your task.',
            type: 'status',
            priority: 'high',
          });
          if (!woken.ok) return woken;
        }
      }
      control.setAgentReason(agentName, null);
      options.holds.remove(agentName);
      mail.wakeNow(agentName);
      changes.mail(mail.getUnread(agentName).map((message) => message.id));
      changes.agent(agentName);
      options.wake();
      return ok({});
    },
  };
}
