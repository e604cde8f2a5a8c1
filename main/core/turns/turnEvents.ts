import { filterToolArguments } from '../events/toolArguments.ts';
import type { AgentEvent } from '../runtimes/adapter.ts';
import type { TurnEvent, TurnPatch } from './turnRow.ts';

/** Characters of any text kept in a row. The turn's log holds the whole of it; a database row that size serves nobody. */
const KEPT_CHARACTERS = 8_192;

/** Whose rows they are. */
export interface EventOwner {
  readonly agentName: string;
  readonly runId: string | null;
  /** Conversation known so far. */
  readonly conversationId: string | null;
}

/** Maps one agent event to the row the reference would write (spec 01 §2.4, spec 03 §1.5). */
export function toTurnEvent(event: AgentEvent, owner: EventOwner, createdAt: string): TurnEvent {
  const base = {
    agentName: owner.agentName,
    runId: owner.runId,
    sessionId: owner.conversationId,
    createdAt,
    data: dataOf(event),
  };
  switch (event.type) {
    case 'tool_use':
      return {
        ...base,
        eventType: 'tool_start',
        toolName: event.name,
        toolArgs: JSON.stringify(filterToolArguments(event.name, event.input).args),
        call: { phase: 'start', id: event.callId },
      };
    case 'tool_result':
      return { ...base, eventType: 'tool_end', call: { phase: 'end', id: event.toolUseId } };
    case 'status':
      return { ...base, eventType: 'session_start' };
    case 'result':
      return {
        ...base,
        eventType: 'result',
        level: event.isError ? 'error' : 'info',
        toolDurationMs: event.durationMs === null ? null : Math.round(event.durationMs),
      };
    case 'assistant_message':
      return { ...base, eventType: 'progress' };
    case 'error':
      return { ...base, eventType: 'error', level: 'error' };
    case 'retry':
      return { ...base, eventType: 'custom', level: 'warn' };
    case 'other':
      return { ...base, eventType: 'custom', level: 'debug' };
  }
}

/** What the events of a stretch of log tell about the turn itself. */
export function toTurnPatch(events: readonly AgentEvent[], at: string): TurnPatch {
  let patch: { -readonly [Key in keyof TurnPatch]: TurnPatch[Key] } = {};
  if (events.length > 0) patch = { lastEventAt: at };
  for (const event of events) {
    if (event.type === 'status') {
      if (event.sessionId !== null) patch.conversationId = event.sessionId;
      if (event.model !== undefined) patch.model = event.model;
    }
    if (event.type === 'result') {
      if (event.sessionId !== null) patch.conversationId = event.sessionId;
      if (event.costUsd !== null) patch.costUsd = event.costUsd;
      if (event.usage !== null) {
        patch.inputTokens = event.usage.inputTokens;
        patch.outputTokens = event.usage.outputTokens;
        patch.cacheReadTokens = event.usage.cacheReadTokens;
        patch.cacheCreationTokens = event.usage.cacheCreationTokens;
      }
    }
  }
  return patch;
}

/** A row that says the runtime answered in another conversation than the one it was asked to resume (spec 01 §2.4). */
export function resumeMismatch(owner: EventOwner, requested: string, observed: string, createdAt: string): TurnEvent {
  return {
    agentName: owner.agentName,
    runId: owner.runId,
    sessionId: observed,
    createdAt,
    eventType: 'custom',
    level: 'warn',
    data: JSON.stringify({ type: 'resume_mismatch', requestedSessionId: requested, observedSessionId: observed }),
  };
}

/** A row that says the agent waits for mail in a loop of its shell (spec 01 §5.6). */
export function mailPolled(owner: EventOwner, reason: string, command: string, createdAt: string): TurnEvent {
  return {
    agentName: owner.agentName,
    runId: owner.runId,
    sessionId: owner.conversationId,
    createdAt,
    eventType: 'custom',
    level: 'warn',
    data: JSON.stringify({
      type: 'mail_poll_detected',
      reason,
      command,
      summary: `waits for mail in a shell loop (${reason}): ending the turn is waiting`,
    }),
  };
}

function dataOf(event: AgentEvent): string {
  return JSON.stringify(event, (_key, value: unknown) =>
    typeof value === 'string' && value.length > KEPT_CHARACTERS
      ? `${value.slice(0, KEPT_CHARACTERS)}… (${value.length} characters, the turn's log has them all)`
      : value,
  );
}
