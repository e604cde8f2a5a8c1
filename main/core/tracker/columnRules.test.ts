import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGENT_STATES, CAPABILITIES } from '../../../contract/agents.ts';
import { MERGE_STATUSES, MERGE_TIERS } from '../../../contract/merges.ts';
import { type Placement, placeByFacts, type TaskAgent, type TaskFacts, type TaskMerge } from './columnRules.ts';

function at(minute: number): string {
  return new Date(Date.UTC(2026, 0, 1, 10, minute)).toISOString();
}

function agent(
  name: string,
  capability: string,
  state: TaskAgent['state'],
  minute = 0,
  reason: string | null = null,
): TaskAgent {
  return { name, capability, state, startedAt: at(minute), reason };
}

function merge(status: TaskMerge['status'], more: Partial<TaskMerge> = {}): TaskMerge {
  return {
    id: 1,
    agentName: 'csv-writer',
    status,
    resolvedTier: null,
    conflictFiles: [],
    target: 'main',
    enqueuedAt: at(20),
    finishedAt: status === 'pending' || status === 'merging' ? null : at(21),
    ...more,
  };
}

const facts = (more: Partial<TaskFacts>): TaskFacts => ({
  agents: [],
  merges: [],
  question: null,
  costUsd: null,
  ...more,
});
const builder = (state: TaskAgent['state'], minute = 0) => agent('csv-writer', 'builder', state, minute);
const conflict = merge('conflict', { resolvedTier: 'auto-resolve', conflictFiles: ['a'] });

const rows: ReadonlyArray<readonly [string, Partial<TaskFacts>, Placement | null]> = [
  ['nothing has happened', {}, null],
  ['an agent was slung', { agents: [builder('booting')] }, { column: 'in_progress', agent: 'csv-writer', note: null }],
  ['in a turn', { agents: [builder('in_turn')] }, { column: 'in_progress', agent: 'csv-writer', note: null }],
  [
    'stalled is still at work',
    { agents: [builder('stalled')] },
    { column: 'in_progress', agent: 'csv-writer', note: null },
  ],
  [
    'it asks',
    { agents: [builder('between_turns')], question: 'half even or half up?' },
    { column: 'in_progress', agent: 'csv-writer', note: 'half even or half up?' },
  ],
  [
    'a lead and the builder it slung on the same task',
    { agents: [builder('in_turn', 1), agent('lead', 'lead', 'between_turns', 0)] },
    { column: 'in_progress', agent: 'csv-writer', note: null },
  ],
  [
    'a reviewer is on it',
    { agents: [builder('between_turns'), agent('review-csv', 'reviewer', 'in_turn', 9)] },
    { column: 'review', agent: 'review-csv', note: null },
  ],
  [
    'the builder has ended and nothing is queued',
    { agents: [builder('completed')] },
    { column: 'review', agent: 'csv-writer', note: 'not merged yet' },
  ],
  [
    'builder and reviewer have ended',
    { agents: [builder('completed'), agent('review-csv', 'reviewer', 'completed', 9)] },
    { column: 'review', agent: 'csv-writer', note: 'not merged yet' },
  ],
  [
    'queued',
    { agents: [builder('completed')], merges: [merge('pending')] },
    { column: 'merging', agent: 'csv-writer', note: 'waits to be merged' },
  ],
  [
    'being merged',
    { merges: [merge('merging')] },
    { column: 'merging', agent: 'csv-writer', note: 'merging into main' },
  ],
  [
    'a merger at work',
    { merges: [conflict], agents: [agent('merge-1', 'merger', 'in_turn', 30)] },
    { column: 'merging', agent: 'merge-1', note: 'tier 2 · 1 conflict' },
  ],
  [
    'in conflict',
    { agents: [builder('completed')], merges: [conflict] },
    { column: 'merging', agent: 'csv-writer', note: 'tier 2 · 1 conflict' },
  ],
  [
    'the merge was refused',
    { merges: [merge('failed')] },
    { column: 'merging', agent: 'csv-writer', note: 'merge failed' },
  ],
  [
    'worked on again after a conflict',
    { agents: [builder('in_turn', 30)], merges: [conflict] },
    { column: 'in_progress', agent: 'csv-writer', note: null },
  ],
  [
    'merged cleanly, cost known',
    { agents: [builder('completed')], merges: [merge('merged', { resolvedTier: 'clean-merge' })], costUsd: 0.2249 },
    { column: 'done', agent: 'csv-writer', note: 'clean · $0.22' },
  ],
  [
    'merged with conflicts',
    { merges: [merge('merged', { resolvedTier: 'auto-resolve', conflictFiles: ['a', 'b'] })] },
    { column: 'done', agent: 'csv-writer', note: 'tier 2 · 2 conflicts' },
  ],
  [
    'merged by the reference, without a time or tier',
    { merges: [merge('merged', { finishedAt: null })] },
    { column: 'done', agent: 'csv-writer', note: 'merged' },
  ],
  [
    'merged while the builder rests',
    { agents: [builder('between_turns', 1)], merges: [merge('merged')] },
    { column: 'done', agent: 'csv-writer', note: 'merged' },
  ],
  [
    'slung again after the merge',
    { agents: [builder('booting', 40)], merges: [merge('merged')] },
    { column: 'in_progress', agent: 'csv-writer', note: null },
  ],
  [
    "a branch of nobody's",
    { merges: [merge('merged', { agentName: 'unknown', resolvedTier: 'clean-merge' })] },
    { column: 'done', agent: null, note: 'clean' },
  ],
  [
    'a newer merge decides',
    { merges: [merge('conflict'), merge('pending', { id: 2 })] },
    { column: 'merging', agent: 'csv-writer', note: 'waits to be merged' },
  ],
  [
    'the agent died',
    { agents: [agent('csv-writer', 'builder', 'zombie', 0, 'exit code 1 five times')] },
    { column: 'ready', agent: 'csv-writer', note: 'csv-writer died: exit code 1 five times' },
  ],
  [
    'it died without a reason',
    { agents: [builder('zombie')] },
    { column: 'ready', agent: 'csv-writer', note: 'csv-writer died' },
  ],
  [
    'another took over from the dead one',
    { agents: [agent('first', 'builder', 'zombie', 0), builder('in_turn', 5)] },
    { column: 'in_progress', agent: 'csv-writer', note: null },
  ],
  [
    'the reviewer died',
    { agents: [builder('completed'), agent('review-csv', 'reviewer', 'zombie', 9)] },
    { column: 'review', agent: 'review-csv', note: 'review-csv died' },
  ],
  [
    'a scout has ended',
    { agents: [agent('s', 'scout', 'completed')], costUsd: 0.05 },
    { column: 'done', agent: 's', note: '$0.05' },
  ],
  ['a lead has ended', { agents: [agent('l', 'lead', 'completed')] }, { column: 'done', agent: 'l', note: null }],
];

