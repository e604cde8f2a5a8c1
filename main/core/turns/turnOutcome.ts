import type { AgentState } from '../../../contract/agents.ts';
import type { AgentEvent, RuntimeFailure } from '../runtimes/adapter.ts';

/** Mail types that end an agent's life, canonical one first (spec 01 §0.2; unknown capabilities count as workers). */
export function terminalMailTypes(capability: string): readonly string[] {
  return capability === 'merger' ? ['merged', 'merge_failed'] : ['worker_done', 'result'];
}

/** Everything known when a turn's process is gone and its log is read to the end. */
export interface TurnEvidence {
  /** State of the session row now, read after the process ended. */
  readonly state: AgentState;
  /** Null when the process was ended by a signal or its end was never seen. */
  readonly exitCode: number | null;
  readonly signal: number | null;
  /** False when the process never got as far as being started. */
  readonly started: boolean;
  readonly eventCount: number;
  /** The last `result` event, null when the turn produced none. */
  readonly result: Extract<AgentEvent, { type: 'result' }> | null;
  /** A mail of the agent that ends its life was sent during this turn. */
  readonly terminalMail: boolean;
  /** The conversation the turn was asked to resume. */
  readonly resumeId: string | null;
  /** Deliveries of this turn's mail so far, this one included; 1 for a first attempt. */
  readonly attempt: number;
  /** Why the engine itself ended the turn, null when it did not. */
  readonly endedBy: EndedBy | null;
  /** What the runtime's adapter made of the failure; null when it is one that trying again may mend. */
  readonly failure: RuntimeFailure | null;
}

/** Why the engine ended a turn: an operator's stop, a verdict, a person who takes over, a refused account, a restart of the machine. */
export type EndedBy = 'stop' | 'stall' | 'takeOver' | 'login' | 'reboot';

/** Why an agent gets no further turn until somebody or something ends that. `until` is milliseconds since the epoch. */
export type TurnHold =
  | { readonly kind: 'needsLogin'; readonly until: null }
  | { readonly kind: 'quotaExhausted'; readonly until: number | null }
  | { readonly kind: 'resumeOffer'; readonly until: null }
  | { readonly kind: 'takenOver'; readonly until: null };

/** What follows from a turn's end. `reason` is one line for a person. */
export type TurnOutcome =
  | { readonly kind: 'done'; readonly nextState: 'completed' | null; readonly mail: 'read'; readonly reason: string }
  | { readonly kind: 'rest'; readonly nextState: 'between_turns'; readonly mail: 'read'; readonly reason: string }
  | {
      readonly kind: 'stopped';
      readonly nextState: 'completed' | null;
      readonly mail: 'requeue';
      readonly reason: string;
    }
  | {
      readonly kind: 'retry';
      readonly nextState: 'between_turns' | null;
      readonly mail: 'requeue';
      /** Milliseconds until the next attempt. */
      readonly delayMs: number;
      /** The stored conversation is unknown to the runtime: the next attempt starts a fresh one (D-20). */
      readonly forgetConversation: boolean;
      readonly reason: string;
    }
  | {
      /** Trying again would change nothing: the agent waits for a person, or for a time. Its mail waits uncounted. */
      readonly kind: 'held';
      readonly nextState: 'between_turns' | null;
      readonly mail: 'requeue';
      readonly hold: TurnHold;
      readonly reason: string;
    }
  | { readonly kind: 'dead'; readonly nextState: 'zombie'; readonly mail: 'dead'; readonly reason: string };

/** Milliseconds of the first wait after a failed turn; doubled each time (D-09 fixed: the reference retries every 2 s for ever). */
const FIRST_RETRY_MS = 1_000;
/** Milliseconds. A person who fixed the cause should not wait longer than a minute for the next attempt. */
export const LONGEST_RETRY_MS = 60_000;

/** Wait before attempt `attempt + 1`, in milliseconds. */
export function retryDelay(attempt: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, attempt - 1));
}

/**
 * Decides what a finished turn means (spec 01 §2.6 with D-01, D-02, D-09 and D-20 fixed). A clean turn without a
 * terminal mail rests and is woken by mail; an unclean one is tried again with growing waits, `maxAttempts` times, then
 * its mail becomes a dead letter and the agent is dead. A terminal mail that was sent counts even if the process died
 * afterwards: the work was reported, and calling that agent dead would be a false verdict.
 */
