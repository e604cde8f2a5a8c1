import type { AgentStatus, AgentView } from '../../../contract/agents.ts';
import type { AttentionItem } from '../../../contract/attention.ts';
import type { WatchedRoom } from '../../../contract/notices.ts';
import type { RunView } from '../../../contract/runs.ts';

/** An agent for tests. */
export function agentView(name: string, status: AgentStatus, more: Partial<AgentView> = {}): AgentView {
  return {
    name,
    capability: 'builder',
    state: 'working',
    status,
    taskId: 'task-1',
    taskTitle: null,
    parent: null,
    depth: 1,
    runId: null,
    runtime: 'rehearsal',
    model: null,
    branch: `overstory/${name}`,
    worktree: '',
    activity: 'reads the code',
    startedAt: '2026-01-01T00:00:00.000Z',
    lastEvidenceAt: '2026-01-01T00:00:00.000Z',
    turn: null,
    turnCount: 0,
    unreadMail: 0,
    costUsd: null,
    retry: null,
    reason: null,
    terminalId: `agent:${name}`,
    conversationId: null,
    ...more,
  };
}

/** An attention item for tests. */
export function attentionItem(
  kind: AttentionItem['kind'],
  agent: string | null,
  more: Partial<AttentionItem> = {},
): AttentionItem {
  return {
    id: `${kind}:${agent ?? '1'}`,
    kind,
    agent,
    taskId: null,
    title: 'Which format?',
    detail: 'CSV or JSON',
    options: [],
    mailId: null,
    mergeId: null,
    at: '2026-01-01T00:00:00.000Z',
    ...more,
  };
}

/** A run for tests. */
export function runView(id: string, status: RunView['status'], more: Partial<RunView> = {}): RunView {
  return {
    id,
    startedAt: '2026-01-01T00:00:00.000Z',
    completedAt: null,
    status,
    coordinator: 'coordinator',
    agentCount: 3,
    costUsd: null,
    current: true,
    ...more,
  };
}

/** A room of these for tests. */
export function watchedRoom(
  content: {
    readonly agents?: readonly AgentView[];
    readonly attention?: readonly AttentionItem[];
    readonly runs?: readonly RunView[];
  } = {},
): WatchedRoom {
  return {
    agents: Object.fromEntries((content.agents ?? []).map((agent) => [agent.name, agent])),
    attention: Object.fromEntries((content.attention ?? []).map((item) => [item.id, item])),
    runs: Object.fromEntries((content.runs ?? []).map((run) => [run.id, run])),
  };
}
