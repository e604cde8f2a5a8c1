import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { HistoryEvent } from '../../../contract/history.ts';
import { timestamp } from '../../platform/clock.ts';
import { createOverviews } from './replayOverview.ts';

/** A run that is still written: agents that come and die, and rows of events.db, in whole seconds. */
interface Written {
  readonly history: HistoryEvent[];
  readonly rows: { readonly id: number; readonly at: number }[];
}
const START = Date.parse('2026-01-05T09:00:00.000Z');

function agentEvent(id: number, second: number, name: string, state: string): HistoryEvent {
  const value = {
    capability: 'builder',
    state,
    taskId: 'T-1',
    parent: null,
    depth: 0,
    runId: null,
    branch: 'b',
    worktree: 'w',
    startedAt: timestamp(START),
    pid: null,
    escalationLevel: 0,
    stalledSince: null,
    conversationId: null,
  };
  return { id, at: timestamp(START + second * 1_000), kind: 'agent', key: name, value };
}

function overviewsOf(written: Written, read: { history: number; rows: number }, settledUntil: () => number) {
  return createOverviews({
    mailText: () => null,
    settledUntil,
    history: {
      before: (at) => written.history.filter((event) => Date.parse(event.at) <= at),
      between(from, to, limit) {
        const found = written.history.filter((event) => Date.parse(event.at) > from && Date.parse(event.at) <= to);
        read.history += Math.min(found.length, limit);
        return found.slice(0, limit);
      },
      oldestAt: () => START,
    },
    events: {
      lastIdAt: (at) => written.rows.findLast((row) => row.at <= at)?.id ?? 0,
      timesAfter(id, limit) {
        const found = written.rows.filter((row) => row.id > id).slice(0, limit);
        read.rows += found.length;
        return found;
      },
    },
  });
}

const step = fc.record({
  seconds: fc.nat(3),
  kind: fc.constantFrom('working', 'zombie', 'row'),
  agent: fc.constantFrom('ann', 'ben'),
});

it('read again and again while the run goes on it is what one reading gives at its end, each row read once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { maxLength: 6 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 9 }),
      async (bursts, parts) => {
        const written: Written = { history: [], rows: [] };
        const read = { history: 0, rows: 0 };
        let now = START;
        const growing = overviewsOf(written, read, () => now);
        let last = await growing.read(START, now, parts);
        for (const burst of bursts) {
          for (const { seconds, kind, agent } of burst) {
            now += seconds * 1_000;
            // Nothing is ever written into what has been read: the clock of what settles stays behind the writers.
            const second = (now - START) / 1_000 + 1;
            if (kind === 'row') written.rows.push({ id: written.rows.length + 1, at: START + second * 1_000 });
            else written.history.push(agentEvent(written.history.length + 1, second, agent, kind));
          }
          last = await growing.read(START, now, parts);
        }
        now += 10_000;
        last = await growing.read(START, now, parts);
        expect(last).toEqual(await overviewsOf(written, { history: 0, rows: 0 }, () => now).read(START, now, parts));
        expect(read).toEqual({ history: written.history.length, rows: written.rows.length });
        const middle = START + Math.floor((now - START) / 2_000) * 1_000;
        expect(await growing.read(START, middle, parts)).toEqual(
          await overviewsOf(written, { history: 0, rows: 0 }, () => now).read(START, middle, parts),
        );
      },
    ),
    { numRuns: 60 },
  );
});

it('two that look at the same stretch at once both get all of it', async () => {
  const written: Written = { history: [], rows: [] };
  for (let second = 1; second <= 50; second += 1)
    written.history.push(
      agentEvent(second, second, second % 2 === 0 ? 'ann' : 'ben', second > 40 ? 'zombie' : 'working'),
    );
  const overviews = overviewsOf(written, { history: 0, rows: 0 }, () => START + 60_000);
  const both = await Promise.all([1, 2].map(() => overviews.read(START, START + 60_000, 6)));
  expect(both[0]).toEqual(both[1]);
  expect(both[0]?.density.reduce((sum, count) => sum + count, 0)).toBe(50);
  expect(both[0]?.marks.filter((mark) => mark.kind === 'death').map((mark) => mark.agent)).toEqual(['ben', 'ann']);
});
