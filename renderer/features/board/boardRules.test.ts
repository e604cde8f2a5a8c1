import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TASK_COLUMNS, type TaskView } from '../../../contract/tasks.ts';
import { agentView, taskView } from '../../testing/fixtures.ts';
import {
  boardColumns,
  cardLine,
  columnIds,
  commonPath,
  dropCall,
  moveWords,
  openBlockers,
  stepCard,
  stepPlace,
} from './boardRules.ts';
import { cardBelow, placeData, placeIn } from './dragTasks.ts';

function tasks(...rows: TaskView[]): Readonly<Record<string, TaskView>> {
  return Object.fromEntries(rows.map((row) => [row.id, row]));
}

const BOARD = tasks(
  taskView('a', { order: 1 }),
  taskView('b', { order: 2 }),
  taskView('c', { order: 3 }),
  taskView('x', { column: 'review', order: 1 }),
);
const columns = boardColumns(BOARD, {});

describe('a drop becomes a call', () => {
  test.each([
    ['above another card', 'c', { column: 'ready', before: 'a' }, { id: 'c', before: 'a' }],
    ['to the end of its column', 'a', { column: 'ready', before: null }, { id: 'a', before: null }],
    ['into another column', 'a', { column: 'review', before: 'x' }, { id: 'a', column: 'review', before: 'x' }],
    ['into an empty column', 'a', { column: 'done', before: null }, { id: 'a', column: 'done', before: null }],
  ] as const)('%s', (_, id, place, input) => {
    expect(dropCall(id, { kind: 'column', ...place }, BOARD, {})).toMatchObject({ do: 'move', input });
  });

  test.each([
    ['onto itself', 'b', { column: 'ready', before: 'b' }],
    ['above the card that follows', 'a', { column: 'ready', before: 'b' }],
    ['the last one to the end', 'c', { column: 'ready', before: null }],
    ['above a card of another column', 'a', { column: 'ready', before: 'x' }],
    ['a task that is gone', 'gone', { column: 'ready', before: null }],
  ] as const)('%s changes nothing', (_, id, place) => {
    expect(dropCall(id, { kind: 'column', ...place }, BOARD, {})).toBeNull();
  });

  test('on an agent or a role it slings', () => {
    expect(dropCall('a', { kind: 'agent', name: 'lead' }, BOARD, {})).toEqual({
      do: 'sling',
      place: { kind: 'agent', name: 'lead' },
    });
    expect(dropCall('a', { kind: 'role', role: 'scout' }, BOARD, {})?.do).toBe('sling');
  });

  test('shown at once, the card stands where it was dropped, whatever the orders are', () => {
    // Orders the engine gives are whole positions; a move that waits for it lies between two, a few halvings deep at most.
    const order = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((steps) => steps / 1_024);
    const orders = fc.uniqueArray(order, { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(orders, fc.nat(), fc.nat(), (numbers, fromSeed, toSeed) => {
        const board = tasks(...numbers.map((order, index) => taskView(`t${index}`, { order })));
        const ids = columnIds(board, {}, 'ready');
        const id = ids[fromSeed % ids.length] ?? '';
        const before = [...ids, null][toSeed % (ids.length + 1)] ?? null;
        const call = dropCall(id, { kind: 'column', column: 'ready', before }, board, {});
        if (call === null || call.do !== 'move') return;
        const after = columnIds(board, { [id]: call.shown }, 'ready');
        const wanted = ids.filter((other) => other !== id);
        wanted.splice(before === null ? wanted.length : wanted.indexOf(before), 0, id);
        expect(after).toEqual(wanted);
      }),
    );
  });

  test('a place survives its way through a drop target', () => {
    const places = [
      { kind: 'column', column: 'done', before: null },
      { kind: 'column', column: 'ready', before: 'a' },
      { kind: 'role', role: 'lead' },
      { kind: 'agent', name: 'mailer' },
    ] as const;
    expect(places.map((place) => placeIn(placeData(place)))).toEqual(places);
    expect([placeIn({}), placeIn(undefined), placeIn({ kind: 'column', column: 'elsewhere' })]).toEqual([
      null,
      null,
      null,
    ]);
  });

  test.each([
    [0, 'a'],
    [49, 'a'],
    [51, 'b'],
    [160, null],
  ])('a pointer at %i is above card %s', (y, id) => {
    const cards = [
      { id: 'a', top: 0, height: 100 },
      { id: 'b', top: 108, height: 100 },
    ];
    expect(cardBelow(cards, y)).toBe(id);
  });
});

describe('the keyboard on the board', () => {
  test.each([
    ['a', 'down', 'b'],
    ['a', 'up', 'a'],
    ['c', 'down', 'c'],
    ['c', 'right', 'x'],
    ['x', 'left', 'a'],
    ['x', 'right', 'x'],
    [null, 'down', 'a'],
  ] as const)('from %s %s is %s', (from, direction, to) => expect(stepCard(columns, from, direction)).toBe(to));

  test.each([
    ['b', 'up', { column: 'ready', before: 'a' }],
    ['a', 'down', { column: 'ready', before: 'c' }],
    ['b', 'down', { column: 'ready', before: null }],
    ['a', 'right', { column: 'in_progress', before: null }],
    ['a', 'left', { column: 'backlog', before: null }],
  ] as const)('moving %s %s', (id, direction, place) =>
    expect(stepPlace(columns, id, direction)).toEqual({ kind: 'column', ...place }),
  );

  test('there is nothing beyond the edges', () => {
    expect(stepPlace(columns, 'a', 'up')).toBeNull();
    expect(stepPlace(columns, 'c', 'down')).toBeNull();
    expect(stepPlace(boardColumns(tasks(taskView('z', { column: 'done' })), {}), 'z', 'right')).toBeNull();
  });

  test('says where a card went', () => {
    expect(moveWords('b', columns)).toBe('b moved to Ready, 2 of 3');
    expect(moveWords('gone', columns)).toBe('');
  });
});

describe('the second line of a card', () => {
  const line = (more: Partial<TaskView>, status?: Parameters<typeof agentView>[1], blockers: readonly string[] = []) =>
    cardLine(taskView('t', more), status === undefined ? undefined : agentView('mailer', status), blockers);

  test.each([
    ['how urgent it is and where', line({ files: ['src/a/x.ts', 'src/a/y.ts'] }), 'P2 · src/a', null],
    ['what it waits for', line({ priority: 1 }, undefined, ['OV-27']), 'P1 · needs OV-27', null],
    ['who works on it', line({ column: 'in_progress' }, { status: 'inTurn' }), 'mailer', 'inTurn'],
    ['how that one fares', line({ column: 'in_progress' }, { status: 'stalled' }), 'mailer · stalled', 'stalled'],
    ['how it was merged', line({ column: 'done', note: 'clean · $0.22' }), 'clean · $0.22', 'done'],
    ['where a merge stands', line({ column: 'merging', note: 'tier 2' }, { status: 'done' }), 'tier 2', null],
  ])('says %s', (_, given, text, status) => {
    expect(given).toMatchObject({ status, wanted: false });
    expect(`${given.text}${given.path ?? ''}`).toBe(text);
  });

  test('a question to a person is wanted', () => {
    expect(line({ column: 'in_progress', note: 'half up?' }, { status: 'needsYou' })).toEqual({
      status: 'needsYou',
      text: 'half up?',
      wanted: true,
    });
  });

  test.each([
    [[], null],
    [['a/b.ts'], 'a/b.ts'],
    [['a/b/c.ts', 'a/d.ts'], 'a'],
    [['a.ts', 'b/c.ts'], '2 files'],
  ])('files %j share %s', (files, path) => expect(commonPath(files)).toBe(path));

  test('a blocker that is done blocks no more, one that is gone still does', () => {
    const blocked = taskView('t', { blockedBy: ['a', 'd', 'gone'] });
    expect(openBlockers(blocked, tasks(taskView('a'), taskView('d', { column: 'done' })))).toEqual(['a', 'gone']);
  });

  test('every card is in exactly one column', () => {
    const all = TASK_COLUMNS.flatMap((column) => columns[column]);
    expect([...all].sort()).toEqual(Object.keys(BOARD).sort());
  });
});
