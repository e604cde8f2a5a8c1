import type { AgentStatus } from '../../../contract/agents.ts';
import { type Box, drawFocus } from './drawFocus.ts';
import { statusOf } from './itemWords.ts';
import { LANE, type Lane, laneMiddle, lanesInSight, type TimelineModel } from './timelineModel.ts';
import { inView, type Tick, timeToX, type View } from './timeScale.ts';

/** Colours the chart is drawn in, read from the tokens of the theme in use. */
export interface ChartColours {
  readonly line: string;
  readonly lineStrong: string;
  readonly base: string;
  readonly text: string;
  readonly faint: string;
  readonly turn: string;
  readonly failed: string;
  readonly mail: string;
  readonly merge: string;
  readonly verdict: string;
  readonly accent: string;
  readonly brush: string;
  readonly font: string;
  readonly states: Readonly<Record<AgentStatus, string>>;
}

export interface ChartScene {
  readonly model: TimelineModel;
  readonly view: View;
  readonly ticks: readonly Tick[];
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly scrollTop: number;
  readonly brush: { readonly start: number; readonly end: number } | null;
  /** Item under the pointer or the keys, or chosen in the list. */
  readonly highlight: number | null;
  /** Where the keys stand; null when the chart has no focus. */
  readonly focus: Box | null;
}

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** Height of the time axis above the lanes, in pixels. */
export const AXIS_HEIGHT = 24;

/** Pixels between a line of the axis and its time, and at least between a time and the right edge. */
const LABEL_GAP = 5;

/** Reads the colours out of the tokens; `token` gets names such as `state-dead`. */
export function chartColours(token: (name: string) => string): ChartColours {
  return {
    line: token('line'),
    lineStrong: token('line-strong'),
    base: token('surface-base'),
    text: token('text'),
    faint: token('text-faint'),
    turn: token('state-in-turn'),
    failed: token('state-dead'),
    mail: token('text-muted'),
    merge: token('state-done'),
    verdict: token('state-stalled'),
    accent: token('accent'),
    brush: token('focus-ring'),
    font: `11px ${token('sans')}`,
    states: {
      starting: token('state-starting'),
      working: token('state-working'),
      inTurn: token('state-in-turn'),
      resting: token('state-resting'),
      needsYou: token('state-needs-you'),
      stalled: token('state-stalled'),
      dead: token('state-dead'),
      done: token('state-done'),
    },
  };
}

/** Draws everything in sight. Only what is within the view and the visible lanes costs anything. */
export function drawTimeline(
  context: CanvasRenderingContext2D,
  size: ChartSize,
  scene: ChartScene,
  colours: ChartColours,
): void {
  const { view, model } = scene;
  const x = (time: number) => timeToX(view, size.width, time);
  context.clearRect(0, 0, size.width, size.height);
  drawGrid(context, size, scene, colours, x);
  context.save();
  context.beginPath();
  context.rect(0, AXIS_HEIGHT, size.width, size.height - AXIS_HEIGHT);
  context.clip();
  context.translate(0, AXIS_HEIGHT - scene.scrollTop);
  const [first, end] = lanesInSight(scene.scrollTop, size.height - AXIS_HEIGHT, model.lanes.length);
  for (let index = first; index < end; index += 1) {
    const lane = model.lanes[index];
    if (lane !== undefined) drawLane(context, lane, index, size, scene, colours, x);
  }
  drawMails(context, scene, [first, end], colours, x);
  for (let index = first; index < end; index += 1) {
    const lane = model.lanes[index];
    if (lane !== undefined) drawMarks(context, lane, index, scene, colours, x);
  }
  if (scene.focus !== null) drawFocus(context, scene.focus, { base: colours.base, focus: colours.brush });
  context.restore();
  drawOver(context, size, scene, colours, x);
}

type ToX = (time: number) => number;

function drawGrid(
  context: CanvasRenderingContext2D,
  size: ChartSize,
  scene: ChartScene,
  colours: ChartColours,
  x: ToX,
): void {
  context.font = colours.font;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  for (const tick of scene.ticks) {
    const at = Math.round(x(tick.time)) + 0.5;
    context.fillStyle = colours.line;
    context.fillRect(at - 0.5, 0, 1, size.height);
    // The time of a line so near the right edge that only half of it would be read is left out.
    if (at + LABEL_GAP + context.measureText(tick.label).width > size.width - LABEL_GAP) continue;
    context.fillStyle = colours.faint;
    context.fillText(tick.label, at + LABEL_GAP, AXIS_HEIGHT / 2);
  }
  context.fillStyle = colours.line;
  context.fillRect(0, AXIS_HEIGHT - 1, size.width, 1);
}

