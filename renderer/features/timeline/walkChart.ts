import type { TimelineItem } from '../../../contract/timeline.ts';
import type { Lane, TimelineModel } from './timelineModel.ts';
import { inView, type View } from './timeScale.ts';

/** A thing on a lane: what a pointer can rest on there. */
export interface Thing {
  /** Milliseconds since 1970; of a turn its start. */
  readonly at: number;
  /** For a turn that ended, when; otherwise `at`. A running turn has null. */
  readonly end: number | null;
  readonly look: 'turn' | 'mail' | 'tool' | 'mark';
  readonly item: TimelineItem;
}

/** Where the keys stand. By name and id, because lanes and things come while a person walks. */
export interface Spot {
  readonly lane: string;
  readonly item: number;
  /** The time that up and down keep to, so that a walk over the lanes and back ends where it began. */
  readonly at: number;
}

export type Step = 'earlier' | 'later' | 'up' | 'down';

/** Of things at one moment: what holds the others first. */
const RANK: Readonly<Record<Thing['look'], number>> = { turn: 0, mail: 1, tool: 2, mark: 3 };

const walked = new WeakMap<TimelineModel, Map<number, readonly Thing[]>>();

/** Everything on a lane in the order of time; a mail is on its sender's lane and on its recipient's. */
export function thingsOn(model: TimelineModel, index: number): readonly Thing[] {
  const known = walked.get(model) ?? new Map<number, readonly Thing[]>();
  walked.set(model, known);
  const held = known.get(index);
  if (held !== undefined) return held;
  const lane = model.lanes[index];
  const things = lane === undefined ? [] : collect(model, lane, index);
  known.set(index, things);
  return things;
}

function collect(model: TimelineModel, lane: Lane, index: number): readonly Thing[] {
  const single = (look: Thing['look']) => (thing: { readonly at: number; readonly item: TimelineItem }) => ({
    at: thing.at,
    end: thing.at,
    look,
    item: thing.item,
  });
  return [
    ...lane.turns.map((turn): Thing => ({ at: turn.start, end: turn.end, look: 'turn', item: turn.item })),
    ...model.mails.filter((mail) => mail.from === index || mail.to === index).map(single('mail')),
    ...lane.tools.map(single('tool')),
    ...lane.marks.map(single('mark')),
  ].sort((left, right) => left.at - right.at || RANK[left.look] - RANK[right.look] || left.item.id - right.item.id);
}

/** The thing of a spot with the index of its lane; null when it is not on the chart any more. */
export function thingAt(
  model: TimelineModel,
  spot: Spot,
): { readonly lane: number; readonly place: number; readonly thing: Thing } | null {
  const lane = model.lanes.findIndex(({ name }) => name === spot.lane);
  if (lane < 0) return null;
  const things = thingsOn(model, lane);
  const place = things.findIndex(({ item }) => item.id === spot.item);
  const thing = things[place];
  return thing === undefined ? null : { lane, place, thing };
}

/**
 * Where the keys begin: at the chosen event when it is drawn, else at the last thing in sight of the first lane that has
 * one, else at the last thing there is before that.
 */
export function firstSpot(model: TimelineModel, chosen: TimelineItem | null, view: View): Spot | null {
  const first = (pick: (things: readonly Thing[]) => Thing | undefined): Spot | null => {
    for (const [index, { name }] of model.lanes.entries()) {
      const thing = pick(thingsOn(model, index));
      if (thing !== undefined) return { lane: name, item: thing.item.id, at: thing.at };
    }
    return null;
  };
  return (
    (chosen === null ? null : first((things) => things.find(({ item }) => item.id === chosen.id))) ??
    first((things) => things.findLast(({ at }) => inView(view, at))) ??
    first((things) => things.findLast(({ at }) => at <= view.end) ?? things[0])
  );
}

/**
 * One step from a spot: to the thing before or after it on its lane, or to the one nearest in time on the next lane up or
 * down that has anything. At an end, and when the thing is gone, the spot itself or null.
 */
export function stepFrom(model: TimelineModel, spot: Spot, step: Step): Spot | null {
  const here = thingAt(model, spot);
  if (here === null) return null;
  if (step === 'earlier' || step === 'later') {
    const thing = thingsOn(model, here.lane)[here.place + (step === 'later' ? 1 : -1)];
    return thing === undefined ? spot : { lane: spot.lane, item: thing.item.id, at: thing.at };
  }
  const way = step === 'up' ? -1 : 1;
  for (let index = here.lane + way; index >= 0 && index < model.lanes.length; index += way) {
    const thing = nearestThing(thingsOn(model, index), spot.at, here.thing.item.id);
    const lane = model.lanes[index];
    if (thing !== null && lane !== undefined) return { lane: lane.name, item: thing.item.id, at: spot.at };
  }
  return spot;
}

/** The nearest in time; of equally near ones the mail that is followed along its arrow, else the first. */
function nearestThing(things: readonly Thing[], time: number, followed: number): Thing | null {
  let best: Thing | null = null;
  for (const thing of things) {
    if (best !== null) {
      const closer = Math.abs(thing.at - time) - Math.abs(best.at - time);
      if (closer > 0 || (closer === 0 && thing.item.id !== followed)) continue;
    }
    best = thing;
  }
  return best;
}
