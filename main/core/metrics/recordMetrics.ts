import type { UsageStore } from '../governor/usageStore.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import type { TurnStore } from '../turns/turnStore.ts';
import type { MetricsStore } from './metricsStore.ts';

export interface MetricsSources {
  readonly metrics: MetricsStore;
  readonly usage: Pick<UsageStore, 'agentTask'>;
  readonly sessions: Pick<SessionStore, 'getByName'>;
}

/**
 * Writes an agent's row and snapshot of metrics.db after a turn (spec 03 §2.1, §2.3): both are running totals computed anew
 * from the turn rows, so doing it twice, or late, gives the same.
 */
export function recordMetrics(
  sources: MetricsSources,
  turn: { readonly agentName: string; readonly taskId: string; readonly endedAt: string },
): void {
  const { metrics, usage, sessions } = sources;
  const use = usage.agentTask(turn.agentName, turn.taskId);
  if (use === null) return;
  const session = sessions.getByName(turn.agentName);
  const over = session === null || session.state === 'completed' || session.state === 'zombie';
  const before = metrics.getByTask(turn.taskId).find((row) => row.agentName === turn.agentName);
  const { sessionId: _sessionId, turns: _turns, estimatedTurns: _estimated, ...row } = use;
  metrics.recordSession({
    ...row,
    durationMs: Math.round(use.durationMs),
    completedAt: over ? use.completedAt : null,
    mergeResult: before?.mergeResult ?? null,
    parentAgent: session === null || session.parentAgent === '' ? null : session.parentAgent,
  });
  if (metrics.latestSnapshotAt(turn.agentName) === turn.endedAt) return;
  metrics.recordSnapshot({
    agentName: use.agentName,
    inputTokens: use.inputTokens,
    outputTokens: use.outputTokens,
    cacheReadTokens: use.cacheReadTokens,
    cacheCreationTokens: use.cacheCreationTokens,
    estimatedCostUsd: use.estimatedCostUsd,
    modelUsed: use.modelUsed,
    runId: use.runId,
    createdAt: turn.endedAt,
  });
}

/** Makes up for turns whose metrics an engine did not get to write. */
export function catchUpMetrics(sources: MetricsSources, turns: Pick<TurnStore, 'latestByAgent'>): void {
  for (const turn of turns.latestByAgent().values()) {
    if (turn.endedAt === null || sources.metrics.latestSnapshotAt(turn.agentName) === turn.endedAt) continue;
    recordMetrics(sources, { agentName: turn.agentName, taskId: turn.taskId ?? '', endedAt: turn.endedAt });
  }
}
