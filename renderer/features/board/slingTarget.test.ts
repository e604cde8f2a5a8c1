import { describe, expect, test } from 'vitest';
import { agentView } from '../../testing/fixtures.ts';
import { pathsIn, possibleParents, slingRequest, slingTarget } from './slingTarget.ts';

const AGENTS = Object.fromEntries(
  [
    agentView('coordinator', { capability: 'coordinator', status: 'working' }),
    agentView('lead-a', { capability: 'lead', parent: 'coordinator', depth: 1 }),
    agentView('lead-done', { capability: 'lead', parent: 'coordinator', depth: 1, status: 'done' }),
    agentView('worker', { parent: 'lead-a', depth: 2 }),
    agentView('judge', { capability: 'reviewer', parent: 'lead-a', depth: 2 }),
  ].map((agent) => [agent.name, agent]),
);

describe('where a dropped task goes', () => {
  test.each([
    ['a role that needs no parent', { kind: 'role', role: 'builder' }, { role: 'builder', parent: '' }],
    ['a role that needs one', { kind: 'role', role: 'reviewer' }, { role: 'reviewer', parent: 'coordinator' }],
    ['a coordinator', { kind: 'agent', name: 'coordinator' }, { role: 'builder', parent: 'coordinator' }],
    ['a lead', { kind: 'agent', name: 'lead-a' }, { role: 'builder', parent: 'lead-a' }],
    ['a worker: another beside it', { kind: 'agent', name: 'worker' }, { role: 'builder', parent: 'lead-a' }],
    ['a reviewer: another beside it', { kind: 'agent', name: 'judge' }, { role: 'reviewer', parent: 'lead-a' }],
    ['an agent that is gone', { kind: 'agent', name: 'gone' }, { role: 'builder', parent: '' }],
  ] as const)('%s', (_, place, target) => expect(slingTarget(place, AGENTS)).toEqual(target));

  test('only the living can be parents', () => {
    expect(possibleParents(AGENTS)).toEqual(['coordinator', 'lead-a']);
  });

  test('a parent puts the agent one level below it; what is empty is left to the engine', () => {
    const choice = { taskId: 'OV-1', role: 'builder', name: ' ', files: ['a.ts'] } as const;
    expect(slingRequest({ ...choice, parent: 'lead-a' }, AGENTS)).toEqual({
      taskId: 'OV-1',
      capability: 'builder',
      files: ['a.ts'],
      depth: 2,
      from: 'operator',
      parent: 'lead-a',
    });
    expect(slingRequest({ ...choice, name: 'vat', parent: '' }, AGENTS)).toMatchObject({ depth: 0, name: 'vat' });
    expect(slingRequest({ ...choice, parent: '' }, AGENTS)).not.toHaveProperty('parent');
  });

  test('paths are read one a line or parted by commas', () => {
    expect(pathsIn(' a.ts \n\nb/c.ts, d.ts,')).toEqual(['a.ts', 'b/c.ts', 'd.ts']);
  });
});