describe('the column follows the facts', () => {
  it.each(rows)('%s', (_name, more, expected) => {
    expect(placeByFacts(facts(more))).toEqual(expected);
  });

  it('a long reason is cut to one line of a card', () => {
    const note = placeByFacts(facts({ agents: [agent('a', 'builder', 'zombie', 0, 'x'.repeat(500))] }))?.note ?? '';
    expect(note).toHaveLength(80);
    expect(note.endsWith('…')).toBe(true);
  });

  it('depends on no order of agents or merges, and something happened means somewhere to be', () => {
    const anyAgent = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      capability: fc.constantFrom(...CAPABILITIES),
      state: fc.constantFrom(...AGENT_STATES),
      startedAt: fc.nat(59).map(at),
      reason: fc.constant(null),
    });
    const anyMerge = fc.record({
      id: fc.nat(9),
      agentName: fc.constantFrom('a', 'b', 'unknown'),
      status: fc.constantFrom(...MERGE_STATUSES),
      resolvedTier: fc.option(fc.constantFrom(...MERGE_TIERS)),
      conflictFiles: fc.array(fc.constant('f'), { maxLength: 2 }),
      target: fc.constant('main'),
      enqueuedAt: fc.nat(59).map(at),
      finishedAt: fc.option(fc.nat(59).map(at)),
    });
    const unique = { maxLength: 4 };
    fc.assert(
      fc.property(
        fc.uniqueArray(anyAgent, { ...unique, selector: (one) => one.startedAt }),
        fc.uniqueArray(anyMerge, { ...unique, selector: (one) => one.id }),
        (agents, merges) => {
          const placed = placeByFacts(facts({ agents, merges }));
          expect(placed === null).toBe(agents.length + merges.length === 0);
          expect(placeByFacts(facts({ agents: agents.toReversed(), merges: merges.toReversed() }))).toEqual(placed);
        },
      ),
      { numRuns: 500 },
    );
  });
});