export function decideOutcome(evidence: TurnEvidence, maxAttempts: number): TurnOutcome {
  // A completed session with a terminal mail and nobody who stopped it: this turn was settled once, up to a crash.
  const reported = evidence.terminalMail && evidence.endedBy !== 'stop';
  if (!reported && (evidence.state === 'completed' || evidence.endedBy === 'stop')) {
    return {
      kind: 'stopped',
      nextState: evidence.state === 'completed' ? null : 'completed',
      mail: 'requeue',
      reason: 'stopped by the operator',
    };
  }
  const clean = evidence.result !== null && !evidence.result.isError;
  if (reported) {
    return {
      kind: 'done',
      nextState: evidence.state === 'completed' ? null : 'completed',
      mail: 'read',
      reason: 'reported its result',
    };
  }
  if (clean) return { kind: 'rest', nextState: 'between_turns', mail: 'read', reason: 'turn ended, waits for mail' };

  const reason = failureReason(evidence);
  const hold = holdOf(evidence);
  if (hold !== null) {
    return { kind: 'held', nextState: settleState(evidence), mail: 'requeue', hold, reason };
  }
  if (isUnknownConversation(evidence)) {
    return {
      kind: 'retry',
      nextState: settleState(evidence),
      mail: 'requeue',
      delayMs: 0,
      forgetConversation: true,
      reason,
    };
  }
  if (evidence.attempt >= maxAttempts) {
    return {
      kind: 'dead',
      nextState: 'zombie',
      mail: 'dead',
      reason: `${reason}; gave up after ${evidence.attempt} attempts`,
    };
  }
  return {
    kind: 'retry',
    nextState: settleState(evidence),
    mail: 'requeue',
    delayMs: retryDelay(evidence.attempt),
    forgetConversation: false,
    reason,
  };
}

/** `booting → between_turns` is not a legal step (spec 01 §1.4): an agent that never produced an event stays as it is. */
function settleState(evidence: TurnEvidence): 'between_turns' | null {
  return evidence.state === 'booting' ? null : 'between_turns';
}

/** States with a way out of their own, never retries: a loop of them would only burn time. */
function holdOf(evidence: TurnEvidence): TurnHold | null {
  if (evidence.endedBy === 'takeOver') return { kind: 'takenOver', until: null };
  if (evidence.endedBy === 'reboot') return { kind: 'resumeOffer', until: null };
  if (evidence.endedBy === 'login') return { kind: 'needsLogin', until: null };
  if (evidence.endedBy === 'stall' || evidence.failure === null) return null;
  switch (evidence.failure.kind) {
    case 'needsLogin':
      return { kind: 'needsLogin', until: null };
    case 'quotaExhausted':
      return { kind: 'quotaExhausted', until: evidence.failure.until };
    case 'unknownConversation':
      return null;
  }
}

/**
 * The runtime said that it does not know the conversation; or it ended twice without a single event while asked to resume
 * one, which most often means the same in words nobody knows (D-20). A command that cannot be started says nothing of it.
 */
function isUnknownConversation(evidence: TurnEvidence): boolean {
  if (evidence.resumeId === null) return false;
  if (evidence.failure?.kind === 'unknownConversation') return true;
  const { exitCode } = evidence;
  const ended = evidence.started && exitCode !== null && exitCode !== 126 && exitCode !== 127;
  return ended && evidence.eventCount === 0 && evidence.endedBy === null && evidence.attempt >= 2;
}

function failureReason(evidence: TurnEvidence): string {
  if (evidence.endedBy === 'stall') return 'no sign of life within the stall limit, turn ended';
  if (evidence.endedBy === 'takeOver') return 'taken over by the operator';
  if (evidence.endedBy === 'reboot') return 'cut off by a restart of the machine';
  if (evidence.failure !== null) return firstLine(evidence.failure.detail);
  if (evidence.endedBy === 'login') return 'the account was refused';
  if (!evidence.started) return 'the turn was never started';
  if (evidence.result !== null) {
    const text = evidence.result.errors[0] ?? evidence.result.result;
    return firstLine(text) || 'the runtime reported an error';
  }
  if (evidence.signal !== null && evidence.signal !== 0) return `process ended by signal ${evidence.signal}`;
  if (evidence.exitCode === 127) return 'the runtime could not be started: command not found';
  if (evidence.exitCode !== null) return `process ended with exit code ${evidence.exitCode} and no result`;
  return 'process is gone and left no exit record';
}

function firstLine(text: string): string {
  const line = text.trim().split('\n')[0] ?? '';
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
