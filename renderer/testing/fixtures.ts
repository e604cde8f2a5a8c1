import type { AgentStatus, AgentView } from '../../contract/agents.ts';
import type { AttentionItem } from '../../contract/attention.ts';
import type { MailMessage } from '../../contract/mail.ts';
import type { MergeView } from '../../contract/merges.ts';
import type { RoomStatus } from '../../contract/status.ts';
import type { TaskView } from '../../contract/tasks.ts';
import type { TranscriptItem } from '../../contract/transcripts.ts';

/** The moment all fixtures are seen from. */
export const NOW = Date.parse('2026-11-23T14:40:00.000Z');

/** A timestamp so many seconds before `NOW`. */
export function ago(seconds: number): string {
  return new Date(NOW - seconds * 1_000).toISOString();
}

/** A builder in the middle of its work; give what differs. */
export function agentView(name: string, more: Partial<AgentView> = {}): AgentView {
  const status: AgentStatus = more.status ?? 'inTurn';
  return {
    name,
    capability: 'builder',
    state: status === 'done' ? 'completed' : status === 'dead' ? 'zombie' : 'in_turn',
    status,
    taskId: 'OV-1',
    taskTitle: 'A task',
    parent: null,
    depth: 0,
    runId: 'run-1',
    runtime: 'claude',
    model: 'sonnet',
    branch: `overstory/${name}/OV-1`,
    worktree: `.overstory/worktrees/${name}`,
    activity: 'Edit src/export/csv.ts',
    startedAt: ago(1_800),
    lastEvidenceAt: ago(4),
    turn: status === 'inTurn' ? { id: `${name}/3`, number: 3, startedAt: ago(95) } : null,
    turnCount: 3,
    unreadMail: 0,
    costUsd: 0.41,
    retry: null,
    reason: null,
    terminalId: `agent:${name}`,
    conversationId: null,
    ...more,
  };
}

/** A mail on its way to an agent; give what differs. */
export function mailMessage(id: string, more: Partial<MailMessage> = {}): MailMessage {
  return {
    id,
    from: 'lead-export',
    to: 'csv-writer',
    subject: 'dispatch OV-28',
    body: 'Write the CSV exporter.',
    type: 'dispatch',
    priority: 'normal',
    threadId: null,
    payload: null,
    read: false,
    createdAt: ago(600),
    delivery: { state: 'queued', turnId: null, attempts: 0, nextAttemptAt: null, updatedAt: ago(600) },
    ...more,
  };
}

/** A decision gate; give what differs. */
export function attentionItem(id: string, more: Partial<AttentionItem> = {}): AttentionItem {
  return {
    id,
    kind: 'gate',
    agent: 'tax-rounding',
    taskId: 'OV-27',
    title: 'Round half even or half up?',
    detail: 'The invoices of 2025 use half up.',
    options: ['half even', 'half up'],
    mailId: null,
    mergeId: null,
    at: ago(48),
    ...more,
  };
}

/** A branch that conflicts; give what differs. */
export function mergeView(id: number, more: Partial<MergeView> = {}): MergeView {
  return {
    id,
    branchName: `overstory/agent-${id}/OV-${id}`,
    taskId: `OV-${id}`,
    agentName: `agent-${id}`,
    filesModified: ['src/a.ts'],
    enqueuedAt: ago(300),
    status: 'conflict',
    resolvedTier: null,
    target: 'main',
    conflictFiles: ['src/a.ts'],
    errorMessage: null,
    warnings: [],
    finishedAt: null,
    ...more,
  };
}

/** A task that is ready; give what differs. */
export function taskView(id: string, more: Partial<TaskView> = {}): TaskView {
  return {
    id,
    title: 'A task',
    description: '',
    column: 'ready',
    priority: 2,
    files: [],
    blockedBy: [],
    specPath: null,
    agent: null,
    note: null,
    order: 1,
    createdAt: ago(4_000),
    updatedAt: ago(100),
    ...more,
  };
}

/** A healthy room; give what differs. */
export function roomStatus(more: Partial<RoomStatus> = {}): RoomStatus {
  return {
    project: {
      root: '/home/operator/billing-service',
      name: 'billing-service',
      canonicalBranch: 'main',
      branch: 'main',
      head: '4f2a91c',
    },
    engine: { mode: 'embedded', version: '0.1.0', pid: 4_242, instanceId: 'i', startedAt: ago(2_300) },
    runId: 'run-1',
    activity: Array.from({ length: 60 }, (_, minute) => (minute * 7) % 11),
    watchdog: { lastTickAt: ago(9), agents: 11, verdicts: 1 },
    terminals: 9,
    mailQueued: 0,
    mergesWaiting: 1,
    spendUsd: 4.18,
    paused: false,
    governor: {
      burnUsdPerMinute: 0.12,
      estimated: false,
      unpricedTurns: 0,
      caps: [],
      pauses: [],
      breakers: [],
    },
    ...more,
  };
}

/** A line of an agent's transcript, a minute ago; give what differs. */
export function transcriptItem(
  id: number,
  kind: TranscriptItem['kind'],
  more: Partial<TranscriptItem> = {},
): TranscriptItem {
  return {
    id,
    at: ago(60),
    kind,
    callId: null,
    title: '',
    body: '',
    cut: false,
    added: null,
    removed: null,
    failed: false,
    durationMs: null,
    ...more,
  };
}
