import type { AgentHold, AgentState } from '../../../contract/agents.ts';
import type { AttentionItem } from '../../../contract/attention.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import { gateOptions, type MailMessage } from '../../../contract/mail.ts';
import { gateOf } from '../../../contract/mailPayloads.ts';
import type { MergeView } from '../../../contract/merges.ts';
import type { Finding } from '../watchdog/watchdogStore.ts';

/** What attention is derived from; nothing of it is stored twice. */
export interface AttentionFacts {
  /** Mail to or from the operator, and dead letters; order does not matter. */
  readonly mail: readonly MailMessage[];
  readonly agents: readonly {
    readonly agentName: string;
    readonly state: AgentState;
    readonly taskId: string;
    readonly lastActivity: string;
    readonly reason: string | null;
  }[];
  /** Why agents get no turns, by name; absent: nobody is held. */
  readonly holds?: ReadonlyMap<string, AgentHold>;
  readonly merges: readonly MergeView[];
  /** What the watchdog found and nobody has been told of by mail; absent: nothing. */
  readonly findings?: readonly Finding[];
  /** Caps that were reached and wait for an answer, turns that cannot begin; absent: none. */
  readonly gates?: readonly AttentionItem[];
  /** Running agents that are predicted to collide; absent: none. */
  readonly collisions?: readonly AttentionItem[];
  /** Ids a person has put aside. */
  readonly dismissed: ReadonlySet<string>;
}

/**
 * The attention queue: every decision gate and question to the operator without an answer, dead agents, merge conflicts,
 * dead letters and errors sent to the operator; oldest first within their kind's urgency (ui.md "Fleet").
 */
export function deriveAttention(facts: AttentionFacts): readonly AttentionItem[] {
  const answered = new Set<string>();
  for (const message of facts.mail) {
    if (message.from === OPERATOR && message.threadId !== null) answered.add(message.threadId);
  }
  const tasks = new Map(facts.agents.map((agent) => [agent.agentName, agent.taskId] as const));
  const gone = new Set(facts.agents.flatMap(({ agentName, state }) => (state === 'completed' ? [agentName] : [])));
  const items: AttentionItem[] = [...(facts.gates ?? []), ...(facts.collisions ?? [])];
  for (const message of facts.mail) {
    const item = fromMail(message, answered, tasks, gone);
    if (item !== null) items.push(item);
  }
  for (const agent of facts.agents) {
    if (agent.state !== 'zombie') continue;
    items.push({
      // The time is part of the id: an agent that is retried and dies again is a new matter.
      id: `dead:${agent.agentName}:${agent.lastActivity}`,
      kind: 'dead',
      agent: agent.agentName,
      taskId: agent.taskId === '' ? null : agent.taskId,
      title: `${agent.agentName} is dead`,
      detail: agent.reason ?? 'its turn ended and it reported nothing; the worktree is kept',
      options: [],
      mailId: null,
      mergeId: null,
      at: agent.lastActivity,
    });
  }
  for (const [agentName, hold] of facts.holds ?? []) {
    const over = facts.agents.find((agent) => agent.agentName === agentName)?.state;
    if (over === undefined || over === 'completed' || over === 'zombie') continue;
    const item = fromHold(agentName, hold, tasks.get(agentName) ?? null);
    if (item !== null) items.push(item);
  }
  for (const finding of facts.findings ?? []) {
    const taskId = tasks.get(finding.agentName) ?? '';
    items.push({
      id: finding.id,
      kind: finding.kind === 'question' ? 'question' : 'looping',
      agent: finding.agentName,
      taskId: taskId === '' ? null : taskId,
      title: finding.title,
      detail: finding.detail,
      options: [],
      mailId: null,
      mergeId: null,
      at: finding.at,
    });
  }
  for (const merge of facts.merges) {
    if (merge.status !== 'conflict' && merge.status !== 'failed') continue;
    items.push({
      id: `conflict:${merge.id}:${merge.finishedAt ?? ''}`,
      kind: 'conflict',
      agent: merge.agentName,
      taskId: merge.taskId,
      title: merge.hold === undefined ? `${merge.branchName} did not merge` : `${merge.branchName} is held`,
      detail: merge.errorMessage ?? `conflict in ${merge.conflictFiles.join(', ')}`,
      options: [],
      mailId: null,
      mergeId: merge.id,
      ...(merge.hold === undefined ? {} : { held: merge.hold.kind }),
      at: merge.finishedAt ?? merge.enqueuedAt,
    });
  }
  return items
    .filter((item) => !facts.dismissed.has(item.id))
    .sort(
      (one, other) =>
        KIND_ORDER[one.kind] - KIND_ORDER[other.kind] ||
        one.at.localeCompare(other.at) ||
        one.id.localeCompare(other.id),
    );
}

