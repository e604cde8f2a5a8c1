import type { AgentSession } from './sessionRow.ts';

/** For tests: a session with every required field set; overrides win. */
export function testSession(agentName: string, overrides: Partial<AgentSession> = {}): AgentSession {
  return {
    id: `session-1-${agentName}`,
    agentName,
    capability: 'builder',
    worktreePath: `/project/.overstory/worktrees/${agentName}`,
    branchName: `overstory/${agentName}/task-1`,
    taskId: 'task-1',
    tmuxSession: '',
    state: 'booting',
    pid: null,
    parentAgent: null,
    depth: 0,
    runId: null,
    startedAt: '2026-03-05T14:52:26.089Z',
    lastActivity: '2026-03-05T14:52:26.089Z',
    escalationLevel: 0,
    stalledSince: null,
    transcriptPath: null,
    ...overrides,
  };
}
