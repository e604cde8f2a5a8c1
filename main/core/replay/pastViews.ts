import { AgentState, type AgentView } from '../../../contract/agents.ts';
import { PAUSED } from '../../../contract/history.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import type { RecordingView } from '../../../contract/recordings.ts';
import type { PastBranch } from '../../../contract/replay.ts';
import { RunStatus, type RunView } from '../../../contract/runs.ts';
import type { RoomStatus } from '../../../contract/status.ts';
import type { TaskView } from '../../../contract/tasks.ts';
import type { TerminalView } from '../../../contract/terminals.ts';
import { parseTimestamp } from '../../platform/clock.ts';
import { PROJECT_HEAD } from '../recordings/gitHeads.ts';
import { buildAgentView } from '../room/agentViewRules.ts';
import type { PastFacts } from './pastFacts.ts';
import { pastGovernor, pastTick } from './pastSights.ts';

/** What a past room needs beside the rows: what is the same at every moment. */
export interface PastProject {
  readonly project: Pick<RoomStatus['project'], 'root' | 'name' | 'canonicalBranch'>;
  readonly engine: RoomStatus['engine'];
  readonly recordings: readonly RecordingView[];
}

/** Characters of a commit as the status bar shows it. */
const SHORT_COMMIT = 7;
const OVER: ReadonlySet<string> = new Set(['completed', 'zombie']);

/** An agent as the room showed it, by the rule that shows live ones; null when there was none. */
export function pastAgent(
  facts: PastFacts,
  name: string,
  asks: ReadonlyMap<string, string>,
  doing: string | null,
): AgentView | null {
  const session = facts.rows('agent').get(name);
  if (session === undefined) return null;
  const row = session.value;
  const settings = facts.rows('agentSettings').get(name)?.value;
  const newest = facts.newestTurn(name);
  const running = newest?.state === 'running' ? newest : null;
  const box = mailbox(facts, name);
  const view = buildAgentView(
    {
      agentName: name,
      capability: row.capability,
      worktreePath: row.worktree,
      branchName: row.branch,
      taskId: row.taskId,
      state: AgentState.catch('working').parse(row.state),
      parentAgent: row.parent,
      depth: row.depth,
      runId: row.runId,
      startedAt: row.startedAt,
      lastActivity: facts.lastSign(name) ?? row.startedAt,
      ...(row.conversationId === null ? {} : { claudeSessionId: row.conversationId }),
    },
    {
      taskTitle: facts.rows('task').get(row.taskId)?.value.title ?? null,
      runtime: settings?.runtime ?? 'unknown',
      model: newest?.model ?? settings?.model ?? null,
      guards: facts.rows('guards').get(name)?.value.level ?? null,
      turn: running === null ? null : { id: running.id, number: running.number, startedAt: running.startedAt },
      turnCount: newest?.number ?? 0,
      doing: running === null ? null : doing,
      unreadMail: box.count,
      costUsd: costOf(facts, facts.turnsOf(name)),
      retry: box.retry,
      reason: settings?.reason ?? null,
      asks: asks.get(name) ?? null,
      hold: facts.holds().get(name) ?? null,
      liveChildren: [...facts.rows('agent')].flatMap(([child, { value }]) =>
        value.parent === name && !OVER.has(value.state) ? [{ name: child, capability: value.capability }] : [],
      ),
    },
  );
  const loop = [...facts.rows('finding').values()].find(
    ({ value }) => value.kind === 'loop' && value.closedAt === null && value.turnId === running?.id,
  );
  return loop === undefined ? view : { ...view, status: 'stalled', activity: `repeats itself: ${loop.value.detail}` };
}

function mailbox(facts: PastFacts, name: string): { readonly count: number; readonly retry: AgentView['retry'] } {
  let count = 0;
  let retry: AgentView['retry'] = null;
  for (const [id, { value }] of facts.rows('mail')) {
    if (value.to !== name || value.read) continue;
    const way = facts.rows('delivery').get(id)?.value;
    if (way !== undefined && way.state !== 'queued') continue;
    count += 1;
    if (way !== undefined && way.attempts > 0)
      retry ??= {
        attempt: way.attempts,
        nextAttemptAt: way.nextAttemptAt ?? value.createdAt,
        reason: way.reason ?? 'the last turn failed',
      };
  }
  return { count, retry };
}

