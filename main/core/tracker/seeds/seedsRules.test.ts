import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { TASK_COLUMNS } from '../../../../contract/tasks.ts';
import { formatIssues, parseIssues } from './seedsFile.ts';
import {
  type CardFacts,
  columnOfState,
  linkIssues,
  newIssue,
  patchIssue,
  reconcile,
  type SeedsIssue,
  SHARED_STATES,
  type SharedTask,
  sharedOfCard,
  sharedOfIssue,
  stateOfColumn,
} from './seedsRules.ts';

const AT = '2026-11-23T10:00:00.000Z';
const shared: SharedTask = { title: 'T', description: '', priority: 2, state: 'open', blockedBy: [] };
const issue: SeedsIssue = { id: 'p-1', title: 'T', status: 'open', type: 'task', priority: 2, labels: ['x'] };

describe('a card and its issue', () => {
  test.each(SHARED_STATES)('a column of state %s leads back to it', (state) => {
    expect(stateOfColumn(columnOfState(state))).toBe(state);
  });
  test.each(TASK_COLUMNS)('column %s has a state', (column) => {
    expect(SHARED_STATES).toContain(stateOfColumn(column));
  });

  test.each([
    ['nothing has changed', shared, shared, {}, {}],
    ['the card has a new title', { ...shared, title: 'New' }, shared, {}, { title: 'New' }],
    ['the issue was closed', shared, { ...shared, state: 'closed' }, { state: 'closed' }, {}],
    [
      'each has changed another field',
      { ...shared, priority: 0 },
      { ...shared, title: 'New' },
      { title: 'New' },
      { priority: 0 },
    ],
    [
      'both have changed one field: the issue wins',
      { ...shared, title: 'Mine' },
      { ...shared, title: 'Theirs' },
      { title: 'Theirs' },
      {},
    ],
  ] as const)('%s', (_, card, other, toCard, toIssue) => {
    expect(reconcile(shared, card as SharedTask, other as SharedTask)).toMatchObject({ toCard, toIssue });
  });

  it('agree after one exchange, whatever each has changed', () => {
    const side = fc.record({
      title: fc.constantFrom('a', 'b', 'c'),
      description: fc.constantFrom('', 'd'),
      priority: fc.integer({ min: 0, max: 4 }),
      state: fc.constantFrom(...SHARED_STATES),
      blockedBy: fc.constantFrom<string[]>([], ['x'], ['x', 'y']),
    });
    fc.assert(
      fc.property(fc.option(side), side, side, (base, card, other) => {
        const { toCard, toIssue, agreed } = reconcile(base, card, other);
        expect({ ...card, ...toCard }).toEqual(agreed);
        expect({ ...other, ...toIssue }).toEqual(agreed);
        expect(reconcile(agreed, agreed, agreed)).toMatchObject({ toCard: {}, toIssue: {} });
      }),
    );
  });

  it('a status or priority nobody knows is read as the nearest', () => {
    expect(sharedOfIssue({ ...issue, status: 'waiting', priority: 9, title: ' ' })).toMatchObject({
      state: 'open',
      priority: 4,
      title: 'p-1',
    });
  });

  it('an issue keeps what the board knows nothing of', () => {
    const closed = patchIssue(issue, { state: 'closed' }, AT);
    expect(closed).toMatchObject({ labels: ['x'], status: 'closed', closedAt: AT, updatedAt: AT });
    const open = patchIssue({ ...closed, closeReason: 'done' }, { state: 'open' }, AT);
    expect(open).not.toHaveProperty('closedAt');
    expect(open).not.toHaveProperty('closeReason');
  });

  it('a new issue of a card reads back as the card', () => {
    const card: CardFacts = { ...shared, id: 'OV-1', column: 'review', description: 'd', blockedBy: ['OV-0'] };
    expect(sharedOfIssue(newIssue(card, AT))).toEqual(sharedOfCard(card));
  });
});

describe('dependencies', () => {
  it('are mirrored, and end with the issue that is closed', () => {
    const first = { ...issue, id: 'a' };
    const second = { ...issue, id: 'b', blockedBy: ['a'] };
    const linked = linkIssues([first, second], AT);
    expect(linked.map(({ id, blocks, blockedBy }) => ({ id, blocks, blockedBy }))).toEqual([
      { id: 'a', blocks: ['b'], blockedBy: undefined },
      { id: 'b', blocks: undefined, blockedBy: ['a'] },
    ]);
    const done = linkIssues([patchIssue(first, { state: 'closed' }, AT), second], AT);
    expect(done[1]).not.toHaveProperty('blockedBy');
    const [untouched] = linkIssues([first], AT);
    expect(untouched).toBe(first);
  });
});

describe('the file of issues', () => {
  it('keeps order, unknown fields and lines that are no issue; of two with one id the last counts', () => {
    const text = [
      '{"id":"a","title":"A","status":"open","extra":{"deep":[1]}}',
      '<<<<<<< not an issue',
      '{"id":"b","title":"B","status":"open"}',
      '{"id":"a","title":"A2","status":"closed"}',
      '',
    ].join('\n');
    const file = parseIssues(text);
    expect(file.issues.map((one) => one.title)).toEqual(['A2', 'B']);
    const added = { id: 'c', title: 'C', status: 'open' };
    expect(formatIssues(file, [...file.issues, added]).split('\n')).toEqual([
      '{"id":"a","title":"A2","status":"closed"}',
      '<<<<<<< not an issue',
      '{"id":"b","title":"B","status":"open"}',
      '{"id":"c","title":"C","status":"open"}',
      '',
    ]);
  });
});
