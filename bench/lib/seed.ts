import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openStores, type Stores } from '../../main/core/stores.ts';
import { timestamp } from '../../main/platform/clock.ts';
import { must } from './must.ts';

/** An agent of a seeded project. */
export interface SeededAgent {
  readonly name: string;
  readonly taskId: string;
  readonly sessionId: string;
  readonly worktree: string;
}

export function agentNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `agent-${String(index + 1).padStart(2, '0')}`);
}

/** Writes sessions and launch settings as slinging would have left them, without the cost of slinging. No engine may run. */
export async function seedAgents(
  stores: Stores,
  overstory: string,
  names: readonly string[],
  state: 'between_turns' | 'in_turn',
): Promise<readonly SeededAgent[]> {
  const at = timestamp(Date.now());
  const agents = names.map((name) => ({
    name,
    taskId: `task-${name}`,
    sessionId: `session-${Date.now()}-${name}`,
    worktree: join(overstory, 'worktrees', name),
  }));
  for (const agent of agents) {
    await mkdir(agent.worktree, { recursive: true });
    stores.sessions.upsert({
      id: agent.sessionId,
      agentName: agent.name,
      capability: 'builder',
      worktreePath: agent.worktree,
      branchName: `overstory/${agent.name}/${agent.taskId}`,
      taskId: agent.taskId,
      tmuxSession: '',
      state,
      pid: null,
      parentAgent: null,
      depth: 0,
      runId: null,
      startedAt: at,
      lastActivity: at,
      escalationLevel: 0,
      stalledSince: null,
      transcriptPath: null,
    });
    stores.control.putAgentSettings({
      agentName: agent.name,
      runtime: 'rehearsal',
      model: null,
      specPath: null,
      files: [],
      reason: null,
    });
  }
  return agents;
}

/** Amounts of things that have happened before. */
export interface History {
  readonly mails: number;
  /** Tool calls, spread evenly over the last hour. */
  readonly toolCalls: number;
  /** Ended turns of each agent. */
  readonly turns: number;
}

/** Fills the stores with what the first hour of a run leaves behind. No engine may run. */
export function seedHistory(stores: Stores, names: readonly string[], history: History): void {
  const start = Date.now() - 3_600_000;
  const name = (index: number): string => names[index % names.length] ?? 'agent';
  const at = (index: number, count: number): string => timestamp(start + Math.floor((3_500_000 * index) / count));
  inBatches(history.mails, (index) => ({
    from: name(index),
    to: 'orchestrator',
    subject: `Report ${index}`,
    body: 'All tests pass; the branch is ready to be looked at.',
    createdAt: at(index, history.mails),
  })).forEach((batch) => {
    for (const mail of must(stores.mail.insertMany(batch))) stores.mail.markRead(mail.id);
  });
  inBatches(history.toolCalls, (index) => ({
    agentName: name(index),
    eventType: 'tool_start' as const,
    toolName: 'Edit',
    toolArgs: '{"file_path":"src/part1/file1.ts"}',
    toolDurationMs: 12,
    createdAt: at(index, history.toolCalls),
  })).forEach((batch) => void stores.events.insertMany(batch));
  for (let turn = 0; turn < history.turns; turn += 1) {
    for (const agentName of names) {
      const turnId = `${agentName}-past-${turn}`;
      const startedAt = at(turn, history.turns);
      must(
        stores.turns.start({
          turnId,
          agentName,
          sessionId: `session-${agentName}`,
          runId: null,
          prompt: 'Go on.',
          logDirectory: '/nowhere',
          startedAt,
          resumeId: null,
          model: null,
        }),
      );
      must(
        stores.turns.end(turnId, {
          endedAt: startedAt,
          exitCode: 0,
          signal: null,
          outcome: 'rest',
          reason: null,
          costUsd: 0.02,
        }),
      );
    }
  }
}

function inBatches<Item>(count: number, make: (index: number) => Item): Item[][] {
  const batches: Item[][] = [];
  for (let start = 0; start < count; start += 500)
    batches.push(Array.from({ length: Math.min(500, count - start) }, (_, offset) => make(start + offset)));
  return batches;
}

/** Opens the stores, lets `work` write, and closes them again. */
export async function withStores<Value>(
  overstory: string,
  work: (stores: Stores) => Promise<Value> | Value,
): Promise<Value> {
  const stores = must(await openStores(overstory));
  try {
    return await work(stores);
  } finally {
    stores.close();
  }
}
