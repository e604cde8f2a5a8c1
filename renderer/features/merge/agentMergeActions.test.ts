import { expect, it } from 'vitest';
import { agentView, mergeView } from '../../testing/fixtures.ts';
import { canMergeBranch } from './agentMergeActions.ts';

const done = agentView('a', { status: 'done', branch: 'overstory/a/T', capability: 'builder' });
const entry = (status: 'pending' | 'merging' | 'merged' | 'conflict') => ({
  1: mergeView(1, { branchName: done.branch, status }),
});

it.each([
  ['done and in no queue', done, {}, true],
  ['done and waiting', done, entry('pending'), true],
  ['done, conflicted once', done, entry('conflict'), true],
  ['being merged', done, entry('merging'), false],
  ['merged', done, entry('merged'), false],
  ['at work', { ...done, status: 'inTurn' as const }, {}, false],
  ['a reviewer, who changes nothing', { ...done, capability: 'reviewer' as const }, {}, false],
  ['without a branch', { ...done, branch: '' }, {}, false],
])('the branch of an agent that is %s', (_what, agent, merges, can) => {
  expect(canMergeBranch(agent, merges)).toBe(can);
});
