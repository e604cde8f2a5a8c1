import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openDatabase } from '../db/openDatabase.ts';
import { createStreamJsonParser } from '../runtimes/streamJson.ts';
import { toTurnEvent } from '../turns/turnEvents.ts';

interface TurnRow {
  readonly turn_id: string;
  readonly agent_name: string;
  readonly log_directory: string;
  readonly log_offset: number;
  readonly state: string;
  readonly outcome: string | null;
}
interface LineRow {
  readonly line_offset: number;
  readonly line_length: number;
  readonly first_event_id: number | null;
  readonly event_count: number;
}
interface EventRow {
  readonly id: number;
  readonly event_type: string;
  readonly data: string | null;
}

export interface RunFigures {
  readonly turns: number;
  readonly lines: number;
  readonly bytes: number;
  readonly events: number;
  readonly mails: number;
}

/** Compares every turn's log file with its rows, byte for line, and every line's rows with what the parser gives for it. */
export async function verifyTurns(root: string): Promise<Omit<RunFigures, 'mails'>> {
  const connection = opened(join(root, '.overstory', 'events.db'));
  const { database } = connection;
  const turns = database.prepare<[], TurnRow>('SELECT * FROM ocr_turns ORDER BY agent_name, number').all();
  const linesOf = database.prepare<[string], LineRow>(
    'SELECT * FROM ocr_turn_lines WHERE turn_id = ? ORDER BY line_offset',
  );
  const eventsOf = database.prepare<[number, number], EventRow>(
    'SELECT id, event_type, data FROM events WHERE id >= ? AND id < ? ORDER BY id',
  );
  const covered = new Set<number>();
  let lineCount = 0;
  let bytes = 0;
  for (const turn of turns) {
    const name = turn.turn_id;
    expect(turn.state, `${name} has ended`).toBe('ended');
    const log = await readFile(join(turn.log_directory, 'stdout.ndjson')).catch((error: unknown) => {
      // A turn whose process was never started has no log; then it may have no rows either.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    const rows = linesOf.all(name);
    const expected = cut(log);
    expect(
      rows.map((row) => [row.line_offset, row.line_length]),
      `${name}: lines of the log and rows`,
    ).toEqual(expected.map((line) => [line.offset, line.length]));
    expect(turn.log_offset, `${name}: stored to the end of its log`).toBe(log.length);
    const parser = createStreamJsonParser();
    for (const [index, line] of expected.entries()) {
      const row = rows[index];
      const given = parser.push(line.text).map((event) => {
        const stored = toTurnEvent(event, { agentName: '', runId: null, conversationId: null }, '');
        return [stored.eventType, stored.data];
      });
      const stored =
        row?.first_event_id === null || row === undefined
          ? []
          : eventsOf.all(row.first_event_id, row.first_event_id + row.event_count);
      for (const event of stored) {
        expect(covered.has(event.id), `event ${event.id} belongs to one line`).toBe(false);
        covered.add(event.id);
      }
      expect(
        stored.map((event) => [event.event_type, event.data]),
        `${name}: events of the line at ${line.offset}`,
      ).toEqual(given);
    }
    lineCount += rows.length;
    bytes += log.length;
  }
  const streamed = database
    .prepare<[], number>(
      `SELECT id FROM events WHERE event_type IN ('tool_start', 'tool_end', 'session_start', 'result', 'progress')`,
    )
    .pluck()
    .all();
  expect(
    streamed.filter((id) => !covered.has(id)),
    'events of no line',
  ).toEqual([]);
  for (const type of ['turn_start', 'turn_end'] as const) {
    const told = database
      .prepare<[string], string>(
        `SELECT json_extract(data, '$.turnId') AS turn FROM events WHERE event_type = ? ORDER BY turn`,
      )
      .pluck()
      .all(type);
    expect(told, type).toEqual(turns.map((turn) => turn.turn_id).sort());
  }
  connection.close();
  return { turns: turns.length, lines: lineCount, bytes, events: covered.size };
}

/** Each mail once, each to an agent read by exactly one delivery; no worker is reported twice. */
export function verifyMail(root: string, expectedSubjects: readonly string[]): number {
  const connection = opened(join(root, '.overstory', 'mail.db'));
  const rows = connection.database
    .prepare<[], { subject: string; type: string; from: string; to: string; read: number; state: string | null }>(
      `SELECT m.subject, m.type, m.from_agent AS "from", m.to_agent AS "to", m.read, d.state
        FROM messages m LEFT JOIN ocr_delivery d ON d.message_id = m.id`,
    )
    .all();
  connection.close();
  const counts = new Map<string, number>();
  for (const row of rows) {
    const key = `${row.type} ${row.from} ${row.to} ${row.subject}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect(
    [...counts].filter(([, count]) => count > 1),
    'mails sent twice',
  ).toEqual([]);
  const subjects = new Set(rows.map((row) => row.subject));
  expect(
    expectedSubjects.filter((subject) => !subjects.has(subject)),
    'mails never sent',
  ).toEqual([]);
  expect(
    rows.filter((row) => row.type === 'worker_died'),
    'workers reported dead',
  ).toEqual([]);
  expect(
    rows.filter(
      (row) =>
        row.to !== 'operator' &&
        row.to !== 'orchestrator' &&
        (row.read !== 1 || (row.state !== 'read' && row.state !== 'acknowledged')),
    ),
    'mails not delivered',
  ).toEqual([]);
  return rows.length;
}

function opened(path: string) {
  const connection = openDatabase(path, { readOnly: true });
  if (!connection.ok) throw new Error(connection.error.message);
  return connection.value;
}

function cut(log: Buffer): { readonly offset: number; readonly length: number; readonly text: string }[] {
  const lines: { offset: number; length: number; text: string }[] = [];
  for (let start = 0; start < log.length; ) {
    const feed = log.indexOf(0x0a, start);
    const next = feed === -1 ? log.length : feed + 1;
    const text = log.toString('utf8', start, feed === -1 ? log.length : feed);
    lines.push({ offset: start, length: next - start, text });
    start = next;
  }
  return lines;
}