function drawLane(
  context: CanvasRenderingContext2D,
  lane: Lane,
  index: number,
  size: ChartSize,
  scene: ChartScene,
  colours: ChartColours,
  x: ToX,
): void {
  const top = index * LANE.height;
  const { view } = scene;
  context.fillStyle = colours.line;
  context.globalAlpha = 0.6;
  context.fillRect(0, top + LANE.height - 1, size.width, 1);
  context.globalAlpha = 1;
  // The state as a thin band in its colour along the foot of the lane.
  for (const state of lane.states) {
    const end = state.end ?? scene.now;
    const status = statusOf(state.state);
    if (status === null || end < view.start || state.start > view.end) continue;
    context.fillStyle = colours.states[status];
    // Resting is the ground the rest stands out from.
    context.globalAlpha = status === 'resting' ? 0.3 : 0.75;
    const left = Math.max(0, x(state.start));
    context.fillRect(left, top + LANE.height - 4, Math.max(1, Math.min(size.width, x(end)) - left), 2);
    context.globalAlpha = 1;
  }
  let covered = Number.NEGATIVE_INFINITY;
  for (const turn of lane.turns) {
    const end = turn.end ?? Math.max(turn.start, scene.now);
    if (end < view.start || turn.start > view.end) continue;
    const left = Math.max(-4, x(turn.start));
    const width = Math.max(2, Math.min(size.width + 4, x(end)) - left);
    const lit = scene.highlight === turn.item.id;
    // From far away several turns share a pixel: one of them stands for all.
    if (!lit && !turn.failed && left + width <= covered + 1) continue;
    covered = Math.max(covered, left + width);
    context.fillStyle = turn.failed ? colours.failed : colours.turn;
    context.globalAlpha = lit ? 0.5 : 0.24;
    context.beginPath();
    context.roundRect(left, top + LANE.turnTop, width, LANE.turnHeight, Math.min(3, width / 2));
    context.fill();
    context.globalAlpha = lit ? 1 : 0.8;
    context.fillRect(left, top + LANE.turnTop, 1.5, LANE.turnHeight);
    // A running turn is open to the right.
    if (turn.end !== null) context.fillRect(left + width - 1, top + LANE.turnTop, 1, LANE.turnHeight);
    context.globalAlpha = 1;
  }
  context.fillStyle = colours.text;
  let drawn = Number.NEGATIVE_INFINITY;
  for (const tool of lane.tools) {
    if (!inView(view, tool.at)) continue;
    const at = x(tool.at);
    const lit = scene.highlight === tool.item.id;
    // Ticks closer than a pixel are one tick.
    if (!lit && at - drawn < 1) continue;
    drawn = at;
    context.fillStyle = tool.failed ? colours.failed : lit ? colours.accent : colours.text;
    context.globalAlpha = lit || tool.failed ? 1 : 0.55;
    context.fillRect(at - (lit ? 1 : 0.5), top + LANE.turnTop + 3, lit ? 2 : 1, LANE.turnHeight - 6);
  }
  context.globalAlpha = 1;
}

function drawMails(
  context: CanvasRenderingContext2D,
  scene: ChartScene,
  [first, end]: readonly [number, number],
  colours: ChartColours,
  x: ToX,
): void {
  for (const mail of scene.model.mails) {
    if (!inView(scene.view, mail.at)) continue;
    if (Math.max(mail.from, mail.to) < first || Math.min(mail.from, mail.to) >= end) continue;
    const lit = scene.highlight === mail.item.id;
    const at = Math.round(x(mail.at)) + 0.5;
    const start = laneMiddle(mail.from);
    const tip = laneMiddle(mail.to);
    const way = Math.sign(tip - start);
    context.strokeStyle = lit ? colours.accent : colours.mail;
    context.fillStyle = lit ? colours.accent : colours.mail;
    context.lineWidth = lit ? 1.5 : 1;
    context.globalAlpha = lit ? 1 : 0.55;
    context.beginPath();
    context.moveTo(at, start);
    context.lineTo(at, tip - way * 4);
    context.stroke();
    context.beginPath();
    context.arc(at, start, 2, 0, Math.PI * 2);
    context.moveTo(at, tip);
    context.lineTo(at - 3.5, tip - way * 6);
    context.lineTo(at + 3.5, tip - way * 6);
    context.closePath();
    context.fill();
    context.globalAlpha = 1;
  }
}

/** States that begin and end with a turn: the turn's block tells them already, a glyph each would only cover it. */
const ROUTINE: ReadonlySet<AgentStatus> = new Set(['inTurn', 'working', 'resting']);

