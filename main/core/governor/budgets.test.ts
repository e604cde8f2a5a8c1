import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Budgets,
  burnRate,
  type CapFacts,
  coveredMinutes,
  judgeCap,
  judgeCaps,
  levelOf,
  limitOf,
  minutesLeft,
  NO_BUDGETS,
} from './budgets.ts';

const RUN = { scope: 'run', id: 'run-1' } as const;
const cap = (measure: CapFacts['measure'], limit: number, usage: Partial<CapFacts['usage']>): CapFacts => ({
  key: RUN,
  measure,
  limit,
  usage: { usd: 0, turns: 0, minutes: 0, running: 0, ...usage },
});

describe('caps', () => {
  it.each([
    ['nothing used', cap('usd', 5, {}), 'admit'],
    ['a cent below', cap('usd', 5, { usd: 4.99 }), 'admit'],
    ['exactly at it', cap('usd', 5, { usd: 5 }), 'over'],
    ['beyond it', cap('usd', 5, { usd: 7 }), 'over'],
    ['what runs may use up the rest', cap('usd', 5, { usd: 4, running: 2 }), 'wait'],
    ['what runs leaves room', cap('usd', 5, { usd: 3, running: 3 }), 'admit'],
    ['the last turn', cap('turns', 5, { turns: 4, running: 4 }), 'admit'],
    ['all turns begun', cap('turns', 5, { turns: 5, running: 5 }), 'over'],
    ['minutes below', cap('minutes', 30, { minutes: 29.9, running: 3 }), 'admit'],
    ['minutes reached', cap('minutes', 30, { minutes: 30 }), 'over'],
  ] as const)('%s', (_name, facts, verdict) => {
    expect(judgeCap(facts, 0.5).kind).toBe(verdict);
  });

  it('while nobody knows what a turn costs, twenty may begin under a money cap', () => {
    let running = 0;
    while (running < 100 && judgeCap(cap('usd', 1, { running }), null).kind === 'admit') running += 1;
    expect(running).toBe(20);
  });

  it('a cap that is reached outweighs one that waits, whatever their order', () => {
    const waits = cap('usd', 5, { usd: 4.9, running: 1 });
    const over = cap('turns', 5, { turns: 5 });
    expect(judgeCaps([waits, over], 1)).toMatchObject({ kind: 'over', cap: { measure: 'turns' } });
    expect(judgeCaps([over, waits], 1).kind).toBe('over');
    expect(judgeCaps([waits], 1).kind).toBe('wait');
    expect(judgeCaps([], 1).kind).toBe('admit');
  });

  it('raises are added to the cap of their own key and measure alone', () => {
    const budgets: Budgets = { ...NO_BUDGETS, run: { usd: 5, turns: 10 } };
    expect(limitOf(budgets, {}, RUN, 'usd')).toBe(5);
    expect(limitOf(budgets, { 'run:run-1:usd': 2.5, 'run:run-2:usd': 9 }, RUN, 'usd')).toBe(7.5);
    expect(limitOf(budgets, { 'run:run-1:usd': 2.5 }, RUN, 'turns')).toBe(10);
    expect(limitOf(budgets, { 'run:run-1:minutes': 3 }, RUN, 'minutes')).toBeNull();
  });

  it.each([
    [0, 'ok'],
    [3.99, 'ok'],
    [4, 'soft'],
    [4.99, 'soft'],
    [5, 'over'],
  ] as const)('%s of 5 is %s', (used, level) => {
    expect(levelOf(used, 5, 0.8)).toBe(level);
  });

  it('however many agents ask at once and whatever their turns cost, turns never pass their cap and dollars only by what ran', () => {
    const step = fc.record({ ask: fc.boolean(), cost: fc.double({ min: 0.01, max: 0.5, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 30 }), (steps, turnCap) => {
        const usdCap = 2;
        const usage = { usd: 0, turns: 0, minutes: 0, running: 0 };
        let paid: number[] = [];
        for (const { ask, cost } of steps) {
          if (ask) {
            const known = paid.length === 0 ? null : paid.reduce((sum, one) => sum + one, 0) / paid.length;
            const verdict = judgeCaps([cap('usd', usdCap, usage), cap('turns', turnCap, usage)], known);
            if (verdict.kind !== 'admit') continue;
            expect(usage.usd).toBeLessThan(usdCap);
            usage.turns += 1;
            usage.running += 1;
          } else if (usage.running > 0) {
            usage.running -= 1;
            usage.usd += cost;
            paid = [...paid, cost];
          }
          expect(usage.turns).toBeLessThanOrEqual(turnCap);
        }
        // Twenty unknown turns at most stand beside the reached cap, each of at most half a dollar.
        expect(usage.usd).toBeLessThan(usdCap + 20 * 0.5);
      }),
    );
  });

  it('raising a cap never turns a yes into a no', () => {
    const amounts = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(amounts, amounts, amounts, fc.nat(50), amounts, (limit, more, usd, running, expected) => {
        const before = judgeCap(cap('usd', limit, { usd, running }), expected).kind;
        const after = judgeCap(cap('usd', limit + more, { usd, running }), expected).kind;
        if (before === 'admit') expect(after).toBe('admit');
        if (before === 'wait') expect(after).not.toBe('over');
      }),
    );
  });
});

