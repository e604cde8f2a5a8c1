import { createHash } from 'node:crypto';
import type { MailMessage, MailType } from '../../../contract/mail.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import type { Changes } from '../changes.ts';
import type { MailStore } from '../mail/mailStore.ts';
import type { PriceRule } from '../metrics/pricing.ts';
import { billTurn } from '../metrics/turnMeter.ts';
import type { RuntimeFailure } from '../runtimes/adapter.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import type { ActiveTurn } from './activeTurn.ts';
import type { AgentHolds } from './agentHolds.ts';
import { decideOutcome, type TurnHold, type TurnOutcome, terminalMailTypes } from './turnOutcome.ts';
import type { Turn } from './turnRow.ts';
import type { TurnStore } from './turnStore.ts';

/** How a turn ended, for whoever draws conclusions of its own (budgets, circuit breakers). */
export interface EndedTurn {
  readonly turn: Turn;
  readonly runtime: string;
  readonly outcome: TurnOutcome;
  readonly reason: string;
  /** Set when the runtime's own words name a failure that trying again does not mend. */
  readonly failure: RuntimeFailure | null;
  /** US dollars of this turn by the runtime's own figures, else by the price table; null when neither knows. */
  readonly costUsd: number | null;
  /** ISO. */
  readonly endedAt: string;
}

export interface SettleOptions {
  readonly active: ActiveTurn;
  /** Name of the runtime. */
  readonly runtime: string;
  readonly failure: RuntimeFailure | null;
  readonly exit: {
    readonly code: number | null;
    readonly signal: number | null;
    readonly started: boolean;
    readonly note: string | null;
  };
  readonly sessions: SessionStore;
  readonly mail: MailStore;
  readonly turns: TurnStore;
  readonly changes: Changes;
  readonly holds: AgentHolds;
  readonly clock: Clock;
  readonly maxAttempts: () => number;
  readonly prices?: () => readonly PriceRule[];
  readonly setReason: (agentName: string, reason: string | null) => void;
  readonly move: (state: 'between_turns' | 'completed' | 'zombie') => void;
}

/**
 * Draws the consequences of an ended turn, in an order that can be cut off anywhere and done again: mail, session,
 * notice to the parent, and last the turn itself. A turn that still is `running` in the store is settled anew.
 */
export function settleTurn(options: SettleOptions): EndedTurn {
  const { active, exit, sessions, mail, turns, clock, changes } = options;
  const { turn } = active;
  const session = sessions.getByName(turn.agentName);
  // An engine that ended right after the first events were stored has not told the mail of them.
  if (active.eventCount > 0) mail.turnStarted(turn.turnId);
  const carried = mail.carriedBy(turn.turnId);
  const outcome = decideOutcome(
    {
      state: session?.state ?? 'completed',
      exitCode: exit.code,
      signal: exit.signal,
      started: exit.started,
      eventCount: active.eventCount,
      result: active.result,
      terminalMail: hasTerminalMail(options, session?.capability ?? ''),
      resumeId: turn.resumeId,
      // Settled mail counts too: a crash half-way through must lead to the same verdict.
      attempt: Math.max(1, mail.attemptsOf(turn.turnId)),
      endedBy: active.endedBy,
      failure: options.failure,
    },
    options.maxAttempts(),
  );
  const reason = exit.note ?? outcome.reason;

  switch (outcome.mail) {
    case 'read':
      mail.settleTurn(turn.turnId, { kind: 'read' });
      break;
    case 'requeue':
      mail.settleTurn(turn.turnId, {
        kind: 'requeue',
        at: clock.now() + (outcome.kind === 'retry' ? outcome.delayMs : 0),
        reason,
        // A wait that is nobody's failed attempt.
        uncounted: outcome.kind === 'held',
      });
      break;
    case 'dead':
      mail.settleTurn(turn.turnId, { kind: 'dead', reason });
      break;
  }
  changes.mail(carried.map((message) => message.id));

  if (outcome.kind === 'retry' && outcome.forgetConversation) sessions.updateClaudeSessionId(turn.agentName, null);
  // A take-over has written its own hold before it ended the turn.
  if (outcome.kind === 'held' && outcome.hold.kind !== 'takenOver') {
    const { kind, until } = outcome.hold;
    options.holds.put(turn.agentName, {
      kind,
      since: timestamp(clock.now()),
      until: until === null ? null : timestamp(until),
      reason: holdReason(outcome.hold, options.runtime, turn.agentName, reason),
      runtime: options.runtime,
      takeOver: null,
    });
  }
  if (outcome.nextState !== null) options.move(outcome.nextState);
  sessions.updateLastActivity(turn.agentName, clock.now());
  options.setReason(turn.agentName, outcome.kind === 'rest' ? null : reason);
  if (outcome.kind === 'dead')
    tellParent(options, session?.parentAgent ?? null, reason, session?.lastActivity ?? turn.startedAt);

  const endedAt = timestamp(clock.now());
  const bill = billTurn(active.used, turns.get(turn.turnId)?.model ?? turn.model, options.prices?.());
  const ended = turns.end(
    turn.turnId,
    {
      endedAt,
      exitCode: exit.code,
      signal: exit.signal,
      outcome: outcome.kind,
      reason,
      ...active.used?.tokens,
      ...bill,
    },
    {
      agentName: turn.agentName,
      runId: turn.runId,
      sessionId: active.conversationId,
      eventType: 'turn_end',
      level: outcome.kind === 'dead' ? 'error' : outcome.kind === 'retry' || outcome.kind === 'held' ? 'warn' : 'info',
      toolDurationMs: Math.max(0, Date.parse(endedAt) - Date.parse(turn.startedAt)),
      data: JSON.stringify({
        turnId: turn.turnId,
        number: turn.number,
        outcome: outcome.kind,
        summary: `turn ${turn.number} ended: ${reason}`,
        exitCode: exit.code,
        signal: exit.signal,
        ...(options.failure === null ? {} : { failure: options.failure }),
        ...(outcome.kind === 'held' ? { hold: outcome.hold.kind } : {}),
        ...(outcome.kind === 'retry' && outcome.forgetConversation ? { lostConversation: turn.resumeId } : {}),
      }),
    },
  );
  if (!ended.ok) throw new Error(ended.error.message);
  return { turn, runtime: options.runtime, outcome, reason, failure: options.failure, costUsd: bill.costUsd, endedAt };
}