/** The glyphs of states, in a box of twelve pixels; the same shapes as in StatusMark. */
function drawGlyph(context: CanvasRenderingContext2D, status: AgentStatus, at: number, middle: number): void {
  context.lineWidth = 1.5;
  context.beginPath();
  switch (status) {
    case 'starting':
      context.arc(at, middle, 3, 0, Math.PI * 2);
      context.stroke();
      return;
    case 'working':
      context.arc(at, middle, 3.5, 0, Math.PI * 2);
      context.fill();
      return;
    case 'inTurn':
      context.moveTo(at - 3, middle - 4);
      context.lineTo(at + 4, middle);
      context.lineTo(at - 3, middle + 4);
      context.fill();
      return;
    case 'resting':
      context.setLineDash([1.6, 1.5]);
      context.arc(at, middle, 3.6, 0, Math.PI * 2);
      context.stroke();
      context.setLineDash([]);
      return;
    case 'needsYou':
      diamond(context, at, middle, 4.6);
      context.fill();
      return;
    case 'stalled':
      context.arc(at, middle, 3.6, 0, Math.PI * 2);
      context.stroke();
      context.beginPath();
      context.arc(at, middle, 3.6, Math.PI / 2, (Math.PI * 3) / 2);
      context.fill();
      return;
    case 'dead':
      context.moveTo(at - 3, middle - 3);
      context.lineTo(at + 3, middle + 3);
      context.moveTo(at + 3, middle - 3);
      context.lineTo(at - 3, middle + 3);
      context.stroke();
      return;
    case 'done':
      context.moveTo(at - 3.8, middle);
      context.lineTo(at - 1, middle + 3);
      context.lineTo(at + 4, middle - 3.5);
      context.stroke();
  }
}

function diamond(context: CanvasRenderingContext2D, at: number, middle: number, radius: number): void {
  context.moveTo(at, middle - radius);
  context.lineTo(at + radius, middle);
  context.lineTo(at, middle + radius);
  context.lineTo(at - radius, middle);
  context.closePath();
}

/** A flag on its pole: filled when the watchdog planted it, swallow-tailed when a person did. */
function flag(context: CanvasRenderingContext2D, at: number, middle: number, byPerson: boolean): void {
  context.fillRect(at - 3.5, middle - 5, 1.3, 10);
  context.beginPath();
  context.moveTo(at - 2.2, middle - 5);
  context.lineTo(at + 4.5, middle - 5);
  if (byPerson) context.lineTo(at + 2.2, middle - 2.2);
  context.lineTo(at + 4.5, middle + 0.6);
  context.lineTo(at - 2.2, middle + 0.6);
  context.closePath();
  context.fill();
}

/** Pixels between two marks of one look on a lane. */
const MARK_GAP = 2;

function drawMarks(
  context: CanvasRenderingContext2D,
  lane: Lane,
  index: number,
  scene: ChartScene,
  colours: ChartColours,
  x: ToX,
): void {
  const middle = laneMiddle(index);
  /** Where the last mark of each look was drawn: nearer ones would only cover it. */
  const drawn = new Map<string, number>();
  for (const mark of lane.marks) {
    if (!inView(scene.view, mark.at)) continue;
    const at = x(mark.at);
    const lit = scene.highlight === mark.item.id;
    const status = mark.kind === 'state' ? statusOf(mark.item.state) : null;
    if (!lit && status !== null && ROUTINE.has(status)) continue;
    const look = status ?? mark.kind;
    if (!lit && at - (drawn.get(look) ?? Number.NEGATIVE_INFINITY) < MARK_GAP) continue;
    drawn.set(look, at);
    const colour =
      mark.kind === 'merge'
        ? colours.merge
        : mark.kind === 'error'
          ? colours.failed
          : mark.kind === 'verdict'
            ? colours.verdict
            : mark.kind === 'intervention'
              ? colours.text
              : status !== null
                ? colours.states[status]
                : colours.faint;
    if (lit || mark.kind !== 'note') {
      // A disc of the ground under the glyph keeps it readable on a turn.
      context.fillStyle = colours.base;
      context.beginPath();
      context.arc(at, middle, lit ? 8 : 6.5, 0, Math.PI * 2);
      context.fill();
    }
    if (lit) {
      context.strokeStyle = colours.accent;
      context.lineWidth = 1;
      context.stroke();
    }
    context.fillStyle = colour;
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    if (status !== null) drawGlyph(context, status, at, middle);
    else if (mark.kind === 'error') drawGlyph(context, 'dead', at, middle);
    else if (mark.kind === 'merge') {
      context.beginPath();
      diamond(context, at, middle, 5);
      context.fill();
    } else if (mark.kind === 'verdict' || mark.kind === 'intervention') {
      flag(context, at, middle, mark.kind === 'intervention');
    } else {
      context.beginPath();
      context.arc(at, middle, 1.6, 0, Math.PI * 2);
      context.fill();
    }
  }
}

function drawOver(
  context: CanvasRenderingContext2D,
  size: ChartSize,
  scene: ChartScene,
  colours: ChartColours,
  x: ToX,
): void {
  if (scene.brush !== null) {
    const left = Math.max(0, x(scene.brush.start));
    const right = Math.min(size.width, x(scene.brush.end));
    if (right > left) {
      context.fillStyle = colours.brush;
      context.globalAlpha = 0.12;
      context.fillRect(left, 0, right - left, size.height);
      context.globalAlpha = 0.8;
      context.fillRect(left, 0, 1, size.height);
      context.fillRect(right - 1, 0, 1, size.height);
      context.globalAlpha = 1;
    }
  }
  if (inView(scene.view, scene.now)) {
    context.fillStyle = colours.faint;
    context.fillRect(Math.round(x(scene.now)), 0, 1, size.height);
  }
}
