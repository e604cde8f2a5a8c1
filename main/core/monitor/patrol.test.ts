import { describe, expect, it } from 'vitest';
import type { AgentEvidence, VerdictKind } from '../../../contract/evidence.ts';
import { type Picture, patrolMail, patrolStep, pictureOf, SHORTEST_PATROL_MS } from './patrol.ts';

const AT = '2026-11-23T12:00:00.000Z';
const seen = (agentName: string, verdict: VerdictKind, level: number | null = null): AgentEvidence => {
  const signal = { state: 'known' as never, at: null, detail: '' };
  const signals = { process: signal, terminal: signal, events: signal, mail: signal, git: signal };
  return { agentName, verdict, reason: `is ${verdict}`, since: AT, signals, level, next: null };
};

describe('what a patrol is about', () => {
  it('agents in trouble with their level, and nobody who is well; not the monitor itself', () => {
    const evidence = [
      seen('a', 'healthy'),
      seen('b', 'waiting'),
      seen('c', 'done'),
      seen('d', 'stalled', 1),
      seen('e', 'looping', 0),
      seen('f', 'dead'),
      seen('monitor', 'stalled', 2),
    ];
    expect(pictureOf(evidence, 'monitor', {})).toEqual({ d: 'stalled, level 1', e: 'looping, level 0', f: 'dead' });
  });

  it('what cannot be read is what it was', () => {
    expect(pictureOf([seen('a', 'unknown'), seen('b', 'unknown')], 'monitor', { a: 'dead' })).toEqual({ a: 'dead' });
  });
});

describe('when there is a patrol', () => {
  const facts = {
    told: {} as Picture,
    now: {} as Picture,
    lastAt: null as number | null,
    at: 1_000_000,
    unread: false,
  };

  it('never without a change, however long ago the last one was', () => {
    expect(patrolStep(facts)).toEqual({ do: 'nothing' });
    const same = { a: 'dead' };
    expect(patrolStep({ ...facts, told: same, now: { ...same }, lastAt: 0, at: 1e12 })).toEqual({ do: 'nothing' });
  });

  it.each([
    ['comes into trouble', {}, { a: 'stalled, level 0' }],
    ['climbs a level', { a: 'stalled, level 0' }, { a: 'stalled, level 1' }],
    ['is well again', { a: 'stalled, level 1' }, {}],
  ])('when an agent %s', (_what, told, now) => {
    expect(patrolStep({ ...facts, told, now } as typeof facts)).toEqual({ do: 'patrol', changed: ['a'] });
  });

  it('not sooner than two minutes after the last, and not while that one waits for its turn', () => {
    const now = { a: 'dead' };
    expect(patrolStep({ ...facts, now, lastAt: 970_000 })).toEqual({ do: 'wait', inMs: SHORTEST_PATROL_MS - 30_000 });
    expect(patrolStep({ ...facts, now, lastAt: 2_000_000 })).toEqual({ do: 'wait', inMs: SHORTEST_PATROL_MS });
    expect(patrolStep({ ...facts, now, unread: true })).toEqual({ do: 'wait', inMs: SHORTEST_PATROL_MS });
    expect(patrolStep({ ...facts, now, lastAt: 880_000 }).do).toBe('patrol');
  });

  it('the mail names what changed with its evidence, and who else is in trouble', () => {
    const mail = patrolMail(['a', 'b'], { b: 'dead' }, { a: 'stalled, level 1', c: 'dead' }, [
      seen('a', 'stalled', 1),
      seen('c', 'dead'),
    ]);
    expect(mail.subject).toBe('Patrol: 2 agents changed');
    expect(mail.body).toContain(`- a: well → stalled, level 1 since ${AT}: is stalled`);
    expect(mail.body).toContain('- b: dead → gone');
    expect(mail.body).toContain('Unchanged:\n- c: dead');
  });
});
