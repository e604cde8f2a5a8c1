import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../db/openDatabase.ts';
import { createTestClock, createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import type { EventLevel } from '../events/eventRow.ts';
import { type EventStore, openEvents } from '../events/eventStore.ts';
import type { NewTurn, TurnEnd, TurnEvent, TurnLine } from './turnRow.ts';
import { openTurns, type TurnStore } from './turnStore.ts';

let folder: TestFolder;
let clock: ReturnType<typeof createTestClock>;
let turns: TurnStore;
let events: EventStore;

beforeEach(async () => {
  folder = await createTestFolder();
  clock = createTestClock(Date.parse('2026-04-01T10:00:00.000Z'));
  const connection = folder.keep(must(openDatabase(folder.file('events.db'))));
  turns = must(openTurns(connection, { clock }));
  events = must(openEvents(connection, { clock }));
});
afterEach(() => folder.dispose());

const newTurn = (turnId: string, overrides: Partial<NewTurn> = {}): NewTurn => ({
  turnId,
  agentName: 'builder-1',
  sessionId: 's-1',
  runId: 'run-1',
  prompt: 'do it',
  logDirectory: `/logs/${turnId}`,
  startedAt: '2026-04-01T10:00:00.000Z',
  resumeId: null,
  model: null,
  ...overrides,
});
const end = (overrides: Partial<TurnEnd> = {}): TurnEnd => ({
  endedAt: '2026-04-01T10:05:00.000Z',
  exitCode: 0,
  signal: null,
  outcome: 'rest',
  reason: null,
  ...overrides,
});
const note = (data: string): TurnEvent => ({ agentName: 'builder-1', eventType: 'progress', data });
const line = (offset: number, length: number, ...lineEvents: TurnEvent[]): TurnLine => ({
  offset,
  length,
  events: lineEvents,
});

describe('turns', () => {
  it('a started turn is stored running, numbered per agent', () => {
    const first = must(turns.start(newTurn('t1', { resumeId: 'c-0', model: 'opus' })));
    expect(first).toEqual({
      ...newTurn('t1', { resumeId: 'c-0', model: 'opus' }),
      number: 1,
      logOffset: 0,
      feedOffset: 0,
      state: 'running',
      endedAt: null,
      lastEventAt: null,
      exitCode: null,
      signal: null,
      outcome: null,
      reason: null,
      conversationId: null,
      costUsd: null,
      inputTokens: null,
      outputTokens: null,
      cacheReadTokens: null,
      cacheCreationTokens: null,
      taskId: null,
      capability: null,
      runtime: null,
      costSource: null,
    });
    must(turns.end('t1', end()));
    expect(turns.nextNumber('builder-1')).toBe(2);
    expect(must(turns.start(newTurn('t2'))).number).toBe(2);
    expect(must(turns.start(newTurn('t3', { agentName: 'scout-1' }))).number).toBe(1);
    expect(turns.nextNumber('nobody')).toBe(1);
  });

  it('an agent cannot have two running turns, whoever starts the second', () => {
    must(turns.start(newTurn('t1')));
    const other = folder.keep(must(openTurns(folder.file('events.db'))));
    expect(other.start(newTurn('t2'))).toMatchObject({ ok: false, error: { tag: 'conflict' } });
    expect(turns.running().map((turn) => turn.turnId)).toEqual(['t1']);
  });

  it('ending sets how, once; unknown turns are told apart', () => {
    must(turns.start(newTurn('t1')));
    const ended = must(
      turns.end(
        't1',
        end({ exitCode: null, signal: 15, outcome: 'dead', reason: 'killed', costUsd: 0.5, conversationId: 'c-1' }),
      ),
    );
    expect(ended).toMatchObject({
      state: 'ended',
      endedAt: '2026-04-01T10:05:00.000Z',
      exitCode: null,
      signal: 15,
      outcome: 'dead',
      reason: 'killed',
      costUsd: 0.5,
      conversationId: 'c-1',
    });
    expect(turns.end('t1', end())).toMatchObject({ ok: false, error: { tag: 'invalidState' } });
    expect(turns.end('t9', end())).toMatchObject({ ok: false, error: { tag: 'notFound' } });
    expect(turns.get('t1')?.outcome).toBe('dead');
    expect(turns.get('t9')).toBeNull();
    expect(turns.running()).toEqual([]);
  });

  it('lists newest first, and knows the newest of every agent', () => {
    for (const [turnId, agentName] of [
      ['t1', 'a'],
      ['t2', 'a'],
      ['t3', 'b'],
      ['t4', 'a'],
    ] as const) {
      must(turns.start(newTurn(turnId, { agentName })));
      must(turns.end(turnId, end()));
    }
    expect(turns.listByAgent('a', 2).map((turn) => turn.turnId)).toEqual(['t4', 't2']);
    expect(turns.latestForAgent('a')?.turnId).toBe('t4');
    expect(turns.latestForAgent('nobody')).toBeNull();
    expect([...turns.latestByAgent()].map(([agent, turn]) => [agent, turn.turnId]).sort()).toEqual([
      ['a', 't4'],
      ['b', 't3'],
    ]);
    expect(turns.countByAgent()).toEqual(
      new Map([
        ['a', 3],
        ['b', 1],
      ]),
    );
  });

  it('sums money and tokens per agent and run; unknown money stays unknown', () => {
    const cost = (turnId: string, agentName: string, runId: string | null, costUsd?: number) => {
      must(turns.start(newTurn(turnId, { agentName, runId })));
      must(turns.end(turnId, end(costUsd === undefined ? {} : { costUsd, inputTokens: 10, cacheReadTokens: 1 })));
    };
    cost('t1', 'a', 'run-1', 0.25);
    cost('t2', 'a', 'run-2', 0.5);
    cost('t3', 'b', 'run-2');
    cost('t4', 'c', null);
    expect(turns.costByAgent().get('a')).toEqual({
      costUsd: 0.75,
      inputTokens: 20,
      outputTokens: 0,
      cacheReadTokens: 2,
      cacheCreationTokens: 0,
      turns: 2,
    });
    expect(turns.costByAgent().get('b')).toMatchObject({ costUsd: null, turns: 1 });
    expect(turns.costByRun().get('run-2')).toMatchObject({ costUsd: 0.5, turns: 2 });
    expect([...turns.costByRun().keys()].sort()).toEqual(['run-1', 'run-2']);
  });

  it('the feed offset only goes forward', () => {
    must(turns.start(newTurn('t1')));
    turns.setFeedOffset('t1', 100);
    turns.setFeedOffset('t1', 40);
    expect(turns.get('t1')?.feedOffset).toBe(100);
  });
});

describe('commitLines', () => {
  beforeEach(() => {
    must(turns.start(newTurn('t1')));
  });

  it('stores events, lines, offset and patch together', () => {
    const stored = must(
      turns.commitLines('t1', 0, 90, [line(0, 30, note('a'), note('b')), line(30, 20), line(50, 40, note('c'))], {
        conversationId: 'c-1',
        lastEventAt: '2026-04-01T10:00:01.000Z',
      }),
    );
    expect(stored.eventIds).toEqual([[1, 2], [], [3]]);
    expect(turns.get('t1')).toMatchObject({
      logOffset: 90,
      conversationId: 'c-1',
      lastEventAt: '2026-04-01T10:00:01.000Z',
      model: null,
    });
    expect(events.tail({ limit: 9 }).map((row) => row.data)).toEqual(['a', 'b', 'c']);
    expect(turns.lines('t1', 0, 10)).toEqual([
      { lineOffset: 0, lineLength: 30, firstEventId: 1, eventCount: 2 },
      { lineOffset: 30, lineLength: 20, firstEventId: null, eventCount: 0 },
      { lineOffset: 50, lineLength: 40, firstEventId: 3, eventCount: 1 },
    ]);
    expect(turns.lines('t1', 31, 10)).toHaveLength(1);
  });

  it('a patch leaves what it does not name', () => {
    must(turns.commitLines('t1', 0, 10, [], { model: 'opus', costUsd: 0.1 }));
    must(turns.commitLines('t1', 10, 20, [], { costUsd: 0.2 }));
    expect(turns.get('t1')).toMatchObject({ model: 'opus', costUsd: 0.2, logOffset: 20 });
  });

  it('the same stretch is refused the second time, and nothing of it is stored', () => {
    must(turns.commitLines('t1', 0, 30, [line(0, 30, note('a'))]));
    expect(turns.commitLines('t1', 0, 30, [line(0, 30, note('a'))])).toMatchObject({
      ok: false,
      error: { tag: 'conflict', data: { logOffset: 30, expectedOffset: 0 } },
    });
    expect(turns.commitLines('t1', 60, 90, [line(60, 30, note('gap'))]).ok).toBe(false);
    expect(turns.commitLines('t9', 0, 30, [])).toMatchObject({ ok: false, error: { tag: 'notFound' } });
    expect(events.lastId()).toBe(1);
  });

  it('of two readers of one log each stretch is stored by one', () => {
    const other = folder.keep(must(openTurns(folder.file('events.db'))));
    const results = [turns, other].map((store) => store.commitLines('t1', 0, 30, [line(0, 30, note('a'))]).ok);
    expect(results).toEqual([true, false]);
    expect(events.lastId()).toBe(1);
  });

  it('an event that cannot be stored leaves neither events nor progress', () => {
    const bad: TurnEvent = { ...note('bad'), level: 'critical' as EventLevel };
    expect(() => turns.commitLines('t1', 0, 60, [line(0, 30, note('a')), line(30, 30, bad)])).toThrow(/CHECK/);
    expect(events.lastId()).toBe(0);
    expect(turns.get('t1')?.logOffset).toBe(0);
    must(turns.commitLines('t1', 0, 30, [line(0, 30, note('a'))]));
  });

  it('the rest of a log can be stored after the turn has ended', () => {
    must(turns.end('t1', end()));
    must(turns.commitLines('t1', 0, 30, [line(0, 30, note('a'))]));
    expect(turns.get('t1')).toMatchObject({ logOffset: 30, state: 'ended' });
  });

  it('two calls of one tool at the same time each get their own duration', () => {
    const call = (phase: 'start' | 'end', id: string, second: number): TurnEvent => ({
      agentName: 'builder-1',
      eventType: phase === 'start' ? 'tool_start' : 'tool_end',
      ...(phase === 'start' ? { toolName: 'Bash' } : {}),
      createdAt: `2026-04-01T10:00:0${second}.000Z`,
      call: { phase, id },
    });
    must(turns.commitLines('t1', 0, 20, [line(0, 10, call('start', 'x', 0)), line(10, 10, call('start', 'y', 1))]));
    must(
      turns.commitLines('t1', 20, 50, [
        line(20, 10, call('end', 'x', 5)),
        line(30, 10, call('end', 'y', 2)),
        line(40, 10, call('end', 'unknown', 9)),
      ]),
    );
    expect(events.tail({ limit: 9 }).map((row) => [row.eventType, row.toolName, row.toolDurationMs])).toEqual([
      ['tool_start', 'Bash', 5_000],
      ['tool_start', 'Bash', 1_000],
      ['tool_end', 'Bash', 5_000],
      ['tool_end', 'Bash', 1_000],
      ['tool_end', null, null],
    ]);
  });

  it('however a log is cut into stretches and repeated, every line is stored exactly once and in order', () => {
    let round = 0;
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
        (cuts, repeats) => {
          round += 1;
          const turnId = `round-${round}`;
          must(turns.start(newTurn(turnId, { agentName: turnId })));
          let lineNumber = 0;
          for (const [index, size] of cuts.entries()) {
            const from = lineNumber * 10;
            const lines = Array.from({ length: size }, (_, at) =>
              line(from + at * 10, 10, { ...note(`${lineNumber + at}`), agentName: turnId }),
            );
            lineNumber += size;
            must(turns.commitLines(turnId, from, lineNumber * 10, lines));
            if (repeats[index] === true) expect(turns.commitLines(turnId, from, lineNumber * 10, lines).ok).toBe(false);
          }
          const stored = events.getByAgent(turnId).map((row) => Number(row.data));
          expect(stored).toEqual(Array.from({ length: lineNumber }, (_, at) => at));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('rows of an older version get the later columns, empty', () => {
    const path = folder.file('older.db');
    const raw = new Database(path);
    must(openTurns(path)).close();
    for (const name of ['task_id', 'capability', 'runtime', 'cost_source']) {
      if (name === 'task_id') raw.exec('DROP INDEX ocr_turns_task');
      raw.exec(`ALTER TABLE ocr_turns DROP COLUMN ${name}`);
    }
    raw.close();
    const migrated = folder.keep(must(openTurns(path)));
    expect(
      must(migrated.start(newTurn('t1', { taskId: 'T-1', capability: 'builder', runtime: 'claude' }))),
    ).toMatchObject({ taskId: 'T-1', capability: 'builder', runtime: 'claude', costSource: null });
    migrated.end('t1', end({ costUsd: 0.5, costSource: 'estimate' }));
    expect(migrated.get('t1')).toMatchObject({ costUsd: 0.5, costSource: 'estimate' });
  });

  it('what a conversation used is added up without the turn that asks', () => {
    for (const [id, input] of [
      ['u1', 100],
      ['u2', 50],
    ] as const) {
      must(turns.start(newTurn(id, { agentName: `agent-${id}` })));
      must(turns.end(id, end({ conversationId: 'c-1', inputTokens: input, outputTokens: 1 })));
    }
    expect(turns.usageOfConversation('c-1', 'u2')).toMatchObject({ inputTokens: 100, outputTokens: 1 });
    expect(turns.usageOfConversation('c-1', 'other').inputTokens).toBe(150);
    expect(turns.usageOfConversation('c-2', 'u1').inputTokens).toBe(0);
  });
});
