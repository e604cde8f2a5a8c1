import type { AgentView } from '../../../contract/agents.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import type { TimelineItem } from '../../../contract/timeline.ts';
import { treeRows } from '../../stores/agentTree.ts';

/** A turn, as a block on its lane. Times in milliseconds since 1970. */
export interface TurnBlock {
  readonly start: number;
  /** Null while the turn runs. */
  readonly end: number | null;
  readonly failed: boolean;
  /** The item that opened it, or the one that closed it when its start is not here. */
  readonly item: TimelineItem;
}

/** A tool call, as a tick. */
export interface ToolTick {
  readonly at: number;
  readonly failed: boolean;
  readonly item: TimelineItem;
}

/** A single moment drawn with a glyph of its own. */
export interface Mark {
  readonly at: number;
  readonly kind: 'merge' | 'error' | 'state' | 'verdict' | 'intervention' | 'note';
  readonly item: TimelineItem;
}

/** The state a lane is in from one time on. */
export interface StateSpan {
  readonly start: number;
  /** Null for the last one. */
  readonly end: number | null;
  readonly state: string;
}

export interface Lane {
  readonly name: string;
  readonly turns: readonly TurnBlock[];
  readonly tools: readonly ToolTick[];
  readonly marks: readonly Mark[];
  readonly states: readonly StateSpan[];
}

/** A mail, from lane to lane. */
export interface MailArrow {
  readonly at: number;
  /** Indexes of lanes. */
  readonly from: number;
  readonly to: number;
  readonly item: TimelineItem;
}

export interface TimelineModel {
  readonly lanes: readonly Lane[];
  readonly mails: readonly MailArrow[];
  /** Times of the first and last item; equal to each other when there is one, 0 when there is none. */
  readonly from: number;
  readonly until: number;
}

/** Names of the lanes: the person first when mail concerns them, then agents as in the tree, then whoever is gone. */
export function laneNames(
  items: readonly TimelineItem[],
  agents: Readonly<Record<string, AgentView>>,
  runId: string | null,
): readonly string[] {
  const seen = new Set<string>();
  for (const item of items) {
    seen.add(item.agent);
    if (item.kind === 'mail' && item.to !== null && !item.to.startsWith('@')) seen.add(item.to);
  }
  const ordered = treeRows(agents, new Set())
    .map((row) => row.name)
    .filter((name) => seen.has(name) || (runId !== null && agents[name]?.runId === runId));
  const gone = [...seen].filter((name) => name !== OPERATOR && agents[name] === undefined).sort();
  return [...(seen.has(OPERATOR) ? [OPERATOR] : []), ...ordered, ...gone];
}

interface Growing {
  readonly turns: TurnBlock[];
  readonly tools: ToolTick[];
  readonly marks: Mark[];
  readonly states: StateSpan[];
  open: { start: number; item: TimelineItem } | null;
}

/**
 * Turns items, oldest first, into what is drawn. A turn whose end is missing lasts to the start of the next one; one
 * whose start is missing begins as long ago as its end says it lasted.
 */
export function buildTimeline(items: readonly TimelineItem[], names: readonly string[]): TimelineModel {
  const lanes = new Map<string, Growing>(
    names.map((name) => [name, { turns: [], tools: [], marks: [], states: [], open: null }]),
  );
  const index = new Map(names.map((name, at) => [name, at]));
  const mails: MailArrow[] = [];
  let from = Number.POSITIVE_INFINITY;
  let until = Number.NEGATIVE_INFINITY;
  for (const item of items) {
    const at = Date.parse(item.at);
    const lane = lanes.get(item.agent);
    if (Number.isNaN(at) || lane === undefined) continue;
    from = Math.min(from, at);
    until = Math.max(until, at);
    place(lane, item, at);
    if (item.kind !== 'mail' || item.to === null) continue;
    const start = index.get(item.agent);
    const end = index.get(item.to);
    if (start !== undefined && end !== undefined && start !== end) mails.push({ at, from: start, to: end, item });
  }
  return {
    lanes: names.map((name) => finished(name, lanes.get(name))),
    mails,
    from: Number.isFinite(from) ? from : 0,
    until: Number.isFinite(until) ? until : 0,
  };
}

