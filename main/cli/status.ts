import type { AgentView } from '../../contract/agents.ts';
import type { Invocation } from './command.ts';
import { succeed, table } from './output.ts';
import type { RoomSnapshot } from './roomStates.ts';

/** Glyph and word of a status, the same as in the room. */
const GLYPHS: Readonly<Record<AgentView['status'], string>> = {
  starting: '○',
  working: '●',
  inTurn: '▶',
  resting: '◌',
  needsYou: '◆',
  stalled: '◐',
  dead: '✕',
  done: '✓',
};

/** `ov status`: who does what right now; `all` shows ended agents too. */
export function showStatus(invocation: Invocation, room: RoomSnapshot, all: boolean): void {
  const { agents, status, attention } = room;
  const shown = agents.filter((agent) => all || (agent.status !== 'done' && agent.status !== 'dead'));
  const rows = shown.map((agent) => [
    `${GLYPHS[agent.status]} ${agent.status}`,
    agent.name,
    agent.capability,
    agent.taskId || '-',
    agent.activity,
  ]);
  const lines =
    rows.length === 0 ? ['No agents are active.'] : table([['state', 'agent', 'role', 'task', 'now'], ...rows]);
  if (attention.length > 0)
    lines.push('', `${attention.length} need you:`, ...attention.map((item) => `  ◆ ${item.title}`));
  succeed(invocation, 'status', { agents: shown, runId: status?.runId ?? null, attention, status }, lines);
}
