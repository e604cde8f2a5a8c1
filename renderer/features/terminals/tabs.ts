import type { AgentView } from '../../../contract/agents.ts';
import type { TerminalView } from '../../../contract/terminals.ts';
import { isAlive } from '../../actions/agentActions.tsx';
import { treeRows } from '../../stores/agentTree.ts';
import { stableList } from '../../stores/reuse.ts';

/** One tab: an agent's terminal or a shell. */
export interface TabRow {
  /** Id of the terminal. */
  readonly id: string;
  readonly kind: 'agent' | 'shell';
  /** The agent whose terminal it is, or in whose worktree the shell runs. */
  readonly agent: string | null;
  /** Counts the shells of one place from 1; 0 for an agent's terminal. */
  readonly number: number;
}

const NOTHING_FOLDED: ReadonlySet<string> = new Set();

/**
 * The tabs in their order: agents as in the agent tree, then shells, oldest first. Every agent that is alive has one
 * until it is closed, an ended one when it was opened; a shell has one until it is closed.
 */
export function tabRows(
  agents: Readonly<Record<string, AgentView>>,
  terminals: Readonly<Record<string, TerminalView>>,
  opened: readonly string[],
  closed: ReadonlySet<string>,
): readonly TabRow[] {
  const wanted = new Set(opened);
  const rows: TabRow[] = [];
  for (const { name } of treeRows(agents, NOTHING_FOLDED)) {
    const agent = agents[name];
    if (agent === undefined) continue;
    if (wanted.has(agent.terminalId) || (isAlive(agent) && !closed.has(agent.terminalId)))
      rows.push({ id: agent.terminalId, kind: 'agent', agent: name, number: 0 });
  }
  const shells = Object.values(terminals)
    .filter((terminal) => terminal.kind === 'shell')
    .sort((left, right) => left.createdAt.localeCompare(right.createdAt) || left.id.localeCompare(right.id));
  const counts = new Map<string | null, number>();
  for (const { id, agent } of shells) {
    const number = (counts.get(agent) ?? 0) + 1;
    counts.set(agent, number);
    rows.push({ id, kind: 'shell', agent, number });
  }
  return rows;
}

/** `tabRows`, the same list as long as the tabs are the same. */
export const selectTabs = stableList(
  tabRows,
  (left: TabRow, right: TabRow) =>
    left.id === right.id && left.kind === right.kind && left.agent === right.agent && left.number === right.number,
);

/** The tab in front: the one wanted, else that of the selected agent, else the first. Null when there is none. */
export function frontTab(rows: readonly TabRow[], wanted: string | null, selectedAgent: string | null): string | null {
  const found =
    rows.find((row) => row.id === wanted) ??
    rows.find((row) => row.kind === 'agent' && row.agent === selectedAgent) ??
    rows[0];
  return found?.id ?? null;
}

/** The tab that comes to the front when `id` leaves: the one to its right, else to its left. */
export function neighbour(rows: readonly TabRow[], id: string): string | null {
  const at = rows.findIndex((row) => row.id === id);
  if (at < 0) return rows[0]?.id ?? null;
  return (rows[at + 1] ?? rows[at - 1])?.id ?? null;
}

/** Label of a tab: the agent, or where a shell runs, and which of several there it is. */
export function tabLabel({ id, kind, agent, number }: TabRow): string {
  if (kind === 'agent') return agent ?? id;
  const place = agent === null ? 'shell' : `shell · ${agent}`;
  return number > 1 ? `${place} ${number}` : place;
}

/** How a shell ended, in words; null while it runs. */
export function exitWords(terminal: Pick<TerminalView, 'running' | 'exit'>): string | null {
  if (terminal.running) return null;
  const { exit } = terminal;
  if (exit === null) return 'This shell has not started.';
  if (exit.signal !== null) return `Ended by signal ${exit.signal}.`;
  return `Ended with exit code ${exit.code ?? 'unknown'}.`;
}
