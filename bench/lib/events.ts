import type { NewEvent } from '../../main/core/events/eventRow.ts';

const DATA = JSON.stringify({ text: 'Reading the file before I change it, as the task asks for.' });

/** The event both sides of the store measures write. */
export function eventOf(index: number): NewEvent {
  return { agentName: `agent-${index % 50}`, eventType: 'progress', data: DATA };
}

/** The same row by plain SQL. */
export const PLAIN_INSERT =
  "INSERT INTO events (agent_name, event_type, level, data, created_at) VALUES (?, 'progress', 'info', ?, ?)";

export function plainRow(index: number): [string, string, string] {
  return [`agent-${index % 50}`, DATA, new Date().toISOString()];
}