/** Lower comes first: what blocks an agent, then what broke, then what merely went wrong. */
const KIND_ORDER: Readonly<Record<AttentionItem['kind'], number>> = {
  gate: 0,
  question: 1,
  conflict: 2,
  dead: 3,
  looping: 4,
  login: 5,
  quota: 6,
  resume: 7,
  deadLetter: 8,
  error: 9,
  collision: 10,
};

/** A held agent calls for a person, except for one who has taken it over. */
function fromHold(agentName: string, hold: AgentHold, taskId: string | null): AttentionItem | null {
  const base = {
    agent: agentName,
    taskId: taskId === '' ? null : taskId,
    detail: hold.reason,
    options: [] as string[],
    mailId: null,
    mergeId: null,
    at: hold.since,
  };
  switch (hold.kind) {
    case 'needsLogin':
      return { ...base, id: `login:${agentName}:${hold.since}`, kind: 'login', title: `${agentName} needs a login` };
    case 'quotaExhausted':
      return {
        ...base,
        id: `quota:${agentName}:${hold.since}`,
        kind: 'quota',
        title: `the quota of ${agentName} is used up${hold.until === null ? '' : ` until ${hold.until}`}`,
      };
    case 'resumeOffer':
      return {
        ...base,
        id: `resume:${agentName}:${hold.since}`,
        kind: 'resume',
        title: `${agentName} was cut off by a restart`,
      };
    case 'takenOver':
    // A pause was asked for, or its cap has a gate of its own.
    case 'paused':
      return null;
  }
}

function fromMail(
  message: MailMessage,
  answered: ReadonlySet<string>,
  tasks: ReadonlyMap<string, string>,
  gone: ReadonlySet<string>,
): AttentionItem | null {
  const base = {
    agent: message.from,
    taskId: tasks.get(message.from) ?? null,
    options: [] as string[],
    mailId: message.id,
    mergeId: null,
    at: message.createdAt,
  };
  if (message.delivery?.state === 'dead') {
    // A completed reader comes back no more, and its senders have been told.
    if (message.delivery.bouncedTo != null && gone.has(message.to)) return null;
    return {
      ...base,
      id: `deadLetter:${message.id}`,
      kind: 'deadLetter',
      agent: message.to,
      taskId: tasks.get(message.to) ?? null,
      title: `mail to ${message.to} was never taken`,
      detail: message.subject,
    };
  }
  if (message.to !== OPERATOR) return null;
  const thread = message.threadId ?? message.id;
  if (answered.has(thread) || message.delivery?.state === 'acknowledged') return null;
  switch (message.type) {
    case 'decision_gate':
      return {
        ...base,
        id: `gate:${message.id}`,
        kind: 'gate',
        title: message.subject,
        detail: gateDetail(message),
        options: [...gateOptions(message)],
      };
    case 'question':
      return { ...base, id: `question:${message.id}`, kind: 'question', title: message.subject, detail: message.body };
    case 'error':
    case 'escalation':
      return { ...base, id: `error:${message.id}`, kind: 'error', title: message.subject, detail: message.body };
    default:
      return null;
  }
}

/** What a gate asks, and what happens without an answer. */
function gateDetail(message: MailMessage): string {
  const { context, deadline, fallback } = gateOf(message);
  const asked = context ?? message.body;
  if (deadline === null) return asked;
  return `${asked}\n${fallback === null ? `An answer is wanted by ${deadline}.` : `Without an answer by ${deadline}: ${fallback}.`}`;
}

/** What each agent waits on a person for: its oldest open gate or question. */
export function openQuestions(items: readonly AttentionItem[]): ReadonlyMap<string, string> {
  const asks = new Map<string, string>();
  for (const item of items) {
    if (item.agent === null || (item.kind !== 'gate' && item.kind !== 'question')) continue;
    if (!asks.has(item.agent)) asks.set(item.agent, item.title);
  }
  return asks;
}
