import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestClock, createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import type { EventLevel, NewEvent } from './eventRow.ts';
import { type EventStore, openEvents } from './eventStore.ts';

const START = Date.parse('2026-04-01T10:00:00.000Z');
let folder: TestFolder;
let clock: ReturnType<typeof createTestClock>;
let events: EventStore;

beforeEach(async () => {
  folder = await createTestFolder();
  clock = createTestClock(START);
  events = folder.keep(must(openEvents(folder.file('events.db'), { clock })));
});
afterEach(() => folder.dispose());

const event = (agentName: string, overrides: Partial<NewEvent> = {}): NewEvent => ({
  agentName,
  eventType: 'custom',
  ...overrides,
});
/** Inserts a row as the reference does: the time comes from the column's default form, without a zone. */
function insertAsReference(
  agentName: string,
  createdAt: string,
  eventType = 'custom',
  toolName: string | null = null,
): void {
  const raw = new Database(folder.file('events.db'));
  raw
    .prepare('INSERT INTO events (agent_name, event_type, tool_name, created_at) VALUES (?, ?, ?, ?)')
    .run(agentName, eventType, toolName, createdAt);
  raw.close();
}

describe('events', () => {
  it('D-18: gives ids in sequence and times with a zone', () => {
    expect([events.insert(event('a')), events.insert(event('a')), events.insert(event('b'))]).toEqual([1, 2, 3]);
    expect(events.getByAgent('a')[0]?.createdAt).toBe('2026-04-01T10:00:00.000Z');
    expect(events.lastId()).toBe(3);
  });

  it('keeps every field, and nulls', () => {
    const full = {
      agentName: 'a',
      eventType: 'tool_start',
      runId: 'run-1',
      sessionId: 's-1',
      toolName: 'Bash',
      toolArgs: '{"command":"ls"}',
      toolDurationMs: 12,
      level: 'warn',
      data: '{"x":1}',
      createdAt: '2026-01-01T00:00:00.000Z',
    } as const;
    events.insert(full);
    events.insert(event('b'));
    expect(events.getByAgent('a')).toEqual([{ id: 1, ...full }]);
    expect(events.getByAgent('b')).toEqual([
      {
        id: 2,
        agentName: 'b',
        eventType: 'custom',
        runId: null,
        sessionId: null,
        toolName: null,
        toolArgs: null,
        toolDurationMs: null,
        level: 'info',
        data: null,
        createdAt: '2026-04-01T10:00:00.000Z',
      },
    ]);
  });

  it('refuses an unknown level, and of a batch with one nothing is kept', () => {
    const bad = event('a', { level: 'critical' as EventLevel });
    expect(() => events.insert(bad)).toThrow(/CHECK/);
    expect(() => events.insertMany([event('a'), bad])).toThrow(/CHECK/);
    expect(events.lastId()).toBe(0);
    expect(events.insertMany([event('a'), event('b')])).toEqual([1, 2]);
  });

  it('a second connection sees the rows of the first', () => {
    const other = folder.keep(must(openEvents(folder.file('events.db'))));
    events.insert(event('a'));
    expect(other.getByAgent('a')).toHaveLength(1);
  });

  describe('correlateToolEnd', () => {
    const start = (agentName: string, toolName: string): number =>
      events.insert(event(agentName, { eventType: 'tool_start', toolName }));

    it('finds nothing without a start of that agent and tool', () => {
      expect(events.correlateToolEnd('a', 'Bash')).toBeNull();
      start('a', 'Read');
      start('b', 'Bash');
      expect(events.correlateToolEnd('a', 'Bash')).toBeNull();
    });

    it('writes the duration onto the newest open start, which is then closed', () => {
      start('a', 'Bash');
      clock.advance(100);
      start('a', 'Bash');
      clock.advance(50);
      expect(events.correlateToolEnd('a', 'Bash')).toEqual({ startId: 2, durationMs: 50 });
      clock.advance(25);
      expect(events.correlateToolEnd('a', 'Bash')).toEqual({ startId: 1, durationMs: 175 });
      expect(events.correlateToolEnd('a', 'Bash')).toBeNull();
      expect(events.getByAgent('a').map((row) => row.toolDurationMs)).toEqual([175, 50]);
    });

    it('D-18: reads the zone-less time of the reference as UTC', () => {
      insertAsReference('a', '2026-04-01T09:59:59.000', 'tool_start', 'Bash');
      expect(events.correlateToolEnd('a', 'Bash')?.durationMs).toBe(1_000);
    });
  });

  describe('queries', () => {
    beforeEach(() => {
      const rows: [string, string, EventLevel][] = [
        ['a', 'run-1', 'info'],
        ['b', 'run-1', 'error'],
        ['a', 'run-2', 'error'],
        ['a', 'run-1', 'debug'],
      ];
      for (const [agentName, runId, level] of rows) {
        events.insert(event(agentName, { runId, level }));
        clock.advance(1_000);
      }
    });
    const ids = (rows: readonly { id: number }[]): number[] => rows.map((row) => row.id);
    const at = (second: number): string => new Date(START + second * 1_000).toISOString();

    it('are ascending per agent, run and timeline, descending for errors', () => {
      expect(ids(events.getByAgent('a'))).toEqual([1, 3, 4]);
      expect(ids(events.getByRun('run-1'))).toEqual([1, 2, 4]);
      expect(ids(events.getTimeline({ since: at(0) }))).toEqual([1, 2, 3, 4]);
      expect(ids(events.getErrors())).toEqual([3, 2]);
      expect(events.getByAgent('nobody')).toEqual([]);
    });

    it('filter by level, time and number; the limit keeps the oldest', () => {
      expect(ids(events.getByAgent('a', { level: 'error' }))).toEqual([3]);
      expect(ids(events.getByAgent('a', { limit: 2 }))).toEqual([1, 3]);
      expect(ids(events.getTimeline({ since: at(1), until: at(2) }))).toEqual([2, 3]);
      expect(ids(events.getErrors({ limit: 1 }))).toEqual([3]);
      expect(ids(events.getErrors({ until: at(1) }))).toEqual([2]);
      expect(events.getTimeline({ since: at(9_999) })).toEqual([]);
    });

    it('treat a bound of the very instant alike for both dialects of the column', () => {
      insertAsReference('z', '2026-05-01T00:00:00.000');
      events.insert(event('z', { createdAt: '2026-05-01T00:00:00.000Z' }));
      for (const bound of ['2026-05-01T00:00:00.000Z', '2026-05-01T00:00:00.000', '2026-05-01T02:00:00.000+02:00']) {
        expect(events.getByAgent('z', { since: bound })).toHaveLength(2);
        expect(events.getByAgent('z', { until: bound })).toHaveLength(2);
      }
      expect(events.getByAgent('z', { since: '2026-05-01T00:00:00.001Z' })).toHaveLength(0);
      expect(events.getByAgent('z', { until: '2026-04-30T23:59:59.999Z' })).toHaveLength(0);
    });

    it('the tail is the newest rows, oldest of them first, and pages by id', () => {
      expect(ids(events.tail({ limit: 2 }))).toEqual([3, 4]);
      expect(ids(events.tail({ limit: 2, before: 3 }))).toEqual([1, 2]);
      expect(ids(events.tail({ limit: 9, agentName: 'a' }))).toEqual([1, 3, 4]);
      expect(ids(events.tail({ limit: 1, agentName: 'a', before: 4 }))).toEqual([3]);
      expect(ids(events.tail({ limit: 2, runId: 'run-1' }))).toEqual([2, 4]);
      expect(ids(events.tail({ limit: 9, runId: 'run-1', agentName: 'a' }))).toEqual([1, 4]);
      expect(events.tail({ limit: 9, before: 1 })).toEqual([]);
    });

    it('a reader that knows an id gets what came after it', () => {
      expect(ids(events.after(2, 10))).toEqual([3, 4]);
      expect(ids(events.after(0, 2))).toEqual([1, 2]);
      expect(events.after(4, 10)).toEqual([]);
    });
  });

  it('of 300 events the newest 20 are shown', () => {
    events.insertMany(Array.from({ length: 300 }, (_, index) => event('a', { data: String(index) })));
    const shown = events.tail({ agentName: 'a', limit: 20 });
    expect(shown.map((row) => row.data)).toEqual(Array.from({ length: 20 }, (_, index) => String(280 + index)));
  });

  it('tool statistics count starts, most used first, with 0 where no call has ended', () => {
    const use = (agentName: string, toolName: string, toolDurationMs: number | null) =>
      events.insert(event(agentName, { eventType: 'tool_start', toolName, toolDurationMs }));
    use('a', 'Bash', null);
    use('a', 'Read', 10);
    use('b', 'Read', 30);
    events.insert(event('a', { eventType: 'tool_end', toolName: 'Bash', toolDurationMs: 99 }));
    expect(events.getToolStats()).toEqual([
      { toolName: 'Read', count: 2, avgDurationMs: 20, maxDurationMs: 30 },
      { toolName: 'Bash', count: 1, avgDurationMs: 0, maxDurationMs: 0 },
    ]);
    expect(events.getToolStats({ agentName: 'b' })).toEqual([
      { toolName: 'Read', count: 1, avgDurationMs: 30, maxDurationMs: 30 },
    ]);
    expect(events.getToolStats({ since: '2027-01-01T00:00:00.000Z' })).toEqual([]);
  });

  it('activity counts starts of turns and tools by minute, oldest first', () => {
    const start = (minutesAgo: number, eventType: 'tool_start' | 'turn_start' | 'progress') =>
      events.insert(event('a', { eventType, createdAt: new Date(START - minutesAgo * 60_000).toISOString() }));
    start(0, 'tool_start');
    start(0.5, 'turn_start');
    start(0.5, 'progress');
    start(2.5, 'tool_start');
    start(3.5, 'tool_start');
    expect(events.activityPerMinute(3)).toEqual([1, 0, 2]);
  });

  describe('purge', () => {
    beforeEach(() => {
      events.insert(event('a'));
      clock.advance(10_000);
      events.insert(event('a'));
      events.insert(event('b'));
      clock.advance(1);
    });
    it('removes all, and 0 of nothing', () => {
      expect(events.purge({ all: true })).toBe(3);
      expect(events.purge({ all: true })).toBe(0);
    });
    it('removes by agent', () => expect(events.purge({ agentName: 'a' })).toBe(2));
    it('removes by age', () => expect(events.purge({ olderThanMs: 5_000 })).toBe(1));
    it('removes by age and agent', () => expect(events.purge({ olderThanMs: 0, agentName: 'b' })).toBe(1));
    it('removes nothing without criteria', () => {
      expect(events.purge({})).toBe(0);
      expect(events.tail({ limit: 9 })).toHaveLength(3);
    });
  });

  it('a file of the reference is opened and read as it is', () => {
    const path = folder.file('old.db');
    const raw = new Database(path);
    raw.exec(`CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT, agent_name TEXT NOT NULL,
      session_id TEXT, event_type TEXT NOT NULL, tool_name TEXT, tool_args TEXT, tool_duration_ms INTEGER,
      level TEXT NOT NULL DEFAULT 'info' CHECK(level IN ('debug','info','warn','error')), data TEXT,
      created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')))`);
    raw.exec("INSERT INTO events (agent_name, event_type) VALUES ('a', 'session_start')");
    raw.close();
    const old = folder.keep(must(openEvents(path)));
    expect(old.tail({ agentName: 'a', limit: 1 })[0]?.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/);
    expect(old.insert(event('a'))).toBe(2);
  });
});
