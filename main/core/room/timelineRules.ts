import { OPERATOR } from '../../../contract/ids.ts';
import type { TimelineItem, TimelineKind } from '../../../contract/timeline.ts';
import { parseTimestamp, timestamp } from '../../platform/clock.ts';
import { neutralise } from '../../platform/neutralText.ts';
import { describeToolUse } from '../turns/transcript.ts';

/** A row of events.db (spec 03 §1.1). */
export interface EventRow {
  readonly id: number;
  readonly runId: string | null;
  readonly agentName: string;
  readonly eventType: string;
  readonly toolName: string | null;
  readonly toolArgs: string | null;
  readonly toolDurationMs: number | null;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly data: string | null;
  readonly createdAt: string;
}

/** Characters of an item's line; more does not fit any face. */
const SUMMARY_LENGTH = 240;

/** Draws an event row as a timeline item; rows written by the reference (suffix-less times, other data) are read as well. */
export function toTimelineItem(row: EventRow): TimelineItem {
  const data = parseObject(row.data);
  const at = parseTimestamp(row.createdAt);
  return {
    id: row.id,
    at: Number.isNaN(at) ? row.createdAt : timestamp(at),
    runId: row.runId,
    agent: row.agentName,
    kind: kindOf(row, data),
    summary: clip(summarise(row, data)),
    to: text(data.to),
    toolName: row.toolName,
    level: row.level,
    durationMs: row.toolDurationMs ?? (typeof data.durationMs === 'number' ? data.durationMs : null),
    state: text(data.state),
  };
}

function kindOf(row: EventRow, data: Readonly<Record<string, unknown>>): TimelineKind {
  switch (row.eventType) {
    case 'turn_start':
      return 'turnStart';
    case 'turn_end':
      return 'turnEnd';
    case 'tool_start':
      return 'tool';
    case 'tool_end':
      return 'toolEnd';
    case 'progress':
      return 'text';
    case 'mail_sent':
    case 'mail_received':
      return 'mail';
    case 'error':
      return 'error';
    default:
      if (data.type === 'merge') return 'merge';
      if (data.type === 'state') return 'state';
      if (data.author === 'watchdog') return 'verdict';
      if (isIntervention(row, data)) return 'intervention';
      return row.level === 'error' ? 'error' : 'note';
  }
}

/** Types of events that only a person causes. */
const BY_PERSON: ReadonlySet<unknown> = new Set(['take_over', 'hand_back']);

function isIntervention(row: EventRow, data: Readonly<Record<string, unknown>>): boolean {
  if (row.eventType === 'session_end') return text(data.reason) === 'stop';
  return BY_PERSON.has(data.type) || (data.type === 'nudge' && data.from === OPERATOR);
}

function summarise(row: EventRow, data: Readonly<Record<string, unknown>>): string {
  switch (row.eventType) {
    case 'tool_start':
      return describeToolUse(row.toolName ?? 'tool', parseObject(row.toolArgs));
    case 'tool_end':
      return text(data.summary) ?? (data.isError === true ? 'tool failed' : 'tool finished');
    case 'progress':
      return text(data.text) ?? '';
    case 'mail_sent':
      return `${text(data.type) ?? 'mail'} to ${text(data.to) ?? '?'}: ${text(data.subject) ?? ''}`;
    case 'result':
      return data.isError === true ? `failed: ${text(data.result) ?? ''}` : (text(data.result) ?? 'finished');
    default:
      return (
        text(data.summary) ??
        text(data.reason) ??
        text(data.message) ??
        text(data.type) ??
        row.eventType.replaceAll('_', ' ')
      );
  }
}

function parseObject(json: string | null): Readonly<Record<string, unknown>> {
  if (json === null) return {};
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    // `data` is "usually JSON" (spec 03 §1.1): anything else is shown as it is.
    return { summary: json };
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function clip(line: string): string {
  const flat = neutralise(line).replace(/\s+/g, ' ').trim();
  return flat.length > SUMMARY_LENGTH ? `${flat.slice(0, SUMMARY_LENGTH - 1)}…` : flat;
}
