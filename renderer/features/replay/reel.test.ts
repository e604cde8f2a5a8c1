import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReplayStep, ReplayWindow, RoomChanges } from '../../../contract/replay.ts';
import { agentView, mailMessage } from '../../testing/fixtures.ts';
import { applyChanges, createReel, NOTHING, type PastStates } from './reel.ts';

const name = fc.constantFrom('ann', 'ben', 'cid');
const agents = fc.record({
  put: fc.array(
    fc.tuple(name, fc.integer({ min: 0, max: 9 })).map(([who, turns]) => agentView(who, { turnCount: turns })),
    {
      maxLength: 3,
    },
  ),
  remove: fc.array(name, { maxLength: 1 }),
});
const mail = fc.record({
  put: fc.array(
    name.map((id) => mailMessage(id)),
    { maxLength: 2 },
  ),
  remove: fc.array(name, { maxLength: 1 }),
});
const changes: fc.Arbitrary<RoomChanges> = fc.oneof(
  agents.map((delta) => ({ agents: delta })),
  fc.tuple(agents, mail).map(([one, other]) => ({ agents: one, mail: other })),
  mail.map((delta) => ({ mail: delta })),
);
const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), changes), { maxLength: 120 }).map((list) =>
  list
    .map(([at, one]): ReplayStep => ({ at, changes: one }))
    .sort((one, other) => one.at - other.at)
    .filter((one, index, all) => all[index - 1]?.at !== one.at),
);

/** The state from scratch: every step that is not after the moment, one by one. */
function scratch(list: readonly ReplayStep[], at: number): PastStates {
  return list.filter((one) => one.at <= at).reduce((states, one) => applyChanges(states, one.changes), NOTHING);
}

const windowOf = (list: readonly ReplayStep[], from: number, until: number, start: RoomChanges = {}): ReplayWindow => ({
  from,
  until,
  start,
  steps: list.filter((one) => one.at > from && one.at <= until),
  previousAt: list.findLast((one) => one.at < from)?.at ?? null,
});

describe('a reel', () => {
  test('shows at every moment, in whatever order they are looked at, what the steps up to it give from scratch', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 30 }), (list, moments) => {
        const reel = createReel(windowOf(list, 0, 400));
        for (const at of moments) expect(reel.stateAt(at)).toEqual(scratch(list, at));
      }),
    );
  });

  test('is the same however it was put together from windows', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 399 }), fc.integer({ min: 0, max: 400 }), (list, cut, at) => {
        const reel = createReel(windowOf(list, 0, cut));
        reel.append(windowOf(list, cut, 400));
        expect(reel.until).toBe(400);
        expect(reel.stateAt(at)).toEqual(scratch(list, at));
        // A window of elsewhere is not taken.
        reel.append(windowOf(list, 10, 20));
        expect(reel.until).toBe(400);
      }),
    );
  });

  test('knows the change before and after a moment', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 400 }), (list, at) => {
        const reel = createReel(windowOf(list, 0, 400));
        expect(reel.nextAfter(at)).toBe(list.find((one) => one.at > at)?.at ?? null);
        expect(reel.lastBefore(at)).toBe(list.findLast((one) => one.at < at)?.at ?? null);
      }),
    );
  });

  test('keeps the references of what did not change', () => {
    const list: ReplayStep[] = [
      { at: 1, changes: { agents: { put: [agentView('ann')], remove: [] } } },
      { at: 2, changes: { mail: { put: [mailMessage('m1')], remove: [] } } },
    ];
    const reel = createReel(windowOf(list, 0, 10));
    const one = reel.stateAt(1);
    const two = reel.stateAt(2);
    expect(two.agents).toBe(one.agents);
    expect(two.mail).not.toBe(one.mail);
    expect(reel.stateAt(9)).toBe(two);
  });

  test('forgets its older half when it grows long, and still goes on', () => {
    const list = Array.from(
      { length: 7_000 },
      (_, index): ReplayStep => ({
        at: index + 1,
        changes: { agents: { put: [agentView('ann', { turnCount: index })], remove: [] } },
      }),
    );
    const reel = createReel(windowOf(list, 0, 3_500));
    reel.append(windowOf(list, 3_500, 7_000));
    expect(reel.from).toBeGreaterThan(0);
    expect(reel.stateAt(7_000).agents.byId.ann?.turnCount).toBe(6_999);
    expect(reel.stateAt(reel.from).agents.byId.ann?.turnCount).toBe(reel.from - 1);
  });
});

test('looking is no step: what the watchdog saw is shown at its time, and passed over', () => {
  const look = (at: number): ReplayWindow['steps'][number] => ({
    at,
    changes: { evidence: { put: [], remove: ['nobody'] } },
  });
  const happened = (at: number): ReplayWindow['steps'][number] => ({
    at,
    changes: { agents: { put: [agentView('ann')], remove: [] } },
  });
  const reel = createReel({
    from: 0,
    until: 100,
    start: {},
    previousAt: null,
    steps: [look(10), happened(20), look(30), look(40), happened(50), look(60)],
  });
  expect([0, 20, 35, 50].map((at) => reel.nextAfter(at))).toEqual([20, 50, 50, null]);
  expect([100, 50, 20].map((at) => reel.lastBefore(at))).toEqual([50, 20, null]);
});
