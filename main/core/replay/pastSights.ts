import type { AgentEvidence } from '../../../contract/evidence.ts';
import type { MergeTrace } from '../../../contract/mergeDetail.ts';
import type { RadarView } from '../../../contract/radar.ts';
import type { RoomStatus } from '../../../contract/status.ts';
import type { PastFacts } from './pastFacts.ts';

/** What an agent's evidence was; null when the watchdog had not looked at it. */
export function pastEvidence(facts: PastFacts, agentName: string): AgentEvidence | null {
  return facts.rows('evidence').get(agentName)?.value ?? null;
}

/** A radar that has not looked: an engine that starts knows of no collision yet. */
const BLIND: RadarView = {
  enabled: true,
  target: '',
  lookedAt: null,
  worktrees: [],
  pairs: [],
  order: [],
  cost: { milliseconds: 0, gitProcesses: 0, mergedPairs: 0 },
};

/** The radar put together from its parts, in the order the live one has: youngest agents first (radarService.ts). */
export function pastRadar(facts: PastFacts): RadarView {
  let view = BLIND;
  const worktrees: RadarView['worktrees'] = [];
  const pairs: RadarView['pairs'] = [];
  for (const { value } of facts.rows('radar').values()) {
    switch (value.part) {
      case 'look': {
        const { part: _part, ...look } = value;
        view = { ...view, ...look };
        break;
      }
      case 'order':
        view = { ...view, order: value.order };
        break;
      case 'worktree':
        worktrees.push(value.worktree);
        break;
      case 'pair':
        pairs.push(value.pair);
    }
  }
  const agents = [...facts.rows('agent')].sort(([, one], [, other]) =>
    other.value.startedAt.localeCompare(one.value.startedAt),
  );
  const places = new Map(agents.map(([name], place) => [name, place] as const));
  const place = (name: string): number => places.get(name) ?? places.size;
  worktrees.sort((one, other) => place(one.agentName) - place(other.agentName));
  pairs.sort((one, other) => place(one.one) - place(other.one) || place(one.other) - place(other.other));
  return { ...view, worktrees, pairs };
}

/** Spending and caps as they were shown; nothing known before they were recorded. */
export function pastGovernor(facts: PastFacts): RoomStatus['governor'] {
  const spending = facts.rows('spending').get('all')?.value;
  const caps = [...facts.rows('cap').values()]
    .sort((one, other) => one.value.place - other.value.place)
    .map(({ value }) => value.cap);
  return {
    burnUsdPerMinute: null,
    estimated: false,
    unpricedTurns: 0,
    pauses: [],
    breakers: [],
    ...spending,
    caps,
  };
}

export function pastTick(facts: PastFacts): RoomStatus['watchdog'] {
  return facts.rows('tick').get('watchdog')?.value ?? { lastTickAt: null, agents: 0, verdicts: 0 };
}

/** How far the last attempt to merge an entry had come; null when nothing of it had been kept. */
export function pastTrace(facts: PastFacts, id: number): MergeTrace | null {
  const steps: MergeTrace['steps'] = [];
  let startedAt: string | null = null;
  for (let place = 1; ; place += 1) {
    const row = facts.rows('mergeStep').get(`${id}:${place}`)?.value;
    if (row === undefined) break;
    startedAt = row.startedAt;
    steps.push(row.step);
  }
  return startedAt === null ? null : { startedAt, steps };
}
