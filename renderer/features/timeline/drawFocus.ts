import { LANE } from './timelineModel.ts';
import { timeToX, type View } from './timeScale.ts';
import type { Thing } from './walkChart.ts';

/** A box in pixels; its top is measured from the top of the first lane. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels on either side of the middle of what is no block, and above and below it. */
const HALF: Readonly<Record<Exclude<Thing['look'], 'turn'>, { readonly across: number; readonly up: number }>> = {
  mail: { across: 7, up: 10 },
  tool: { across: 4, up: 9 },
  mark: { across: 10, up: 10 },
};
/** Pixels between a turn's block and the mark around it. */
const GAP = 3;

/** The box around a thing on a lane; null when it is out of sight. */
export function focusBox(thing: Thing, lane: number, view: View, width: number, now: number): Box | null {
  const top = lane * LANE.height;
  const from = timeToX(view, width, thing.at);
  if (thing.look !== 'turn') {
    const { across, up } = HALF[thing.look];
    if (from < 0 || from > width) return null;
    return { left: from - across, top: top + LANE.middle - up, width: 2 * across, height: 2 * up };
  }
  const until = timeToX(view, width, thing.end ?? Math.max(thing.at, now));
  if (until < 0 || from > width) return null;
  // Of a turn that reaches over an edge the part in sight is framed.
  const left = Math.max(GAP, from) - GAP;
  const right = Math.min(width - GAP, Math.max(until, from + 2)) + GAP;
  return { left, top: top + LANE.turnTop - GAP, width: right - left, height: LANE.turnHeight + 2 * GAP };
}

/** Draws the mark of the keys, with a rim of the ground so that it stands out from whatever it lies on. */
export function drawFocus(
  context: CanvasRenderingContext2D,
  box: Box,
  colours: { readonly base: string; readonly focus: string },
): void {
  context.globalAlpha = 1;
  context.beginPath();
  context.roundRect(box.left, box.top, box.width, box.height, 4);
  context.strokeStyle = colours.base;
  context.lineWidth = 4;
  context.stroke();
  context.strokeStyle = colours.focus;
  context.lineWidth = 2;
  context.stroke();
}
