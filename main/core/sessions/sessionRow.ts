import type { AgentState } from '../../../contract/agents.ts';

/** One agent's session (spec 01 §1.1). Times are ISO 8601 in UTC. */
export interface AgentSession {
  /** `session-<epoch ms>-<agent name>` by convention. */
  readonly id: string;
  readonly agentName: string;
  readonly capability: string;
  /** Absolute path; the project root for persistent agents. */
  readonly worktreePath: string;
  readonly branchName: string;
  /** Empty for persistent agents. */
  readonly taskId: string;
  /** Empty means headless. */
  readonly tmuxSession: string;
  /** The column has no CHECK: a word another program wrote comes through as it is (`isAgentState` tells). */
  readonly state: AgentState;
  readonly pid: number | null;
  /** Null when spawned by the operator. */
  readonly parentAgent: string | null;
  readonly depth: number;
  readonly runId: string | null;
  readonly startedAt: string;
  readonly lastActivity: string;
  /** 0 warn, 1 nudge, 2 triage, 3 terminate. */
  readonly escalationLevel: number;
  readonly stalledSince: string | null;
  readonly transcriptPath: string | null;
  /** The key is absent when the column is null. */
  readonly promptVersion?: string;
  /** Runtime conversation to resume; the key is absent when there is none. */
  readonly claudeSessionId?: string;
}

/** The table row as SQLite gives and takes it. */
export interface SessionRow {
  readonly id: string;
  readonly agent_name: string;
  readonly capability: string;
  readonly worktree_path: string;
  readonly branch_name: string;
  readonly task_id: string;
  readonly tmux_session: string;
  readonly state: string;
  readonly pid: number | null;
  readonly parent_agent: string | null;
  readonly depth: number;
  readonly run_id: string | null;
  readonly started_at: string;
  readonly last_activity: string;
  readonly escalation_level: number;
  readonly stalled_since: string | null;
  readonly transcript_path: string | null;
  readonly prompt_version: string | null;
  readonly claude_session_id: string | null;
}

/** Columns in table order, for inserts. */
export const SESSION_COLUMNS = [
  'id',
  'agent_name',
  'capability',
  'worktree_path',
  'branch_name',
  'task_id',
  'tmux_session',
  'state',
  'pid',
  'parent_agent',
  'depth',
  'run_id',
  'started_at',
  'last_activity',
  'escalation_level',
  'stalled_since',
  'transcript_path',
  'prompt_version',
  'claude_session_id',
] as const satisfies readonly (keyof SessionRow)[];

/** Reads a row; null `prompt_version` and `claude_session_id` leave their keys out (spec 01 §1.1). */
export function fromSessionRow(row: SessionRow): AgentSession {
  return {
    id: row.id,
    agentName: row.agent_name,
    capability: row.capability,
    worktreePath: row.worktree_path,
    branchName: row.branch_name,
    taskId: row.task_id,
    tmuxSession: row.tmux_session,
    state: row.state as AgentState,
    pid: row.pid,
    parentAgent: row.parent_agent,
    depth: row.depth,
    runId: row.run_id,
    startedAt: row.started_at,
    lastActivity: row.last_activity,
    escalationLevel: row.escalation_level,
    stalledSince: row.stalled_since,
    transcriptPath: row.transcript_path,
    ...(row.prompt_version === null ? {} : { promptVersion: row.prompt_version }),
    ...(row.claude_session_id === null ? {} : { claudeSessionId: row.claude_session_id }),
  };
}

/** Writes a row; absent optional keys become NULL, which erases what an earlier row held (spec 01 §1.6). */
export function toSessionRow(session: AgentSession): SessionRow {
  return {
    id: session.id,
    agent_name: session.agentName,
    capability: session.capability,
    worktree_path: session.worktreePath,
    branch_name: session.branchName,
    task_id: session.taskId,
    tmux_session: session.tmuxSession,
    state: session.state,
    pid: session.pid,
    parent_agent: session.parentAgent,
    depth: session.depth,
    run_id: session.runId,
    started_at: session.startedAt,
    last_activity: session.lastActivity,
    escalation_level: session.escalationLevel,
    stalled_since: session.stalledSince,
    transcript_path: session.transcriptPath,
    prompt_version: session.promptVersion ?? null,
    claude_session_id: session.claudeSessionId ?? null,
  };
}
