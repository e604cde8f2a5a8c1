import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DELIVERY_STATES, type DeliveryState } from '../../../contract/mail.ts';
import { type DeliveryEvent, type DeliveryRecord, nextDelivery, QUEUED } from './deliveryStates.ts';

const AT = '2026-04-01T10:00:00.000Z';
const EVENTS: Readonly<Record<DeliveryEvent['kind'], DeliveryEvent>> = {
  carried: { kind: 'carried', turnId: 't2' },
  turnStarted: { kind: 'turnStarted' },
  turnEnded: { kind: 'turnEnded' },
  returned: { kind: 'returned', nextAttemptAt: '2026-04-01T10:00:02.000Z', reason: 'exit code 1', uncounted: false },
  givenUp: { kind: 'givenUp', reason: 'gave up' },
  taken: { kind: 'taken' },
  acknowledged: { kind: 'acknowledged' },
  resent: { kind: 'resent' },
};

/** Where each event leads from each state; null: it means nothing there. */
const TABLE: Readonly<Record<DeliveryState, Readonly<Record<DeliveryEvent['kind'], DeliveryState | null>>>> = {
  queued: {
    carried: 'injected',
    turnStarted: null,
    turnEnded: null,
    returned: null,
    givenUp: 'dead',
    taken: 'read',
    acknowledged: 'queued',
    resent: null,
  },
  injected: {
    carried: 'injected',
    turnStarted: 'started',
    turnEnded: 'read',
    returned: 'queued',
    givenUp: 'dead',
    taken: 'read',
    acknowledged: 'injected',
    resent: null,
  },
  started: {
    carried: 'injected',
    turnStarted: null,
    turnEnded: 'read',
    returned: 'queued',
    givenUp: 'dead',
    taken: 'read',
    acknowledged: 'started',
    resent: null,
  },
  read: {
    carried: null,
    turnStarted: null,
    turnEnded: null,
    returned: null,
    givenUp: null,
    taken: null,
    acknowledged: 'acknowledged',
    resent: null,
  },
  acknowledged: {
    carried: null,
    turnStarted: null,
    turnEnded: null,
    returned: null,
    givenUp: null,
    taken: null,
    acknowledged: null,
    resent: null,
  },
  dead: {
    carried: null,
    turnStarted: null,
    turnEnded: null,
    returned: null,
    givenUp: null,
    taken: 'read',
    acknowledged: 'acknowledged',
    resent: 'queued',
  },
};

const inState = (state: DeliveryState): DeliveryRecord => ({ ...QUEUED, state, turnId: 't1', attempts: 1 });
const kinds = Object.keys(EVENTS) as DeliveryEvent['kind'][];

describe('states of a delivery', () => {
  it.each(DELIVERY_STATES.flatMap((state) => kinds.map((kind) => [state, kind, TABLE[state][kind]] as const)))(
    '%s, %s: %s',
    (state, kind, expected) => expect(nextDelivery(inState(state), EVENTS[kind], AT)?.state ?? null).toBe(expected),
  );

  const walk = (...events: readonly DeliveryEvent[]): DeliveryRecord => {
    let record = QUEUED;
    for (const [index, event] of events.entries())
      record = nextDelivery(record, event, `2026-04-01T10:00:0${index}.000Z`) ?? record;
    return record;
  };

  it('the good way notes the time of each station', () => {
    expect(walk(EVENTS.carried, EVENTS.turnStarted, EVENTS.turnEnded, EVENTS.acknowledged)).toMatchObject({
      state: 'acknowledged',
      turnId: 't2',
      attempts: 1,
      injectedAt: '2026-04-01T10:00:00.000Z',
      startedAt: '2026-04-01T10:00:01.000Z',
      readAt: '2026-04-01T10:00:02.000Z',
      acknowledgedAt: '2026-04-01T10:00:03.000Z',
    });
  });

  it('an answer in mid-turn counts when the turn ends well, and does not keep a failed turn from being tried again', () => {
    const answered = [EVENTS.carried, EVENTS.turnStarted, EVENTS.acknowledged] as const;
    expect(walk(...answered)).toMatchObject({ state: 'started', acknowledgedAt: '2026-04-01T10:00:02.000Z' });
    expect(walk(...answered, EVENTS.turnEnded).state).toBe('acknowledged');
    expect(walk(...answered, EVENTS.returned)).toMatchObject({ state: 'queued', attempts: 1, reason: 'exit code 1' });
  });

  it('a mail that was never carried is acknowledged by its answer, one whose turn failed is not', () => {
    expect(walk(EVENTS.acknowledged)).toMatchObject({ state: 'acknowledged', turnId: null });
    expect(walk(EVENTS.carried, EVENTS.returned, EVENTS.acknowledged)).toMatchObject({ state: 'queued', attempts: 1 });
  });

  it('an uncounted return takes its attempt back; a person who sends again begins at zero', () => {
    expect(walk(EVENTS.carried, { ...EVENTS.returned, uncounted: true } as DeliveryEvent).attempts).toBe(0);
    expect(walk(EVENTS.carried, EVENTS.givenUp, EVENTS.resent)).toMatchObject({
      state: 'queued',
      attempts: 0,
      turnId: null,
      reason: null,
    });
  });

  it('whatever happens: read and acknowledged are left only for acknowledged, and only a person leaves a dead letter', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...kinds), { maxLength: 40 }), (happened) => {
        let record = QUEUED;
        for (const kind of happened) {
          const next = nextDelivery(record, EVENTS[kind], AT);
          if (next === null) continue;
          if (record.state === 'read') expect(next.state).toBe('acknowledged');
          expect(record.state).not.toBe('acknowledged');
          if (record.state === 'dead') expect(['resent', 'taken', 'acknowledged']).toContain(kind);
          if (next.state === 'read' || next.state === 'acknowledged') expect(next.readAt).not.toBeNull();
          expect(next.attempts).toBeGreaterThanOrEqual(0);
          record = next;
        }
      }),
    );
  });
});
