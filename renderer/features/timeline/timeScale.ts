/** The span of time in sight, in milliseconds since 1970. */
export interface View {
  readonly start: number;
  readonly end: number;
}

/** Milliseconds. Closer than this nothing more can be told apart; wider than this a run does not last. */
export const SPAN = { least: 2_000, most: 14 * 24 * 3_600_000 } as const;
/** Milliseconds in sight at first. */
export const FIRST_SPAN = 30 * 60_000;
const LEAST_FIRST_SPAN = 60_000;
/** Share of the width left free behind now, so that what happens now is not at the very edge. */
const AHEAD = 0.03;

export function span(view: View): number {
  return view.end - view.start;
}

/** Pixels from the left edge of a chart of that width. */
export function timeToX(view: View, width: number, time: number): number {
  return ((time - view.start) / span(view)) * width;
}

export function xToTime(view: View, width: number, x: number): number {
  return width <= 0 ? view.start : view.start + (x / width) * span(view);
}

/** Zooms by a factor (above 1 shows more time) so that the time under the pointer stays under it. */
export function zoomAround(view: View, factor: number, time: number): View {
  const wanted = Math.min(SPAN.most, Math.max(SPAN.least, span(view) * factor));
  const share = (time - view.start) / span(view);
  const start = time - share * wanted;
  return { start, end: start + wanted };
}

/** Moves by milliseconds; the span stays. */
export function pan(view: View, milliseconds: number): View {
  return { start: view.start + milliseconds, end: view.end + milliseconds };
}

/** The same span with now just before its right edge. */
export function followNow(view: View, now: number): View {
  const end = now + span(view) * AHEAD;
  return { start: end - span(view), end };
}

/** The view at first: the last half hour, or all there is of a younger one, never so close that a turn fills it. */
export function openingView(from: number, now: number): View {
  const wanted = Math.min(FIRST_SPAN, Math.max(LEAST_FIRST_SPAN, (now - from) / (1 - 2 * AHEAD)));
  return followNow({ start: now - wanted, end: now }, now);
}

/** A view of a stretch of time with a little air on both sides. */
export function fitTo(start: number, end: number): View {
  const air = Math.max(SPAN.least / 2, (end - start) * AHEAD);
  const view = { start: start - air, end: end + air };
  return zoomAround(view, 1, (view.start + view.end) / 2);
}

/** True when that time is in sight. */
export function inView(view: View, time: number): boolean {
  return time >= view.start && time <= view.end;
}

/** Moves as little as needed to bring a time into sight, with air. */
export function reveal(view: View, time: number): View {
  const air = span(view) * 0.1;
  if (time < view.start) return pan(view, time - air - view.start);
  return time > view.end ? pan(view, time + air - view.end) : view;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Steps a person counts in, in milliseconds. */
const STEPS = [
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  6 * HOUR,
  12 * HOUR,
  24 * HOUR,
  48 * HOUR,
  7 * 24 * HOUR,
] as const;
/** Pixels a label of the time axis needs. */
const LABEL_WIDTH = 76;

export interface Tick {
  readonly time: number;
  readonly label: string;
}

/** The step of the axis: the smallest one whose labels do not touch. */
export function tickStep(view: View, width: number): number {
  const room = (span(view) * LABEL_WIDTH) / Math.max(1, width);
  return STEPS.find((step) => step >= room) ?? STEPS[STEPS.length - 1] ?? HOUR;
}

/** Marks of the time axis in local time. `offset` is the zone's distance from UTC in milliseconds, east positive. */
export function ticks(view: View, width: number, offset: number): readonly Tick[] {
  const step = tickStep(view, width);
  const first = Math.ceil((view.start + offset) / step) * step - offset;
  const marks: Tick[] = [];
  for (let time = first; time <= view.end; time += step) marks.push({ time, label: tickLabel(time + offset, step) });
  return marks;
}

/** Label of a local time: the date at midnight of coarse steps, seconds only where they differ. */
export function tickLabel(local: number, step: number): string {
  const text = new Date(local).toISOString();
  if (step >= 24 * HOUR || (step >= HOUR && text.slice(11, 16) === '00:00')) return text.slice(5, 10);
  return step < MINUTE ? text.slice(11, 19) : text.slice(11, 16);
}
