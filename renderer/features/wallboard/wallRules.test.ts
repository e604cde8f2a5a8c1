import fc from 'fast-check';
import { expect, it } from 'vitest';
import { agentView } from '../../testing/fixtures.ts';
import { selectWallAgents, wallGrid, wallState } from './wallRules.ts';

it('has a place for every agent, and smaller ones only when there are more', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 }), (count) => {
      const { columns, rows } = wallGrid(count);
      expect(columns * rows).toBeGreaterThanOrEqual(count);
      expect(wallGrid(count + 1).columns).toBeGreaterThanOrEqual(columns);
    }),
  );
  expect(wallGrid(50)).toEqual({ columns: 4, rows: 13 });
});

it('shows who needs a person first, and who is done last', () => {
  const agents = Object.fromEntries(
    (['done', 'resting', 'inTurn', 'needsYou', 'dead'] as const).map((status) => [
      status,
      agentView(status, { status }),
    ]),
  );
  expect(selectWallAgents(agents)).toEqual(['needsYou', 'dead', 'inTurn', 'resting', 'done']);
  expect(selectWallAgents({ ...agents })).toBe(selectWallAgents(agents));
});

it('shows those who are done only where those at work leave room, the last to end first', () => {
  const at = (second: number) => new Date(second * 1_000).toISOString();
  const fleet = (working: number) =>
    Object.fromEntries(
      [
        ...Array.from({ length: working }, (_, index) => agentView(`works-${index}`, { status: 'inTurn' })),
        ...Array.from({ length: 9 }, (_, index) =>
          agentView(`done-${index}`, { status: 'done', lastEvidenceAt: at(index) }),
        ),
      ].map((agent) => [agent.name, agent]),
    );
  expect(selectWallAgents(fleet(6)).slice(6)).toEqual(['done-8', 'done-7']);
  expect(selectWallAgents(fleet(12))).toHaveLength(12);
});

it('counts whoever begins as working', () => {
  expect((['starting', 'inTurn', 'working', 'needsYou'] as const).map(wallState)).toEqual([
    'working',
    'working',
    'working',
    'needsYou',
  ]);
});
