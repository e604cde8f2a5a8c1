import { createHash } from 'node:crypto';
import type { AgentEvidence, RuleMode, WatchdogRule } from '../../../contract/evidence.ts';
import { timestamp } from '../../platform/clock.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { AgentMemory } from './agentMemory.ts';
import type { TriageRunner } from './triageRunner.ts';
import type { Verdict } from './verdict.ts';
import type { WatchdogOptions } from './watchdogOptions.ts';

/** One agent under the watchdog's hands. */
export interface Case {
  readonly session: AgentSession;
  readonly memory: AgentMemory;
  readonly verdict: Verdict;
  readonly evidence: AgentEvidence;
}

export interface NewEntry {
  readonly rule: WatchdogRule;
  readonly action: string;
  readonly reason: string;
  readonly level?: number | null;
  readonly outcome?: string | null;
  readonly undo?: string | null;
}

/** What the watchdog does. Every step of a rule that is not off is recorded with its evidence first, and done when it is live. */
export interface Acting {
  /** Records a step. @returns whether to do it, and how to note what came of it. */
  begin(
    one: Pick<Case, 'session' | 'evidence'>,
    entry: NewEntry,
  ): { readonly live: boolean; done(outcome: string): void };
  nudge(one: Case, text: string): void;
  triage(one: Case): void;
  endTurn(one: Case, rule: 'endTurn' | 'endLoop'): void;
  /** An agent with a process of its own whose process is gone. */
  gone(one: Case): void;
}

