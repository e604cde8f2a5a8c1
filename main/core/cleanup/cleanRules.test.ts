import { describe, expect, it, test } from 'vitest';
import { decideWorktree, partsOf, type WorktreeFacts } from './cleanRules.ts';

describe('what a clean-up takes (spec 02 §4.3)', () => {
  it('--all takes everything', () => {
    expect(Object.values(partsOf(['all']))).toEqual(Object.values(partsOf(['all'])).map(() => true));
  });

  test.each([
    ['mail', { mail: true }],
    ['logs', { logs: true }],
    ['specs', { specs: true }],
    ['metrics', { metrics: true }],
    ['agents', { agents: true }],
    ['branches', { branches: true }],
    ['sessions', { sessions: true, stopAgents: true }],
    ['worktrees', { worktrees: true, stopAgents: true }],
  ] as const)('--%s takes nothing else', (target, taken) => {
    const nothing = Object.fromEntries(Object.keys(partsOf(['all'])).map((part) => [part, false]));
    expect(partsOf([target])).toEqual({ ...nothing, ...taken });
  });
});

describe('CT58, CT59, CT60, CT62, CT65, CT66: which worktrees are cleaned (spec 02 §4.6)', () => {
  const completed = { state: 'completed', capability: 'builder' } as const;
  const facts: WorktreeFacts = { session: completed, merged: true, liveChildren: 0 };
  const usual = { completedOnly: true, force: false };
  const all = { completedOnly: false, force: false };
  const forced = { completedOnly: false, force: true };

  test.each([
    ['a completed and merged one goes', facts, usual, 'clean'],
    ['one that no session knows goes when it is merged', { ...facts, session: null }, usual, 'clean'],
    ['one that no session knows stays when it is not', { ...facts, session: null, merged: false }, usual, 'skip'],
    ['a stalled one is not looked at', { ...facts, session: { ...completed, state: 'stalled' } }, usual, 'ignore'],
    ['a dead one is not looked at', { ...facts, session: { ...completed, state: 'zombie' } }, usual, 'ignore'],
    ['a dead one goes with --all', { ...facts, session: { ...completed, state: 'zombie' } }, all, 'clean'],
    ['one at work stays with --all', { ...facts, session: { ...completed, state: 'in_turn' } }, all, 'skip'],
    ['one at work goes with --all --force', { ...facts, session: { ...completed, state: 'in_turn' } }, forced, 'clean'],
    ['an unmerged one stays', { ...facts, merged: false }, usual, 'skip'],
    ['an unmerged one goes with --force', { ...facts, merged: false }, { ...usual, force: true }, 'clean'],
    [
      'an unmerged one of a lead goes: leads commit nothing',
      { ...facts, session: { ...completed, capability: 'lead' }, merged: false },
      usual,
      'clean',
    ],
    ['one with live nested agents is blocked', { ...facts, liveChildren: 2 }, usual, 'blocked'],
    ['one with live nested agents goes with --force', { ...facts, liveChildren: 1 }, forced, 'clean'],
  ] as const)('%s', (_, given, options, expected) => {
    expect(decideWorktree(given, options).do).toBe(expected);
  });
});