function place(lane: Growing, item: TimelineItem, at: number): void {
  const failed = item.level === 'error';
  switch (item.kind) {
    case 'turnStart':
      closeTurn(lane, at, false);
      lane.open = { start: at, item };
      return;
    case 'turnEnd':
      if (lane.open !== null) closeTurn(lane, at, failed);
      else lane.turns.push({ start: at - (item.durationMs ?? 0), end: at, failed, item });
      return;
    case 'tool':
      lane.tools.push({ at, failed, item });
      return;
    case 'toolEnd':
      // The call itself is drawn at its start; only a failure is news.
      if (failed) lane.marks.push({ at, kind: 'error', item });
      return;
    case 'merge':
      lane.marks.push({ at, kind: 'merge', item });
      return;
    case 'error':
      lane.marks.push({ at, kind: 'error', item });
      return;
    case 'state': {
      if (item.state !== null) {
        const last = lane.states.at(-1);
        if (last !== undefined) lane.states[lane.states.length - 1] = { ...last, end: Math.max(last.start, at) };
        lane.states.push({ start: at, end: null, state: item.state });
      }
      lane.marks.push({ at, kind: 'state', item });
      return;
    }
    case 'verdict':
    case 'intervention':
    case 'note':
      lane.marks.push({ at, kind: item.kind, item });
      return;
    case 'text':
    case 'mail':
      return;
  }
}

function closeTurn(lane: Growing, at: number, failed: boolean): void {
  if (lane.open === null) return;
  lane.turns.push({ start: lane.open.start, end: Math.max(lane.open.start, at), failed, item: lane.open.item });
  lane.open = null;
}

function finished(name: string, lane: Growing | undefined): Lane {
  if (lane === undefined) return { name, turns: [], tools: [], marks: [], states: [] };
  const { turns, tools, marks, states, open } = lane;
  return {
    name,
    turns: open === null ? turns : [...turns, { start: open.start, end: null, failed: false, item: open.item }],
    tools,
    marks,
    states,
  };
}

/** Height of a lane in pixels, and where its parts are within it. */
export const LANE = { height: 30, turnTop: 8, turnHeight: 14, middle: 15 } as const;

/** Pixels from the top of the first lane to the middle of a lane. */
export function laneMiddle(lane: number): number {
  return lane * LANE.height + LANE.middle;
}

/** The lane at a height; null above the first and below the last. */
export function laneAt(y: number, count: number): number | null {
  const lane = Math.floor(y / LANE.height);
  return lane >= 0 && lane < count ? lane : null;
}

/** Indexes of the lanes in sight: first and one past the last. */
export function lanesInSight(scrollTop: number, height: number, count: number): readonly [number, number] {
  const first = Math.max(0, Math.floor(scrollTop / LANE.height));
  return [Math.min(first, count), Math.min(count, Math.ceil((scrollTop + height) / LANE.height))];
}

/** Milliseconds on either side of the pointer within which a thin thing is still hit. */
export type Slack = number;

/** What is drawn at a time on a lane: marks before ticks before turns, the nearest first. Null when there is nothing. */
export function itemAt(model: TimelineModel, laneIndex: number, time: number, slack: Slack): TimelineItem | null {
  const lane = model.lanes[laneIndex];
  if (lane === undefined) return null;
  const mark = nearest(lane.marks, time, slack);
  if (mark !== null) return mark;
  const mail = nearest(
    model.mails.filter((arrow) => arrow.from === laneIndex || arrow.to === laneIndex),
    time,
    slack,
  );
  if (mail !== null) return mail;
  const tool = nearest(lane.tools, time, slack);
  if (tool !== null) return tool;
  return (
    lane.turns.findLast((turn) => turn.start <= time && (turn.end ?? Number.POSITIVE_INFINITY) >= time)?.item ?? null
  );
}

function nearest(
  things: readonly { readonly at: number; readonly item: TimelineItem }[],
  time: number,
  slack: number,
): TimelineItem | null {
  let best: TimelineItem | null = null;
  let distance = slack;
  for (const thing of things) {
    const away = Math.abs(thing.at - time);
    if (away > distance) continue;
    distance = away;
    best = thing.item;
  }
  return best;
}