describe('wall time', () => {
  const minute = 60_000;
  it.each([
    ['none', [], 0],
    ['one', [[0, 5]], 5],
    [
      'side by side counts once',
      [
        [0, 5],
        [1, 4],
        [3, 8],
      ],
      8,
    ],
    [
      'gaps do not count',
      [
        [10, 12],
        [0, 5],
      ],
      7,
    ],
    [
      'touching',
      [
        [0, 5],
        [5, 6],
      ],
      6,
    ],
  ] as const)('%s', (_name, spans, minutes) => {
    const intervals = spans.map(([from, to]) => ({ from: from * minute, to: to * minute }));
    expect(coveredMinutes(intervals)).toBe(minutes);
  });

  it('is never more than the sum, never less than the longest, and needs no order', () => {
    const span = fc.record({ from: fc.nat(1_000), length: fc.nat(500) });
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 30 }), (spans) => {
        const intervals = spans.map(({ from, length }) => ({ from: from * 1_000, to: (from + length) * 1_000 }));
        const covered = coveredMinutes(intervals);
        const lengths = spans.map(({ length }) => length / 60);
        expect(covered).toBeLessThanOrEqual(lengths.reduce((sum, one) => sum + one, 0) + 1e-9);
        expect(covered).toBeGreaterThanOrEqual(Math.max(...lengths) - 1e-9);
        expect(coveredMinutes([...intervals].reverse())).toBeCloseTo(covered, 9);
      }),
    );
  });
});

describe('burn rate', () => {
  const minute = 60_000;
  const now = 100 * minute;
  const turn = (from: number, to: number, usd: number) => ({ from: from * minute, to: to * minute, usd });
  it('is null when nothing was spent', () => {
    expect(burnRate([], now)).toBeNull();
    expect(burnRate([turn(95, 99, 0)], now)).toBeNull();
    expect(burnRate([turn(70, 89, 5)], now)).toBeNull();
  });
  it('spreads a turn over its time and counts the part within ten minutes', () => {
    expect(burnRate([turn(80, 100, 4)], now)).toBeCloseTo(0.2, 5);
    expect(burnRate([turn(90, 95, 1), turn(92, 100, 1)], now)).toBeCloseTo(0.2, 5);
  });
  it('measures a young project since its first turn, and not below a minute', () => {
    expect(burnRate([turn(96, 98, 2)], now)).toBeCloseTo(0.5, 5);
    expect(burnRate([turn(99.9, 100, 0.3)], now)).toBeCloseTo(0.3, 5);
  });
  it('says when the cap will be reached', () => {
    expect(minutesLeft(4, 5, 0.1)).toBeCloseTo(10, 9);
    expect(minutesLeft(4, 5, null)).toBeNull();
    expect(minutesLeft(6, 5, 0.1)).toBeNull();
  });
});