/** US dollars of some turns; null when none has told any. */
function costOf(facts: PastFacts, turns: Iterable<string>): number | null {
  const costs: number[] = [];
  for (const id of turns) {
    const cost = facts.rows('turn').get(id)?.value.costUsd ?? null;
    if (cost !== null) costs.push(cost);
  }
  // Always in one order: sums of fractions depend on it in their last digit.
  const sum = costs.sort((one, other) => one - other).reduce((total, cost) => total + cost, 0);
  return costs.length === 0 ? null : sum;
}

export function pastRuns(facts: PastFacts): readonly RunView[] {
  const current = currentRun(facts);
  return [...facts.rows('run')].map(([id, { value }]) => {
    const agents = [...facts.rows('agent')].filter(([, agent]) => agent.value.runId === id).map(([name]) => name);
    return {
      id,
      startedAt: value.startedAt,
      completedAt: value.completedAt,
      status: RunStatus.catch('active').parse(value.status),
      coordinator: value.coordinator,
      agentCount: agents.length,
      costUsd: costOf(
        facts,
        agents.flatMap((name) => [...facts.turnsOf(name)]),
      ),
      current: id === current,
    };
  });
}

/** The run that was going on: the newest without an end. Which one the project's file named is not recorded. */
function currentRun(facts: PastFacts): string | null {
  let newest: { readonly id: string; readonly startedAt: string } | null = null;
  for (const [id, { value }] of facts.rows('run'))
    if (value.status === 'active' && (newest === null || newest.startedAt < value.startedAt))
      newest = { id, startedAt: value.startedAt };
  return newest?.id ?? null;
}

export function pastTask(facts: PastFacts, id: string): TaskView | null {
  const row = facts.rows('task').get(id)?.value;
  if (row === undefined) return null;
  const { position, ...rest } = row;
  // Whether there was a spec then is not recorded.
  return { id, ...rest, specPath: null, order: position };
}

/** Terminals whose recording had begun. A shell ran for as long as something was written. */
export function pastTerminals(facts: PastFacts, recordings: readonly RecordingView[], at: number): TerminalView[] {
  return recordings.flatMap((recording) => {
    if (parseTimestamp(recording.from) > at) return [];
    const running =
      recording.kind === 'agent'
        ? recording.agent !== null && facts.newestTurn(recording.agent)?.state === 'running'
        : parseTimestamp(recording.to) >= at;
    return [
      {
        id: recording.terminalId,
        kind: recording.kind,
        agent: recording.agent,
        title: recording.title,
        cwd: '',
        running,
        pid: null,
        exit: running ? null : { code: null, signal: null },
        createdAt: recording.from,
      },
    ];
  });
}

export function pastBranch(facts: PastFacts, name: string): PastBranch | null {
  const row = facts.rows('head').get(name);
  return row === undefined ? null : { name, ...row.value, at: row.at };
}

/** The values of strip and status bar. */
export function pastStatus(
  facts: PastFacts,
  project: PastProject,
  runs: readonly RunView[],
  activity: number[],
  at: number,
): RoomStatus {
  const head = facts.rows('head').get(PROJECT_HEAD)?.value;
  const runId = currentRun(facts);
  const spent =
    runId ??
    runs.reduce<RunView | null>((one, run) => (one === null || one.startedAt < run.startedAt ? run : one), null)?.id;
  let queued = 0;
  for (const [id, { value }] of facts.rows('mail')) {
    const state = facts.rows('delivery').get(id)?.value.state ?? 'queued';
    if (value.to !== OPERATOR && !value.read && state === 'queued') queued += 1;
  }
  return {
    project: {
      ...project.project,
      branch: head?.branch ?? null,
      head: head?.commit?.slice(0, SHORT_COMMIT) ?? null,
    },
    engine: project.engine,
    runId,
    activity,
    watchdog: pastTick(facts),
    terminals: pastTerminals(facts, project.recordings, at).length,
    mailQueued: queued,
    mergesWaiting: [...facts.rows('merge').values()].filter(
      ({ value }) => value.status === 'pending' || value.status === 'merging',
    ).length,
    spendUsd: runs.find((run) => run.id === spent)?.costUsd ?? null,
    paused: facts.rows('setting').get(PAUSED)?.value.value === 'true',
    governor: pastGovernor(facts),
  };
}
