import { describe, expect, it } from 'vitest';
import { isQuiet, minuteOfDay } from './notices.ts';

const at = (hours: number, minutes = 0): number => new Date(2026, 10, 23, hours, minutes).getTime();
const between = (from: string, to: string) => ({ off: [], quiet: { from, to } });

describe('quiet hours', () => {
  it.each([
    [between('22:00', '07:00'), at(23), true],
    [between('22:00', '07:00'), at(6, 59), true],
    [between('22:00', '07:00'), at(7), false],
    [between('22:00', '07:00'), at(21, 59), false],
    [between('12:00', '13:30'), at(13, 29), true],
    [between('12:00', '13:30'), at(11), false],
    [between('08:00', '08:00'), at(8), false],
    [between('soon', '08:00'), at(7), false],
    [{ off: [], quiet: null }, at(3), false],
  ])('%j', (settings, now, quiet) => expect(isQuiet(settings, now)).toBe(quiet));

  it.each([
    ['0:05', 5],
    ['07:30', 450],
    ['23:59', 1_439],
    ['24:00', null],
    ['7', null],
    ['12:60', null],
  ])('%s is minute %s of the day', (text, minute) => expect(minuteOfDay(text)).toBe(minute));
});