/** One line that says why the agent waits and what ends it. */
export function holdReason(hold: TurnHold, runtime: string, agentName: string, reason: string): string {
  switch (hold.kind) {
    case 'needsLogin':
      return `${runtime} needs a login (${reason}): log in, then retry (ov retry ${agentName})`;
    case 'quotaExhausted':
      return hold.until === null
        ? `the quota of ${runtime} is used up (${reason}): when there is some again, retry (ov retry ${agentName})`
        : `the quota of ${runtime} is used up until ${timestamp(hold.until)} (${reason}); it goes on by itself then`;
    case 'resumeOffer':
      return `${reason}: resume it (ov resume ${agentName}) or stop it`;
    case 'takenOver':
      return reason;
  }
}

/** True when the agent sent a mail during this turn that ends its life (spec 01 §2.2 step 16). */
function hasTerminalMail(options: SettleOptions, capability: string): boolean {
  const { mail, active } = options;
  const reports = reportsOf(mail, active.turn.agentName, capability);
  // Counted, because a clock that was set back in mid-turn dates a new report before the turn's start.
  if (active.reportsBefore !== null && reports.length > active.reportsBefore) return true;
  return reports.some((report) => report.createdAt >= active.turn.startedAt);
}

/** Mails of an agent that end its life, of any turn. */
export function reportsOf(
  mail: Pick<MailStore, 'getAll'>,
  agentName: string,
  capability: string,
): readonly MailMessage[] {
  return terminalMailTypes(capability).flatMap((type) => mail.getAll({ from: agentName, type: type as MailType }));
}

/** `worker_died` to the parent, at most once a turn: its id is derived from the turn (spec 01 §2.7). */
function tellParent(options: SettleOptions, parent: string | null, reason: string, lastActivity: string): void {
  if (parent === null || parent === '') return;
  const { mail, active, sessions, changes } = options;
  const { turn } = active;
  const session = sessions.getByName(turn.agentName);
  const id = `msg-${createHash('sha256').update(`worker_died ${turn.turnId}`).digest('hex').slice(0, 12)}`;
  if (mail.getById(id) !== null) return;
  const capability = session?.capability ?? 'agent';
  const sent = mail.insert({
    id,
    from: turn.agentName,
    to: parent,
    subject: `[RUNNER] worker_died: ${turn.agentName}`,
    body: `${turn.agentName} (${capability}) on task ${session?.taskId ?? ''} is dead: ${reason}. Last activity ${lastActivity}. Its worktree and commits are kept. Retry it, hand the task to another agent, or report up.`,
    type: 'worker_died',
    priority: 'high',
    payload: JSON.stringify({
      agentName: turn.agentName,
      capability,
      taskId: session?.taskId ?? '',
      reason,
      lastActivity,
      terminatedBy: 'runner',
    }),
  });
  if (sent.ok) changes.mail([id]);
}
