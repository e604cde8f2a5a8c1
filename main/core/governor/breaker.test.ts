import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterTurn, type Breaker, giveUpProbe, judgeBreaker, openBreaker, startProbe } from './breaker.ts';

const NOW = 1_000_000_000;
const MINUTE = 60_000;
const refusal = (until: number | null = null) => ({ until, reason: 'usage limit reached' });
const ended = (agentName: string, more: Partial<Parameters<typeof afterTurn>[1]> = {}) => ({
  agentName,
  refusal: null,
  answered: false,
  startedAt: NOW + 10 * MINUTE,
  ...more,
});

describe('circuit breaker', () => {
  it('a refusal closes the runtime until the announced time, for everybody', () => {
    const open = openBreaker(null, refusal(NOW + 90 * MINUTE), NOW);
    expect(open).toMatchObject({ state: 'open', until: NOW + 90 * MINUTE, failures: 1 });
    expect(judgeBreaker(open, 'a', NOW + 89 * MINUTE).kind).toBe('deny');
    expect(judgeBreaker(open, 'a', NOW + 90 * MINUTE).kind).toBe('probe');
    expect(judgeBreaker(null, 'a', NOW).kind).toBe('admit');
  });

  it('without an announced time the wait grows from five minutes to an hour', () => {
    const waits: number[] = [];
    let breaker: Breaker | null = null;
    let now = NOW;
    for (let round = 0; round < 6; round += 1) {
      const open: Breaker = openBreaker(breaker, refusal(), now);
      waits.push((open.until - now) / MINUTE);
      now = open.until;
      breaker = startProbe(open, 'a');
    }
    expect(waits).toEqual([5, 10, 20, 40, 60, 60]);
  });

  it('turns that were under way when the first was refused do not lengthen the wait, an announced end does', () => {
    const open = openBreaker(null, refusal(), NOW);
    expect(openBreaker(open, refusal(), NOW + 1)).toEqual(open);
    expect(openBreaker(open, refusal(NOW + 60 * MINUTE), NOW + 1).until).toBe(NOW + 60 * MINUTE);
  });

  it('one agent probes; the others wait for what it finds', () => {
    const probing = startProbe(openBreaker(null, refusal(), NOW), 'a');
    const later = NOW + 10 * MINUTE;
    expect(judgeBreaker(probing, 'b', later).kind).toBe('deny');
    expect(judgeBreaker(probing, 'a', later).kind).toBe('probe');
    expect(afterTurn(probing, ended('a', { answered: true }), later)).toBeNull();
    const again = afterTurn(probing, ended('a', { refusal: refusal() }), later);
    expect(again).toMatchObject({ state: 'open', until: later + 10 * MINUTE, failures: 2 });
  });

  it('a probe that says nothing of the account gives its place to another at once', () => {
    const probing = startProbe(openBreaker(null, refusal(), NOW), 'a');
    const later = NOW + 10 * MINUTE;
    const after = afterTurn(probing, ended('a'), later);
    expect(after).toMatchObject({ state: 'open', probe: null });
    expect(judgeBreaker(after, 'b', later).kind).toBe('probe');
    expect(judgeBreaker(giveUpProbe(openBreaker(null, refusal(), NOW), NOW), 'b', NOW).kind).toBe('probe');
  });

  it('a turn from before the refusal proves nothing', () => {
    const open = openBreaker(null, refusal(), NOW);
    expect(afterTurn(open, ended('b', { answered: true, startedAt: NOW - 1 }), NOW + 1)).toBe(open);
  });

  it('while it is closed to all, no more than one turn at a time ever begins', () => {
    const move = fc.record({
      agent: fc.constantFrom('a', 'b', 'c'),
      wait: fc.nat(120),
      answer: fc.constantFrom('ok', 'no', '?'),
    });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 100 }), (moves) => {
        let now = NOW;
        let breaker: Breaker | null = openBreaker(null, refusal(), now);
        let probe: { agent: string; startedAt: number } | null = null;
        for (const { agent, wait, answer } of moves) {
          now += wait * MINUTE;
          if (breaker === null) break;
          if (probe === null) {
            if (judgeBreaker(breaker, agent, now).kind !== 'probe') continue;
            breaker = startProbe(breaker, agent);
            probe = { agent, startedAt: now };
            for (const other of ['a', 'b', 'c'])
              if (other !== agent) expect(judgeBreaker(breaker, other, now + 1e9).kind).toBe('deny');
          } else {
            const end = { agentName: probe.agent, answered: answer === 'ok', startedAt: probe.startedAt };
            breaker = afterTurn(breaker, { ...end, refusal: answer === 'no' ? refusal() : null }, now);
            probe = null;
            expect(breaker === null).toBe(answer === 'ok');
          }
        }
      }),
    );
  });
});
