import { expect, it } from 'vitest';
import { timestamp } from '../../platform/clock.ts';
import type { CapFacts } from './budgets.ts';
import { capViews, governorView } from './governorView.ts';
import { scopeFilter } from './scopeUsage.ts';
import type { PaidTurn } from './usageStore.ts';

/** Milliseconds since the epoch of a moment on an ordinary day. */
const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const MINUTE_MS = 60_000;

const paid = (agentName: string, taskId: string, runId: string, usd: number, minutesAgo = 5): PaidTurn => ({
  agentName,
  taskId,
  runId,
  costUsd: usd,
  startedAt: timestamp(NOW - minutesAgo * MINUTE_MS),
  endedAt: timestamp(NOW - (minutesAgo - 1) * MINUTE_MS),
});
const cap = (
  scope: CapFacts['key']['scope'],
  id: string,
  used: number,
  measure: CapFacts['measure'] = 'usd',
): CapFacts => ({
  key: { scope, id },
  measure,
  limit: 10,
  usage: { usd: used, turns: used, minutes: used, running: 0 },
});
/** Everybody works on a task of their own name in run r. */
const facts = (turns: readonly PaidTurn[], narrow: readonly CapFacts[], shared: readonly CapFacts[] = []) => ({
  now: NOW,
  softFraction: 0.8,
  shared,
  narrow,
  paid: { paidSince: (since: string) => turns.filter(({ endedAt }) => (endedAt ?? '') >= since) },
  turnsOf: (key: CapFacts['key']) =>
    scopeFilter(key, key.scope === 'agent' ? { taskId: `task-${key.id}`, runId: 'r' } : null),
});
const left = (turns: readonly PaidTurn[], one: CapFacts): number | null =>
  capViews(facts(turns, [one]))[0]?.minutesLeft ?? null;

const TURNS = [
  paid('ada', 'task-ada', 'r', 1),
  paid('ada', 'task-of-old', 'r', 50),
  paid('ada', 'task-ada', 'run-of-old', 50),
  paid('bob', 'task-bob', 'r', 4),
  paid('cat', 'task-bob', 'r', 2),
];

it('the cap of an agent is forecast by what it spends itself, on its present task and run', () => {
  // One dollar in the five minutes since its first turn; eight are left.
  expect(left(TURNS, cap('agent', 'ada', 2))).toBeCloseTo(40, 9);
  expect(left(TURNS, cap('agent', 'dan', 2))).toBeNull();
});

it('the cap of a task is forecast by all who work on it, that of a run by all of it, the day’s by everybody', () => {
  expect(left(TURNS, cap('task', 'task-bob', 4))).toBeCloseTo(5, 9);
  expect(left(TURNS, cap('run', 'r', 0))).toBeCloseTo(10 / (57 / 5), 9);
  expect(left(TURNS, cap('day', '2026-11-23', 0))).toBeCloseTo(10 / (107 / 5), 9);
});

it('nothing is forecast of other measures, of what is reached, or from spending that is over', () => {
  expect(left(TURNS, cap('agent', 'ada', 2, 'turns'))).toBeNull();
  expect(left(TURNS, cap('agent', 'ada', 10))).toBeNull();
  expect(left([paid('ada', 'task-ada', 'r', 1, 30)], cap('agent', 'ada', 2))).toBeNull();
});

it('the status shows narrow caps that come near, with their forecast', () => {
  const view = governorView({
    ...facts(TURNS, [cap('agent', 'ada', 2), cap('task', 'task-bob', 9)], [cap('run', 'r', 1)]),
    run: null,
    state: { paused: {}, raised: {}, reached: {}, warned: {}, breakers: {} },
    isPast: () => false,
  });
  expect(view.caps.map(({ scope, level }) => [scope, level])).toEqual([
    ['run', 'ok'],
    ['task', 'soft'],
  ]);
  expect(view.caps[1]?.minutesLeft).toBeCloseTo(1 / (6 / 5), 9);
  expect(view.burnUsdPerMinute).toBeCloseTo(107 / 5, 9);
});
