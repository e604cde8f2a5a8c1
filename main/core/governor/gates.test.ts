import { describe, expect, it } from 'vitest';
import { capReason, gateId, gateItem, openGates, proposedRaise, type ReachedCap, readAnswer } from './gates.ts';

const reached = (more: Partial<ReachedCap> = {}): ReachedCap => ({
  scope: 'run',
  id: 'run-1',
  measure: 'usd',
  used: 5.02,
  limit: 5,
  at: '2026-11-23T12:00:00.000Z',
  asking: true,
  ...more,
});

describe('gate of a cap', () => {
  it('asks with three options and says what was used', () => {
    expect(gateItem(reached())).toMatchObject({
      id: 'gate:cap:run:run-1:usd:5',
      kind: 'gate',
      agent: null,
      title: 'Run run-1 has reached its cap of $5.00',
      detail: expect.stringContaining('$5.02 used'),
      options: ['Raise by $2.50', 'Keep paused', 'Stop its agents'],
    });
    expect(gateItem(reached({ scope: 'agent', id: 'runner', measure: 'turns', used: 3, limit: 3 }))).toMatchObject({
      agent: 'runner',
      title: 'runner has reached its cap of 3 turns',
      options: ['Raise by 2 turns', 'Keep paused', 'Stop the agent'],
    });
    expect(gateItem(reached({ scope: 'task', id: 'OV-1' })).taskId).toBe('OV-1');
    expect(capReason(reached({ scope: 'day', id: '2026-11-23', measure: 'minutes', used: 61, limit: 60 }))).toBe(
      'the day 2026-11-23 has reached its cap of 60 minutes (61 minutes used)',
    );
  });

  it('every option it offers is an answer it understands', () => {
    for (const scope of ['agent', 'task', 'run', 'day'] as const)
      for (const measure of ['usd', 'turns', 'minutes'] as const)
        for (const limit of [0.01, 0.5, 1, 3, 20, 1_234.5]) {
          const one = reached({ scope, measure, limit });
          const [raise = '', keep = '', stop = ''] = gateItem(one).options;
          expect(readAnswer(raise, one)).toEqual({ ok: true, value: { do: 'raise', by: proposedRaise(one) } });
          expect(readAnswer(keep, one)).toEqual({ ok: true, value: { do: 'keep' } });
          expect(readAnswer(stop, one)).toEqual({ ok: true, value: { do: 'stop' } });
        }
  });

  it.each([
    ['12.50', 12.5],
    ['$3', 3],
    ['+ $3', 3],
    ['raise by 7', 7],
    ['Raise it by 7 dollars', 7],
    ['RAISE 0.25', 0.25],
  ])('%s raises by %s', (words, by) => {
    expect(readAnswer(words, reached())).toEqual({ ok: true, value: { do: 'raise', by } });
  });

  it.each(['yes', '', '-3', '0', 'raise', '3 apples', 'go on', '1e9999'])('%s is refused with what to say', (words) => {
    expect(readAnswer(words, reached())).toMatchObject({
      ok: false,
      error: { tag: 'validation', message: expect.stringContaining('amount') },
    });
  });

  it('turns are whole', () => {
    expect(readAnswer('2.5', reached({ measure: 'turns' }))).toMatchObject({ ok: false });
  });

  it('a raised cap that is reached again is a new question; answered and past ones are none', () => {
    expect(gateId(reached({ limit: 7.5 }))).not.toBe(gateId(reached()));
    const state = {
      reached: {
        one: reached(),
        kept: reached({ id: 'run-2', asking: false }),
        past: reached({ scope: 'day', id: '2026-11-22' }),
        today: reached({ scope: 'day', id: '2026-11-23' }),
      },
    };
    expect(openGates(state, '2026-11-23').map((item) => item.id)).toEqual([
      'gate:cap:run:run-1:usd:5',
      'gate:cap:day:2026-11-23:usd:5',
    ]);
  });
});
