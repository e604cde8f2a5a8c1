import type { AgentStatus, AgentView } from '../../contract/agents.ts';

/** Zones of the tray's menu, in the order they are shown (ui.md "Desktop"). */
export const ZONES = ['needsYou', 'working', 'idle', 'done'] as const;
export type Zone = (typeof ZONES)[number];

export const ZONE_TITLES: Readonly<Record<Zone, string>> = {
  needsYou: 'Needs you',
  working: 'Working',
  idle: 'Idle',
  done: 'Done',
};

/** Agents of one zone that the menu lists; more are counted in one line. */
const LISTED = 12;

/** Zone of each status: what needs a person's eye is in the first one. */
export function zoneOf(status: AgentStatus): Zone {
  switch (status) {
    case 'needsYou':
    case 'stalled':
    case 'dead':
      return 'needsYou';
    case 'starting':
    case 'working':
    case 'inTurn':
      return 'working';
    case 'resting':
      return 'idle';
    case 'done':
      return 'done';
  }
}

export interface TrayZone {
  readonly zone: Zone;
  /** Zone's name and how many are in it: "Working (3)". */
  readonly title: string;
  readonly agents: readonly { readonly name: string; readonly label: string }[];
  /** Agents that are in the zone and not listed. */
  readonly more: number;
}

/** Everything the tray shows of a room. */
export interface TrayModel {
  readonly zones: readonly TrayZone[];
  /** Things that wait for a person: the badge. */
  readonly attention: number;
  readonly paused: boolean;
  readonly tooltip: string;
}

/** Builds what the tray shows; zones without agents are left out, agents are in alphabetical order. */
export function trayModel(input: {
  readonly projectName: string | null;
  readonly agents: Readonly<Record<string, AgentView>>;
  readonly attention: number;
  readonly paused: boolean;
}): TrayModel {
  const agents = Object.values(input.agents).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const zones = ZONES.map((zone): TrayZone => {
    const members = agents.filter((agent) => zoneOf(agent.status) === zone);
    return {
      zone,
      title: `${ZONE_TITLES[zone]} (${members.length})`,
      agents: members
        .slice(0, LISTED)
        .map((agent) => ({ name: agent.name, label: `${agent.name}: ${agent.activity}` })),
      more: Math.max(0, members.length - LISTED),
    };
  }).filter((zone) => zone.agents.length > 0);
  const working = countWorking(input.agents);
  const parts = [
    input.projectName ?? 'no project',
    `${working} working`,
    ...(input.attention > 0 ? [`${input.attention} need you`] : []),
    ...(input.paused ? ['fleet paused'] : []),
  ];
  return { zones, attention: input.attention, paused: input.paused, tooltip: `Overstory: ${parts.join(', ')}` };
}

/** Agents that would be cut off in the middle of something. */
export function countWorking(agents: Readonly<Record<string, AgentView>>): number {
  return Object.values(agents).filter((agent) => zoneOf(agent.status) === 'working').length;
}
