import { TRANSCRIPT, type TranscriptItem } from '../../../contract/transcripts.ts';
import { parseTimestamp, timestamp } from '../../platform/clock.ts';
import { neutralise } from '../../platform/neutralText.ts';
import { describeToolUse, shortenPaths } from '../turns/transcript.ts';
import type { EventRow } from './timelineRules.ts';

type Data = Readonly<Record<string, unknown>>;
type Said = Pick<TranscriptItem, 'kind' | 'title'> &
  Partial<Pick<TranscriptItem, 'callId' | 'added' | 'removed' | 'failed'>> & { readonly body?: string };

/** A row of an agent's events as something to read; null for rows that say nothing to a reader. */
export function toTranscriptItem(row: EventRow): TranscriptItem | null {
  const data = parseObject(row.data);
  const said = read(row, data);
  if (said === null) return null;
  const at = parseTimestamp(row.createdAt);
  const body = neutralise(said.body ?? '').replace(/\n+$/, '');
  return {
    callId: null,
    added: null,
    removed: null,
    failed: row.level === 'error',
    ...said,
    id: row.id,
    at: Number.isNaN(at) ? row.createdAt : timestamp(at),
    title: neutralise(said.title).replace(/\s+/g, ' ').trim(),
    body: body.slice(0, TRANSCRIPT.bodyCharacters),
    cut: body.length > TRANSCRIPT.bodyCharacters || isCutInStore(said.body ?? ''),
    durationMs: row.toolDurationMs ?? (typeof data.durationMs === 'number' ? data.durationMs : null),
  };
}

function read(row: EventRow, data: Data): Said | null {
  switch (row.eventType) {
    case 'turn_start':
      return { kind: 'turnStart', title: turnTitle(data) };
    case 'turn_end':
      return { kind: 'turnEnd', title: text(data.summary) ?? 'turn ended', failed: data.outcome === 'dead' };
    case 'progress':
      return { kind: 'text', title: '', body: text(data.text) ?? '' };
    case 'tool_start':
      return toolUse(row, data);
    case 'tool_end':
      return {
        kind: 'result',
        title: row.toolName ?? '',
        body: shortenPaths(text(data.content) ?? text(data.summary) ?? ''),
        callId: text(data.toolUseId),
        failed: data.isError === true,
      };
    case 'result':
      // What a turn that went well says at its end was said as text before.
      return data.isError === true ? { kind: 'error', title: 'the turn failed', body: text(data.result) ?? '' } : null;
    case 'error':
      return { kind: 'error', title: text(data.message) ?? text(data.summary) ?? 'error' };
    default:
      return row.level === 'warn' || row.level === 'error'
        ? { kind: 'note', title: text(data.summary) ?? text(data.error) ?? text(data.message) ?? row.eventType }
        : null;
  }
}

function turnTitle(data: Data): string {
  const parts = [typeof data.number === 'number' ? `Turn ${data.number}` : (text(data.summary) ?? 'turn started')];
  if (typeof data.mails === 'number' && data.mails > 0) parts.push(data.mails === 1 ? '1 mail' : `${data.mails} mails`);
  return parts.join(' · ');
}

function toolUse(row: EventRow, data: Data): Said {
  const input = isObject(data.input) ? data.input : parseObject(row.toolArgs);
  const title = describeToolUse(row.toolName ?? text(data.name) ?? 'tool', input);
  const callId = text(data.callId);
  const edits = editsOf(input);
  if (edits.length > 0) {
    const added = edits.reduce((sum, edit) => sum + lineCount(edit.after), 0);
    const removed = edits.reduce((sum, edit) => sum + lineCount(edit.before), 0);
    const body = edits.map((edit) => [...marked(edit.before, '-'), ...marked(edit.after, '+')].join('\n')).join('\n\n');
    return { kind: 'tool', title, callId, added, removed, body };
  }
  const command = text(input.command);
  // A command of one line stands in the title already.
  return { kind: 'tool', title, callId, body: command?.trim().includes('\n') === true ? command : '' };
}

interface Edit {
  readonly before: string;
  readonly after: string;
}

/** Old and new text of a tool that changes a file: one replacement, several, or a whole file. */
function editsOf(input: Data): readonly Edit[] {
  if (Array.isArray(input.edits)) return input.edits.filter(isObject).flatMap(editsOf);
  const before = text(input.old_string);
  const after = text(input.new_string) ?? text(input.content);
  return before === null && after === null ? [] : [{ before: before ?? '', after: after ?? '' }];
}

function marked(lines: string, sign: '+' | '-'): readonly string[] {
  return lines === ''
    ? []
    : lines
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `${sign} ${line}`);
}

function lineCount(lines: string): number {
  return lines === '' ? 0 : lines.replace(/\n$/, '').split('\n').length;
}

/** The store marks text it cut (turnEvents.ts). */
function isCutInStore(body: string): boolean {
  return body.includes(" characters, the turn's log has them all)");
}

function isObject(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseObject(json: string | null): Data {
  if (json === null) return {};
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : {};
  } catch {
    // `data` is "usually JSON" (spec 03 §1.1): anything else is shown as it is.
    return { summary: json };
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
