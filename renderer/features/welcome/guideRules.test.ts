import { expect, it } from 'vitest';
import { type GuideFacts, guideStep } from './guideRules.ts';

const none: GuideFacts = { tasks: {}, agents: {}, merges: {}, attention: {} };
const card = (column: 'ready' | 'in_progress' | 'review') => ({ tasks: { T: { column, agent: null } } });
const agent = { agents: { a: { status: 'inTurn' as const } } };

it.each<[string, GuideFacts, string]>([
  ['an empty room', none, 'write'],
  ['a task', { ...none, ...card('ready') }, 'sling'],
  ['an agent on it', { ...none, ...card('in_progress'), ...agent }, 'watch'],
  ['a question', { ...none, ...card('in_progress'), ...agent, attention: { g: { agent: 'a' } } }, 'answer'],
  [
    'something else that waits',
    { ...none, ...card('in_progress'), ...agent, attention: { g: { agent: null } } },
    'watch',
  ],
  ['work that is done', { ...none, ...card('review'), ...agent }, 'merge'],
  ['a merge that goes on', { ...none, ...card('review'), ...agent, merges: { 1: { status: 'pending' } } }, 'merge'],
  ['a merged task', { ...none, ...card('review'), ...agent, merges: { 1: { status: 'merged' } } }, 'merged'],
])('after %s comes the right step', (_what, facts, step) => {
  expect(guideStep(facts)).toBe(step);
});
