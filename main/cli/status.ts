import type { AgentView } from '../../contract/agents.ts';
import type { Invocation } from './command.ts';
import { failWith, succeed, table } from './output.ts';
import { readRoom } from './roomSnapshot.ts';

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
export async function showStatus(invocation: Invocation, all: boolean): Promise<void> {
  const room = await readRoom(invocation.project);
  if (!room.ok) return failWith(invocation, room.error);
  const { agents, status, attention } = room.value;
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
