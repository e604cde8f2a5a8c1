import type { AgentState } from '../../../contract/agents.ts';
import type { CompletionCheck, TriggerResult } from '../../../contract/coordinator.ts';
import type { Config } from '../config/schema.ts';

/** What the exit triggers of a coordinator are judged by (spec 03 §4.4). */
export interface ExitFacts {
  /** Null when no run goes on. */
  readonly runId: string | null;
  /** Agents of that run. */
  readonly agents: readonly { readonly name: string; readonly capability: string; readonly state: AgentState }[];
  /** Branches that wait for their merge or are being merged. */
  readonly mergesWaiting: readonly string[];
  /** Tasks somebody could begin now; the tracker's error when it cannot say. */
  readonly readyTasks: { readonly ok: true; readonly count: number } | { readonly ok: false; readonly error: string };
  /** Mail to the coordinator since the run began, newest first. */
  readonly mail: readonly { readonly from: string; readonly subject: string }[];
}

type Triggers = Config['coordinator']['exitTriggers'];

const OFF: TriggerResult = { enabled: false, met: false, detail: '' };

/** Roles that stay until the run ends: nobody waits for them. */
const STANDING: ReadonlySet<string> = new Set(['coordinator', 'orchestrator', 'monitor']);

/**
 * Whether a coordinator may stop: at least one trigger is enabled, and every enabled one is met (spec 03 §4.4). Of the
 * reference's defects a dead agent no longer blocks for ever, and a shutdown mail counts when it was read, too.
 */
export function checkCompletion(triggers: Triggers, facts: ExitFacts): CompletionCheck {
  const results = {
    allAgentsDone: triggers.allAgentsDone ? allAgentsDone(facts) : OFF,
    taskTrackerEmpty: triggers.taskTrackerEmpty ? taskTrackerEmpty(facts) : OFF,
    onShutdownSignal: triggers.onShutdownSignal ? onShutdownSignal(facts) : OFF,
  };
  const enabled = Object.values(results).filter((result) => result.enabled);
  return { complete: enabled.length > 0 && enabled.every((result) => result.met), triggers: results };
}

function allAgentsDone({ runId, agents, mergesWaiting }: ExitFacts): TriggerResult {
  if (runId === null) return no('No current run found');
  const workers = agents.filter((agent) => !STANDING.has(agent.capability));
  if (workers.length === 0) return no('No agents have been slung yet');
  const open = workers.filter((agent) => agent.state !== 'completed' && agent.state !== 'zombie');
  if (open.length > 0) return no(open.map((agent) => `${agent.name}:${agent.state}`).join(', '));
  if (mergesWaiting.length > 0)
    return no(`${mergesWaiting.length} branch(es) pending merge: ${mergesWaiting.join(', ')}`);
  const dead = workers.filter((agent) => agent.state === 'zombie').map((agent) => agent.name);
  const done = `All ${workers.length} agents completed`;
  return yes(dead.length === 0 ? done : `${done} or dead; look after ${dead.join(', ')}`);
}

function taskTrackerEmpty({ readyTasks }: ExitFacts): TriggerResult {
  if (!readyTasks.ok) return no(`Tracker error: ${readyTasks.error}`);
  return readyTasks.count === 0 ? yes('No unblocked issues') : no(`${readyTasks.count} unblocked issue(s)`);
}

function onShutdownSignal({ mail }: ExitFacts): TriggerResult {
  const signal = mail.find((message) => /shutdown/i.test(message.subject));
  return signal === undefined
    ? no('No shutdown signal received')
    : yes(`Shutdown signal from ${signal.from}: ${signal.subject}`);
}

const yes = (detail: string): TriggerResult => ({ enabled: true, met: true, detail });
const no = (detail: string): TriggerResult => ({ enabled: true, met: false, detail });
