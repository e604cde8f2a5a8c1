import { describe, expect, it } from 'vitest';
import { DrawnScreens } from './drawnScreens.ts';

describe('drawn screens', () => {
  it('are given again as long as nothing was written behind them', () => {
    const screens = new DrawnScreens(100);
    const [one, other] = [{}, {}];
    screens.keep(one, 7, 'screen');
    expect([screens.of(one, 7), screens.of(one, 7), screens.of(other, 7)]).toEqual(['screen', 'screen', null]);
    expect(screens.of(one, 8)).toBeNull();
    expect(screens.of(one, 7)).toBeNull();
    screens.keep(one, 8, 'new');
    screens.forget(one);
    expect(screens.of(one, 8)).toBeNull();
  });

  it('are kept up to so many characters, those that were wanted last', () => {
    const screens = new DrawnScreens(10);
    const [one, two, three] = [{}, {}, {}];
    screens.keep(one, 1, '12345');
    screens.keep(two, 1, '12345');
    screens.of(one, 1);
    screens.keep(three, 1, '1');
    expect([screens.of(one, 1), screens.of(two, 1), screens.of(three, 1)]).toEqual(['12345', null, '1']);
    screens.keep(one, 2, '12345678901');
    expect([screens.of(one, 2), screens.of(three, 1)]).toEqual([null, null]);
    screens.keep(two, 3, '1234567890');
    expect(screens.of(two, 3)).toBe('1234567890');
  });
});
