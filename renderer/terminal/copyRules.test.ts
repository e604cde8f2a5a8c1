import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CopyBuffer, type CopyPress, type CopyState, copyKey, copyRange } from './copyRules.ts';

const LINES = ['$ npm test', '', '  ok 1  ok 22', '漢字 end'];
const COLUMNS = 16;

/** Cells as xterm has them: a wide character fills two, of which the second is empty. */
const CELLS = LINES.map((line) => {
  const cells = [...line].flatMap((character) => (/[一-鿿]/.test(character) ? [character, ''] : [character]));
  return Array.from({ length: COLUMNS }, (_, column) => cells[column] ?? ' ');
});
const buffer: CopyBuffer = {
  rows: LINES.length,
  columns: COLUMNS,
  page: 2,
  cell: (row, column) => CELLS[row]?.[column] ?? ' ',
};
const press = (key: string, more: Partial<CopyPress> = {}): CopyPress => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...more,
});
const at = (row: number, column: number): CopyState => ({ cursor: { row, column }, anchor: null, lines: false });
const pressed = (state: CopyState, ...presses: readonly CopyPress[]): CopyState =>
  presses.reduce((held, one) => {
    const step = copyKey(held, one, buffer);
    if (step.kind !== 'moved') throw new Error(`${one.key} ended copy mode: ${step.kind}`);
    return step.state;
  }, state);

describe('copy mode', () => {
  test.each([
    ['ArrowRight', [0, 0], [0, 1]],
    ['ArrowLeft', [0, 0], [0, 0]],
    ['ArrowUp', [0, 3], [0, 3]],
    ['j', [0, 3], [1, 3]],
    ['PageDown', [0, 3], [2, 3]],
    ['PageUp', [3, 3], [1, 3]],
    ['Home', [2, 9], [2, 0]],
    ['End', [2, 0], [2, 12]],
    ['$', [1, 4], [1, 0]],
    ['g', [3, 4], [0, 0]],
    ['G', [0, 4], [3, 0]],
    ['w', [0, 0], [0, 2]],
    ['w', [0, 6], [2, 2]],
    ['w', [3, 0], [3, 5]],
    ['w', [3, 5], [3, 5]],
    ['b', [0, 8], [0, 6]],
    ['b', [2, 2], [0, 6]],
    ['b', [3, 5], [3, 0]],
    ['x', [1, 1], [1, 1]],
  ] as const)('%s moves from %j to %j', (key, [row, column], [toRow, toColumn]) => {
    expect(pressed(at(row, column), press(key)).cursor).toEqual({ row: toRow, column: toColumn });
  });

  test('no key leads out of the buffer', () => {
    const oneOf = fc.constantFrom(...'hjklwbgG0$vV'.split(''), 'ArrowUp', 'ArrowDown', 'End', 'PageDown', 'PageUp');
    fc.assert(
      fc.property(fc.array(oneOf, { maxLength: 60 }), (keys) => {
        const { cursor } = pressed(at(1, 5), ...keys.map((key) => press(key)));
        expect(cursor.row).toBeGreaterThanOrEqual(0);
        expect(cursor.row).toBeLessThan(LINES.length);
        expect(cursor.column).toBeGreaterThanOrEqual(0);
        expect(cursor.column).toBeLessThan(COLUMNS);
      }),
    );
  });

  test('v selects from there, in both directions; Escape lets go first and then leaves', () => {
    const forward = pressed(at(0, 2), press('v'), press('j'));
    expect(copyRange(forward, COLUMNS)).toEqual({ from: { row: 0, column: 2 }, to: { row: 1, column: 2 } });
    const back = pressed(at(2, 4), press('v'), press('k'), press('0'));
    expect(copyRange(back, COLUMNS)).toEqual({ from: { row: 1, column: 0 }, to: { row: 2, column: 4 } });
    const free = pressed(back, press('Escape'));
    expect(free.anchor).toBeNull();
    expect(copyKey(free, press('Escape'), buffer).kind).toBe('leave');
  });

  test('V selects whole lines, v then makes it characters again', () => {
    const lines = pressed(at(0, 5), press('V'), press('ArrowDown'));
    expect(copyRange(lines, COLUMNS)).toEqual({ from: { row: 0, column: 0 }, to: { row: 1, column: COLUMNS - 1 } });
    expect(copyRange(pressed(lines, press('v')), COLUMNS).from).toEqual({ row: 0, column: 5 });
  });

  test('Shift with an arrow begins a selection', () => {
    const state = pressed(at(0, 2), press('ArrowRight', { shiftKey: true }), press('ArrowRight', { shiftKey: true }));
    expect(copyRange(state, COLUMNS)).toEqual({ from: { row: 0, column: 2 }, to: { row: 0, column: 4 } });
  });

  test.each([press('y'), press('Enter'), press('c', { ctrlKey: true }), press('c', { metaKey: true })])(
    '%j copies',
    (key) => expect(copyKey(at(0, 0), key, buffer).kind).toBe('copy'),
  );

  test('without a selection the line is copied', () =>
    expect(copyRange(at(2, 7), COLUMNS)).toEqual({ from: { row: 2, column: 0 }, to: { row: 2, column: COLUMNS - 1 } }));
});
