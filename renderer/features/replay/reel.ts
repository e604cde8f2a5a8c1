import { pastBranches, type ReplayStep, type ReplayWindow, type RoomChanges } from '../../../contract/replay.ts';
import { topics } from '../../../contract/topics.ts';
import type { Topic } from '../../../contract/wire/definition.ts';

type StateOf<One> = One extends Topic<infer State, infer _> ? State : never;
type Topics = typeof topics;

/** The room's topics at a moment, as far as they have a past, and where branches were. */
export type PastStates = { readonly [Name in Exclude<keyof RoomChanges, 'branches'>]-?: StateOf<Topics[Name]> } & {
  readonly branches: StateOf<typeof pastBranches>;
};

/** A room in which nothing has happened. */
export const NOTHING: PastStates = {
  status: topics.status.initial,
  agents: topics.agents.initial,
  runs: topics.runs.initial,
  mail: topics.mail.initial,
  tasks: topics.tasks.initial,
  merges: topics.merges.initial,
  attention: topics.attention.initial,
  terminals: topics.terminals.initial,
  timeline: topics.timeline.initial,
  evidence: topics.evidence.initial,
  radar: topics.radar.initial,
  branches: pastBranches.initial,
};

function next<State, Delta>(topic: Topic<State, Delta>, state: State, delta: Delta | undefined): State {
  return delta === undefined ? state : topic.reduce(state, delta);
}

/** The states after some changes, by the reducers of the live room; what did not change keeps its reference. */
export function applyChanges(states: PastStates, changes: RoomChanges): PastStates {
  return {
    status: next(topics.status, states.status, changes.status),
    agents: next(topics.agents, states.agents, changes.agents),
    runs: next(topics.runs, states.runs, changes.runs),
    mail: next(topics.mail, states.mail, changes.mail),
    tasks: next(topics.tasks, states.tasks, changes.tasks),
    merges: next(topics.merges, states.merges, changes.merges),
    attention: next(topics.attention, states.attention, changes.attention),
    terminals: next(topics.terminals, states.terminals, changes.terminals),
    timeline: next(topics.timeline, states.timeline, changes.timeline),
    evidence: next(topics.evidence, states.evidence, changes.evidence),
    radar: next(topics.radar, states.radar, changes.radar),
    branches: next(pastBranches, states.branches, changes.branches),
  };
}

/** A stretch of the past that is here, and the room at any moment of it. Times in milliseconds since the epoch. */
export interface Reel {
  readonly from: number;
  readonly until: number;
  /** True when this moment is in it. */
  covers(at: number): boolean;
  stateAt(at: number): PastStates;
  /** Time of the first thing that happened after a moment; null when there is none here. */
  nextAfter(at: number): number | null;
  /** Time of the last thing that happened before a moment; null when none is known. */
  lastBefore(at: number): number | null;
  /** Takes the window that begins where this reel ends. Any other is left out. */
  append(window: ReplayWindow): void;
}

/** What is seen without anything happening: the watchdog and the radar look, money is counted. No step for a person. */
const LOOKING: ReadonlySet<string> = new Set(['evidence', 'radar', 'status'] satisfies (keyof RoomChanges)[]);

function isQuiet(step: ReplayStep): boolean {
  const names = Object.keys(step.changes);
  return names.length > 0 && names.every((name) => LOOKING.has(name));
}

/** Changes between two kept states: going back costs at most so many. */
const KEPT_EVERY = 32;
/** Changes held at most; the older half goes then. */
const MOST_STEPS = 6_000;

export function createReel(window: ReplayWindow): Reel {
  let from = window.from;
  let until = window.until;
  let previousAt = window.previousAt;
  let steps: readonly ReplayStep[] = window.steps;
  /** States before steps 0, 32, 64 …; made as they are passed. */
  let kept: PastStates[] = [applyChanges(NOTHING, window.start)];
  /** The state after so many steps that was asked for last. */
  let cursor = { count: 0, states: kept[0] ?? NOTHING };

  /** How many steps are not after a moment. */
  function countAt(at: number): number {
    let low = 0;
    let high = steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((steps[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function after(count: number): PastStates {
    let begin = cursor.count <= count ? cursor : null;
    const place = Math.min(Math.floor(count / KEPT_EVERY), kept.length - 1);
    if (begin === null || begin.count < place * KEPT_EVERY)
      begin = { count: place * KEPT_EVERY, states: kept[place] ?? NOTHING };
    let { states } = begin;
    for (let index = begin.count; index < count; index += 1) {
      if (index === kept.length * KEPT_EVERY) kept.push(states);
      const step = steps[index];
      if (step !== undefined) states = applyChanges(states, step.changes);
    }
    cursor = { count, states };
    return states;
  }

  return {
    get from() {
      return from;
    },
    get until() {
      return until;
    },
    covers: (at) => at >= from && at <= until,
    stateAt: (at) => after(countAt(at)),
    nextAfter(at) {
      for (let index = countAt(at); index < steps.length; index += 1) {
        const step = steps[index];
        if (step !== undefined && !isQuiet(step)) return step.at;
      }
      return null;
    },
    lastBefore(at) {
      for (let index = countAt(at - 1) - 1; index >= 0; index -= 1) {
        const step = steps[index];
        if (step !== undefined && !isQuiet(step)) return step.at;
      }
      return previousAt !== null && previousAt < at ? previousAt : null;
    },
    append(more) {
      if (more.from !== until) return;
      until = more.until;
      steps = [...steps, ...more.steps];
      if (steps.length <= MOST_STEPS) return;
      const drop = Math.floor(MOST_STEPS / 2);
      const states = after(drop);
      from = steps[drop - 1]?.at ?? from;
      previousAt = steps.slice(0, drop).findLast((step) => !isQuiet(step))?.at ?? previousAt;
      steps = steps.slice(drop);
      kept = [states];
      cursor = { count: 0, states };
    },
  };
}
