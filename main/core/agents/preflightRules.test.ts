import { describe, expect, it, test } from 'vitest';
import { fail, ok } from '../../../contract/result.ts';
import { checkTaskOpen, estimateOf, judgePreflight, type PreflightFacts } from './preflightRules.ts';

const facts: PreflightFacts = {
  decision: ok({ agentName: 'builder-T-1', warnings: ['send a scout first'] }),
  runtime: { id: 'claude', ready: true, detail: 'claude 2.1' },
  capacity: { active: 3, limit: 25 },
  collisions: [{ agentName: 'ann', why: 'changed', files: ['a.ts'] }],
  pastCosts: [],
};

describe('preflight (product.md B6)', () => {
  it('is allowed with what it would cost and meet; a predicted collision warns and forbids nothing', () => {
    expect(judgePreflight({ ...facts, pastCosts: [0.2] })).toEqual({
      allowed: true,
      refusal: null,
      capacity: { active: 3, limit: 25 },
      runtime: facts.runtime,
      trust: null,
      agentName: 'builder-T-1',
      collisions: facts.collisions,
      estimate: { usd: 0.2, lowUsd: 0.2, highUsd: 0.2, agents: 1 },
      warnings: ['send a scout first'],
    });
  });

  it('says how far guards hold and what the runtime will ask about trust; neither forbids anything', () => {
    const guard = { level: 'absent', verified: null, note: 'only the instructions say so' } as const;
    const trust = 'claude asks once whether this folder is trusted';
    expect(judgePreflight({ ...facts, guard, trust })).toMatchObject({ allowed: true, guard, trust });
    expect(judgePreflight(facts)).not.toHaveProperty('guard');
  });

  test.each([
    ['a rule', { decision: fail('agent', 'task T-1 is already being worked by agent ann') }, /already being worked/],
    ['the runtime', { runtime: { id: 'claude', ready: false, detail: 'claude is not installed' } }, /not installed/],
    [
      'a rule before the runtime',
      { decision: fail('agent', 'no room'), runtime: { id: 'claude', ready: false, detail: 'gone' } },
      /no room/,
    ],
  ] as const)('is refused by %s', (_, change, refusal) => {
    const judged = judgePreflight({ ...facts, ...change });
    expect(judged.allowed).toBe(false);
    expect(judged.refusal).toMatch(refusal);
  });

  test.each([
    [[], null],
    [[0.3, 0.1, 0.2], { usd: 0.2, lowUsd: 0.1, highUsd: 0.3, agents: 3 }],
    [[9, ...Array.from({ length: 19 }, () => 1)], { usd: 1, lowUsd: 1, highUsd: 1, agents: 20 }],
  ])('of past costs %j estimates %j', (costs, estimate) => {
    expect(estimateOf(costs)).toEqual(estimate);
  });
});

describe('SP15: workable tasks (spec 02 §3.2 step 23)', () => {
  const usual = { recover: false, skipTaskCheck: false };
  test.each([
    ['one nobody has written down', null, usual, true],
    ['an open one', 'ready', usual, true],
    ['one in progress', 'in_progress', usual, true],
    ['a done one', 'done', usual, false],
    ['a done one with --recover', 'done', { ...usual, recover: true }, true],
    ['a done one with --skip-task-check', 'done', { ...usual, skipTaskCheck: true }, true],
  ] as const)('%s', (_, column, options, workable) => {
    const checked = checkTaskOpen('T-1', column, options);
    expect(checked.ok).toBe(workable);
    if (!checked.ok) expect(checked.error.message).toMatch(/not workable.*--recover/);
    if (checked.ok && options.recover) expect(checked.value.warning).toMatch(/worked on again/);
  });
});