export function createActing(
  options: WatchdogOptions,
  triage: TriageRunner,
  modeOf: (rule: WatchdogRule) => RuleMode,
): Acting {
  const { stores, log, changes } = options;

  function begin(one: Pick<Case, 'session' | 'evidence'>, entry: NewEntry) {
    const mode = modeOf(entry.rule);
    if (mode === 'off') return { live: false, done() {} };
    const level = entry.level ?? null;
    const { agentName, runId } = one.session;
    const id = stores.watchdog.addAction({
      agentName,
      runId,
      rule: entry.rule,
      mode,
      level,
      action: entry.action,
      reason: entry.reason,
      outcome: mode === 'shadow' ? 'shadow: nothing was done' : (entry.outcome ?? null),
      undo: mode === 'shadow' ? null : (entry.undo ?? null),
      evidence: one.evidence,
    });
    stores.events.insert({
      agentName,
      runId,
      eventType: 'custom',
      level: entry.rule === 'endTurn' || entry.rule === 'endLoop' ? 'error' : 'warn',
      data: JSON.stringify({
        type: EVENT_TYPES[entry.rule] ?? 'watchdog',
        author: 'watchdog',
        rule: entry.rule,
        mode,
        ...(level === null ? {} : { escalationLevel: level }),
        action: entry.action,
        reason: entry.reason,
        summary: `watchdog${mode === 'shadow' ? ' (shadow)' : ''}: ${entry.action}: ${entry.reason}`,
      }),
    });
    changes.events();
    return { live: mode === 'live', done: (outcome: string) => stores.watchdog.setOutcome(id, outcome) };
  }

  /** Runs an action beside the tick, one an agent at a time. */
  function apart(memory: AgentMemory, work: () => Promise<void>): void {
    memory.acting = true;
    work()
      .catch((error: unknown) =>
        log('error', 'watchdog action failed', { error: error instanceof Error ? error.stack : String(error) }),
      )
      .finally(() => {
        memory.acting = false;
      });
  }

  const acting: Acting = {
    begin,

    nudge(one, text) {
      const entry = begin(one, { rule: 'nudge', action: 'nudged', reason: one.verdict.reason, level: 1 });
      if (!entry.live) return;
      apart(one.memory, async () => {
        const sent = await options.nudge(one.session.agentName, text);
        entry.done(sent.ok ? (sent.value.delivered ? 'mail sent' : 'not delivered') : sent.error.message);
      });
    },

    triage(one) {
      const { session, memory, verdict, evidence } = one;
      const limits = options.config().watchdog;
      if (!limits.tier1Enabled) return;
      // The same evidence gets the same answer: it is asked once.
      const shown = Object.entries(evidence.signals).map(
        ([name, signal]) => `${name}: ${signal.state}, ${signal.detail}, last changed ${signal.at ?? 'never'}`,
      );
      const key = shown.join('\n');
      if (memory.triaged === key) return;
      memory.triaged = key;
      const entry = begin(one, { rule: 'triage', action: 'asked a model', reason: verdict.reason, level: 2 });
      if (!entry.live) return;
      apart(memory, async () => {
        const found = await triage.run(
          { agentName: session.agentName, lastActivity: session.lastActivity, evidence: [verdict.reason, ...shown] },
          limits.triageTimeoutMs,
        );
        stores.events.insert({
          agentName: session.agentName,
          runId: session.runId,
          eventType: 'custom',
          level: 'warn',
          data: JSON.stringify({
            type: 'triage',
            author: 'watchdog',
            escalationLevel: 2,
            verdict: found.verdict,
            triageFailed: found.fallback,
            summary: `triage says ${found.verdict}: ${found.reason}`,
          }),
        });
        changes.events();
        entry.done(`${found.verdict}${found.fallback ? ' (fallback)' : ''}: ${found.reason}`);
        if (found.verdict === 'retry') {
          await options.nudge(
            session.agentName,
            '[WATCHDOG] You showed no progress. Recovery: look at git status and your mail, say where you are, and go on.',
          );
        } else if (found.verdict === 'terminate' && verdict.mayEnd) {
          // A model's word is never enough alone: the evidence has to allow it too.
          memory.acting = false;
          acting.endTurn(
            { ...one, verdict: { ...verdict, reason: `AI triage classified as terminal failure; ${verdict.reason}` } },
            'endTurn',
          );
        }
      });
    },

    endTurn(one, rule) {
      const { session, memory, verdict } = one;
      const { agentName } = session;
      const entry = begin(one, {
        rule,
        action: 'ended its turn',
        reason: verdict.reason,
        level: 3,
        undo: null,
      });
      if (!entry.live) return;
      const turn = options.engine.activeTurn(agentName);
      apart(memory, async () => {
        if (turn !== null) {
          await options.engine.interrupt(agentName, 'stall');
          entry.done(`its turn ended and is tried again on the same conversation`);
          return;
        }
        const ended = await options.endTerminal(agentName);
        entry.done(ended.ok ? `its terminal's processes ended` : `not ended: ${ended.error.message}`);
      });
    },

    gone(one) {
      const { session, verdict } = one;
      const { agentName } = session;
      const target = verdict.action === 'complete' ? 'completed' : 'zombie';
      const entry = begin(one, {
        rule: 'gone',
        action: target === 'completed' ? 'recorded as done' : 'recorded as dead',
        reason: verdict.reason,
        undo: target === 'zombie' ? `ov retry ${agentName}` : null,
      });
      if (!entry.live) return;
      const moved = stores.sessions.tryTransitionState(agentName, target);
      stores.sessions.updateEscalation(agentName, 0, null);
      if (!moved.ok) {
        entry.done('it had ended meanwhile');
        return;
      }
      stores.control.setAgentReason(agentName, verdict.reason);
      changes.agent(agentName);
      entry.done(target);
      if (target === 'zombie' && moved.prev !== 'zombie') tellParent(session, verdict.reason);
    },
  };

  /** `worker_died` to the parent, once for each death: its id is made from the session and its last activity (spec 01 §4.6). */
  function tellParent(session: AgentSession, reason: string): void {
    const { agentName, parentAgent, capability, taskId, lastActivity } = session;
    if (!options.config().watchdog.notifyParentOnDeath || parentAgent === null || parentAgent === '') return;
    const id = `msg-${createHash('sha256').update(`worker_died ${session.id} ${lastActivity}`).digest('hex').slice(0, 12)}`;
    if (stores.mail.getById(id) !== null) return;
    const sent = stores.mail.insert({
      id,
      from: agentName,
      to: parentAgent,
      subject: `[WATCHDOG] worker_died: ${agentName}`,
      body: `${agentName} (${capability}) on task ${taskId} is dead: ${reason}. Last activity ${lastActivity}. Its worktree and commits are kept. Retry it, hand the task to another agent, or report up.`,
      type: 'worker_died',
      priority: 'high',
      payload: JSON.stringify({ agentName, capability, taskId, reason, lastActivity, terminatedBy: 'tier0' }),
    });
    if (!sent.ok) return;
    stores.events.insert({
      agentName,
      runId: session.runId,
      eventType: 'mail_sent',
      level: 'warn',
      data: JSON.stringify({
        type: 'worker_died',
        author: 'watchdog',
        to: parentAgent,
        parent: parentAgent,
        reason,
        tier: 0,
        subject: `[WATCHDOG] worker_died: ${agentName}`,
        at: timestamp(options.clock.now()),
      }),
    });
    changes.mail([id]);
    changes.events();
  }

  return acting;
}

/** Types the reference's readers know (spec 01 §4.5). */
const EVENT_TYPES: Readonly<Partial<Record<WatchdogRule, string>>> = {
  stalled: 'escalation',
  nudge: 'nudge',
  triage: 'triage',
  endTurn: 'escalation',
  endLoop: 'escalation',
};
