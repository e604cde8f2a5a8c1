import { join } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { isMapping } from '../config/yamlValue.ts';
import { openEvents } from '../events/eventStore.ts';
import { filterToolArguments } from '../events/toolArguments.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { openSessions } from '../sessions/sessionStore.ts';
import { pathExists } from '../util/files.ts';
import { updateIdentity } from './identity.ts';
import { isCoordination } from './roles.ts';

/** Events a runtime's hooks report (spec 03 §1.6). */
export const HOOK_EVENTS = ['tool-start', 'tool-end', 'session-end'] as const;
export type HookEvent = (typeof HOOK_EVENTS)[number];

/** What a hook's standard input says; what is missing or of another kind is null. */
export interface HookCall {
  readonly toolName: string | null;
  readonly toolInput: Readonly<Record<string, unknown>>;
  readonly conversationId: string | null;
  readonly transcriptPath: string | null;
}

/** Reads the JSON of a hook; empty or broken input says nothing, because a hook must never stop the agent it watches. */
export function readHookCall(text: string): HookCall {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON: the event itself still counts.
  }
  const call = isMapping(value) ? value : {};
  const word = (field: unknown): string | null => (typeof field === 'string' && field !== '' ? field : null);
  return {
    toolName: word(call.tool_name),
    toolInput: isMapping(call.tool_input) ? call.tool_input : {},
    conversationId: word(call.session_id),
    transcriptPath: word(call.transcript_path),
  };
}

/** True for roles whose Stop hook comes with every turn and so ends nothing (spec 02 §0.7, stop-hook-persistent). */
export function outlivesItsStopHook(capability: string): boolean {
  return capability === 'lead' || isCoordination(capability);
}

export interface HookReport {
  readonly overstoryDirectory: string;
  readonly agentName: string;
  readonly event: HookEvent;
  /** Null without standard input. */
  readonly call: HookCall | null;
  /** Tool and conversation file named by option instead of standard input. */
  readonly toolName: string | null;
  readonly transcriptPath: string | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Keeps what a hook of an interactive session reports (spec 03 §1.6): an event with the run of its agent, a sign of life, and at the
 * end of a session its completion. Goes to the stores at once, with or without an engine. Agents that run one process a
 * turn have no such hooks: their logs are read instead.
 */
export async function recordHookEvent(report: HookReport): Promise<Result<null>> {
  const { overstoryDirectory, agentName, event } = report;
  const sessionsFile = join(overstoryDirectory, 'sessions.db');
  const events = openEvents(join(overstoryDirectory, 'events.db'));
  if (!events.ok) return events;
  try {
    const sessions = (await pathExists(sessionsFile)) ? openSessions(sessionsFile) : ok(null);
    if (!sessions.ok) return sessions;
    try {
      const session = sessions.value?.getByName(agentName) ?? null;
      const toolName = report.toolName ?? report.call?.toolName ?? 'unknown';
      const filtered = report.call === null ? null : filterToolArguments(toolName, report.call.toolInput);
      const row = {
        agentName,
        runId: session?.runId ?? null,
        sessionId: report.call?.conversationId ?? null,
      };
      const store = events.value;
      if (event === 'tool-start') {
        const toolArgs = filtered === null ? null : JSON.stringify(filtered.args);
        const data = JSON.stringify({ summary: filtered?.summary ?? toolName });
        store.insert({ ...row, eventType: 'tool_start', toolName, toolArgs, data });
      } else if (event === 'tool-end') {
        const ended = store.correlateToolEnd(agentName, toolName);
        const data = JSON.stringify({ summary: filtered?.summary ?? toolName });
        store.insert({ ...row, eventType: 'tool_end', toolName, toolDurationMs: ended?.durationMs ?? null, data });
      } else store.insert({ ...row, eventType: 'session_end', data: JSON.stringify({ reason: 'hook' }) });
      if (session === null || sessions.value === null) return ok(null);
      const transcript = report.transcriptPath ?? report.call?.transcriptPath ?? null;
      if (transcript !== null && transcript !== session.transcriptPath)
        sessions.value.updateTranscriptPath(agentName, transcript);
      sessions.value.updateLastActivity(agentName, report.now);
      if (event === 'tool-start' && session.state === 'booting' && session.tmuxSession !== '')
        sessions.value.tryTransitionState(agentName, 'working');
      return event === 'session-end'
        ? await endSession(report, session, () => {
            sessions.value?.tryTransitionState(agentName, 'completed');
          })
        : ok(null);
    } finally {
      sessions.value?.close();
    }
  } finally {
    events.value.close();
  }
}

async function endSession(report: HookReport, session: AgentSession, complete: () => void): Promise<Result<null>> {
  const finishedTask = { taskId: session.taskId, summary: `Completed task ${session.taskId}` };
  const counted = await updateIdentity(
    join(report.overstoryDirectory, 'agents'),
    report.agentName,
    { sessionsCompleted: 1, ...(session.taskId === '' ? {} : { finishedTask }) },
    report.now,
  );
  // An agent that has no identity, such as one of another program, has nothing to count in.
  if (!counted.ok && !/not found/.test(counted.error.message)) return counted;
  // Agents without a terminal of their own are judged by their turns, never by a hook.
  if (session.tmuxSession !== '' && !outlivesItsStopHook(session.capability)) complete();
  return ok(null);
}

/** The event of that name, or what may be said instead. */
export function hookEventOf(word: string): Result<HookEvent> {
  const found = HOOK_EVENTS.find((event) => event === word);
  return found === undefined
    ? fail('validation', `unknown event "${word}": say ${HOOK_EVENTS.join(', ')}`, { field: 'event' })
    : ok(found);
}
