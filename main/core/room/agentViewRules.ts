import type { AgentHold, AgentState, AgentStatus, AgentView } from '../../../contract/agents.ts';
import type { GuardState } from '../../../contract/runtimes.ts';

/** Session facts an agent's view is made of; the shape of a session row (spec 01 §1.1) without what no face needs. */
export interface SessionFacts {
  readonly agentName: string;
  readonly capability: string;
  readonly worktreePath: string;
  readonly branchName: string;
  readonly taskId: string;
  readonly state: AgentState;
  readonly parentAgent: string | null;
  readonly depth: number;
  readonly runId: string | null;
  readonly startedAt: string;
  readonly lastActivity: string;
  readonly claudeSessionId?: string;
}

/** What the other stores know of that agent. */
export interface AgentFacts {
  readonly taskTitle: string | null;
  readonly runtime: string;
  readonly model: string | null;
  /** How far its runtime's guards hold; absent or null: nobody knows. */
  readonly guards?: GuardState['level'] | null;
  readonly turn: { readonly id: string; readonly number: number; readonly startedAt: string } | null;
  readonly turnCount: number;
  /** What the running turn did last, in plain words; null when it has done nothing yet. */
  readonly doing: string | null;
  readonly unreadMail: number;
  readonly costUsd: number | null;
  readonly retry: { readonly attempt: number; readonly nextAttemptAt: string; readonly reason: string } | null;
  readonly reason: string | null;
  /** Title of the gate or question this agent waits on a person for; null when there is none. */
  readonly asks: string | null;
  /** Why it gets no turn although mail may wait; null when nothing holds it. */
  readonly hold: AgentHold | null;
  /** Names of children that are not yet done or dead. */
  readonly liveChildren: readonly { readonly name: string; readonly capability: string }[];
}

/** What a person is shown for a stored state. A question to the operator outranks resting and working. */
export function agentStatus(state: AgentState, asks: boolean): AgentStatus {
  switch (state) {
    case 'completed':
      return 'done';
    case 'zombie':
      return 'dead';
    case 'stalled':
      return asks ? 'needsYou' : 'stalled';
    case 'booting':
      return asks ? 'needsYou' : 'starting';
    case 'working':
      return asks ? 'needsYou' : 'working';
    case 'in_turn':
      return 'inTurn';
    case 'between_turns':
      return asks ? 'needsYou' : 'resting';
  }
}

/** The agent's second line: what it is doing now, in plain words (ui.md "Direction"). */
export function describeActivity(state: AgentState, facts: AgentFacts): string {
  if (facts.hold !== null && state !== 'completed' && state !== 'zombie')
    return describeHold(facts.hold, facts.unreadMail);
  switch (state) {
    case 'completed':
      return facts.reason ?? 'done';
    case 'zombie':
      return facts.reason ?? 'dead, its worktree is kept';
    case 'in_turn':
    case 'working':
      return facts.doing ?? 'reading its mail';
    case 'booting':
    case 'stalled':
    case 'between_turns':
      if (facts.asks !== null) return `asks: ${facts.asks}`;
      if (facts.turn !== null) return facts.doing ?? 'starting its turn';
      if (facts.retry !== null) return `${facts.retry.reason}, attempt ${facts.retry.attempt + 1} follows`;
      if (facts.unreadMail > 0)
        return facts.unreadMail === 1
          ? '1 mail waits for its next turn'
          : `${facts.unreadMail} mails wait for its next turn`;
      if (facts.liveChildren.length > 0) return `resting, waits for ${countChildren(facts.liveChildren)}`;
      return state === 'booting' ? 'starting' : 'resting, waits for mail';
  }
}

/** A quota with a known end needs nobody, and a person who has taken over is there already. */
function wantsPerson(hold: AgentHold | null): boolean {
  if (hold === null) return false;
  return hold.kind === 'needsLogin' || hold.kind === 'resumeOffer' || (hold.kind === 'quotaExhausted' && !hold.until);
}

function describeHold(hold: AgentHold, unreadMail: number): string {
  const waiting = unreadMail === 0 ? '' : `; ${unreadMail === 1 ? '1 mail waits' : `${unreadMail} mails wait`}`;
  return `${hold.reason}${waiting}`;
}

function countChildren(children: AgentFacts['liveChildren']): string {
  const [first] = children;
  if (first === undefined) return 'nobody';
  if (children.length === 1) return first.name;
  const same = children.every((child) => child.capability === first.capability);
  return `${children.length} ${same ? `${first.capability}s` : 'agents'}`;
}

/** Puts an agent's view together; pure, so that any state of the stores can be shown and tested. */
export function buildAgentView(session: SessionFacts, facts: AgentFacts): AgentView {
  return {
    name: session.agentName,
    capability: session.capability as AgentView['capability'],
    state: session.state,
    status: agentStatus(session.state, facts.asks !== null || wantsPerson(facts.hold)),
    taskId: session.taskId,
    taskTitle: facts.taskTitle,
    parent: session.parentAgent === '' ? null : session.parentAgent,
    depth: session.depth,
    runId: session.runId,
    runtime: facts.runtime,
    model: facts.model,
    guards: facts.guards ?? null,
    branch: session.branchName,
    worktree: session.worktreePath,
    activity: describeActivity(session.state, facts),
    startedAt: session.startedAt,
    lastEvidenceAt: session.lastActivity,
    turn: facts.turn,
    turnCount: facts.turnCount,
    unreadMail: facts.unreadMail,
    costUsd: facts.costUsd,
    retry: session.state === 'completed' || session.state === 'zombie' ? null : facts.retry,
    reason: facts.reason,
    terminalId: agentTerminalId(session.agentName),
    conversationId: session.claudeSessionId ?? null,
    hold: session.state === 'completed' || session.state === 'zombie' ? null : facts.hold,
  };
}

/** Id of an agent's terminal; one per agent for its whole life. */
export function agentTerminalId(agentName: string): string {
  return `agent:${agentName}`;
}
