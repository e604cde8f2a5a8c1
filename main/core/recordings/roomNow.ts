import type { RoomMoment } from '../../../contract/history.ts';
import { toMergeView } from '../merge/mergeRecords.ts';
import type { Stores } from '../stores.ts';

/**
 * The state the stores hold right now, in the shape of a recorded moment, without branches: what `stateAt` must give for
 * this very moment. For tests and for the demo's check.
 */
export function roomNow(stores: Stores): Omit<RoomMoment, 'heads'> {
  const { sessions, runs, mail, turns, control, mergeQueue } = stores;
  const settings = new Map(control.listAgentSettings().map((one) => [one.agentName, one]));
  const agents: RoomMoment['agents'] = {};
  const past: RoomMoment['turns'] = {};
  for (const session of sessions.getAll()) {
    const launched = settings.get(session.agentName);
    agents[session.agentName] = {
      capability: session.capability,
      state: session.state,
      taskId: session.taskId,
      parent: session.parentAgent,
      depth: session.depth,
      runId: session.runId,
      branch: session.branchName,
      worktree: session.worktreePath,
      startedAt: session.startedAt,
      pid: session.pid,
      escalationLevel: session.escalationLevel,
      stalledSince: session.stalledSince,
      conversationId: session.claudeSessionId ?? null,
      runtime: launched?.runtime ?? null,
      model: launched?.model ?? null,
      reason: launched?.reason ?? null,
    };
    for (const turn of turns.listByAgent(session.agentName, Number.MAX_SAFE_INTEGER)) {
      const { agentName: agent, number, state, startedAt, endedAt, outcome, reason, costUsd, model } = turn;
      past[turn.turnId] = { agent, number, state, startedAt, endedAt, outcome, reason, costUsd, model };
    }
  }
  return {
    agents,
    turns: past,
    runs: Object.fromEntries(
      runs
        .listRuns({})
        .map(({ id, status, startedAt, completedAt, coordinatorName }) => [
          id,
          { status, startedAt, completedAt, coordinator: coordinatorName },
        ]),
    ),
    mail: Object.fromEntries(
      mail.getAll().map(({ id, body: _body, payload: _payload, reference: _reference, delivery, ...rest }) => [
        id,
        {
          ...rest,
          delivery: {
            state: delivery?.state ?? 'queued',
            turnId: delivery?.turnId ?? null,
            attempts: delivery?.attempts ?? 0,
            nextAttemptAt: delivery?.nextAttemptAt ?? null,
          },
        },
      ]),
    ),
    tasks: Object.fromEntries(
      control
        .listTasks()
        .map(({ id, files, blockedBy, ...rest }) => [id, { ...rest, files: [...files], blockedBy: [...blockedBy] }]),
    ),
    merges: Object.fromEntries(
      mergeQueue.list().map((entry) => [String(entry.id), toMergeView(entry, control.getMergeOutcome(entry.id))]),
    ),
    paused: control.getSetting('fleet.paused') === true,
  };
}
