import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fitTo,
  followNow,
  inView,
  openingView,
  pan,
  reveal,
  SPAN,
  span,
  tickLabel,
  tickStep,
  ticks,
  timeToX,
  type View,
  xToTime,
  zoomAround,
} from './timeScale.ts';

const MINUTE = 60_000;
const NOON = Date.parse('2026-11-23T12:00:00.000Z');
const time = fc.integer({ min: NOON - 30 * 24 * 60 * MINUTE, max: NOON + 30 * 24 * 60 * MINUTE });
const view = fc
  .tuple(time, fc.integer({ min: SPAN.least, max: SPAN.most }))
  .map(([start, length]): View => ({ start, end: start + length }));
const width = fc.integer({ min: 50, max: 4_000 });

/** Equal up to a thousandth of a pixel's worth of time. */
function near(left: number, right: number, shown: View): void {
  expect(Math.abs(left - right)).toBeLessThanOrEqual(span(shown) * 1e-6 + 1e-3);
}

describe('time and pixels', () => {
  test('each is the way back of the other', () => {
    fc.assert(
      fc.property(view, width, time, (shown, pixels, at) => {
        near(xToTime(shown, pixels, timeToX(shown, pixels, at)), at, { start: 0, end: Math.abs(at) });
      }),
    );
  });

  test('later is further right', () => {
    fc.assert(
      fc.property(view, width, time, fc.integer({ min: 1, max: 1e9 }), (shown, pixels, at, more) => {
        expect(timeToX(shown, pixels, at + more)).toBeGreaterThan(timeToX(shown, pixels, at));
      }),
    );
  });

  test('a zoom keeps the time under the pointer where it is, within its bounds', () => {
    fc.assert(
      fc.property(
        view,
        width,
        fc.double({ min: 0.05, max: 20, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (shown, pixels, factor, share) => {
          const x = share * pixels;
          const at = xToTime(shown, pixels, x);
          const zoomed = zoomAround(shown, factor, at);
          expect(Math.abs(timeToX(zoomed, pixels, at) - x)).toBeLessThan(0.01);
          expect(span(zoomed)).toBeGreaterThanOrEqual(SPAN.least - 1e-3);
          expect(span(zoomed)).toBeLessThanOrEqual(SPAN.most + 1e-3);
        },
      ),
    );
  });

  test('a move and a follow keep the span', () => {
    fc.assert(
      fc.property(view, time, (shown, now) => {
        near(span(pan(shown, 12_345)), span(shown), shown);
        const followed = followNow(shown, now);
        near(span(followed), span(shown), shown);
        expect(inView(followed, now)).toBe(true);
      }),
    );
  });

  test('a young run is shown whole at first, of an old one the last half hour', () => {
    const now = Date.parse('2026-06-01T12:00:00.000Z');
    const young = openingView(now - 5 * 60_000, now);
    expect(inView(young, now - 5 * 60_000) && inView(young, now)).toBe(true);
    expect(span(young)).toBeLessThan(6 * 60_000);
    expect(span(openingView(now - 1_000, now))).toBe(60_000);
    expect(span(openingView(now - 24 * 3_600_000, now))).toBe(30 * 60_000);
  });

  test('what is revealed is in sight, and what was in sight stays as it is', () => {
    fc.assert(
      fc.property(view, time, (shown, at) => {
        const revealed = reveal(shown, at);
        expect(inView(revealed, at)).toBe(true);
        if (inView(shown, at)) expect(revealed).toBe(shown);
      }),
    );
  });

  test('all of it fits, even a single moment', () => {
    const fitted = fitTo(NOON, NOON + 10 * MINUTE);
    expect(inView(fitted, NOON) && inView(fitted, NOON + 10 * MINUTE)).toBe(true);
    expect(span(fitTo(NOON, NOON))).toBeGreaterThanOrEqual(SPAN.least);
  });
});

describe('the axis', () => {
  test.each([
    [30 * MINUTE, 900, 5 * MINUTE],
    [30 * MINUTE, 2_000, 2 * MINUTE],
    [20_000, 900, 2_000],
    [24 * 60 * MINUTE, 900, 4 * 60 * MINUTE],
    [SPAN.most, 300, 7 * 24 * 60 * MINUTE],
  ])('%i ms over %i pixels is counted in steps of %i ms', (length, pixels, step) =>
    expect(tickStep({ start: NOON, end: NOON + length }, pixels)).toBe(step),
  );

  test('marks are in sight, on whole steps of local time, and their labels do not touch', () => {
    const zone = fc.constantFrom(0, 5.5 * 60 * MINUTE, -8 * 60 * MINUTE, 12.75 * 60 * MINUTE);
    fc.assert(
      fc.property(view, width, zone, (shown, pixels, offset) => {
        const step = tickStep(shown, pixels);
        const marks = ticks(shown, pixels, offset);
        for (const [index, mark] of marks.entries()) {
          expect(inView(shown, mark.time)).toBe(true);
          expect((mark.time + offset) % step).toBe(0);
          const before = marks[index - 1];
          if (before !== undefined && step < 7 * 24 * 60 * MINUTE)
            expect(timeToX(shown, pixels, mark.time) - timeToX(shown, pixels, before.time)).toBeGreaterThan(70);
        }
      }),
    );
  });

  test.each([
    [NOON, 5 * MINUTE, '12:00'],
    [NOON + 5_000, 5_000, '12:00:05'],
    [NOON - 12 * 60 * MINUTE, 60 * MINUTE, '11-23'],
    [NOON, 24 * 60 * MINUTE, '11-23'],
  ])('%i in steps of %i reads %s', (local, step, label) => expect(tickLabel(local, step)).toBe(label));
});
