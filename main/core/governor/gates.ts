import type { AttentionItem } from '../../../contract/attention.ts';
import type { BudgetMeasure, BudgetScope } from '../../../contract/governor.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';

/** A cap that was reached and what was asked about it. */
export interface ReachedCap {
  readonly scope: BudgetScope;
  readonly id: string;
  readonly measure: BudgetMeasure;
  /** Both when it was reached; the limit with all raises until then. */
  readonly used: number;
  readonly limit: number;
  /** ISO. */
  readonly at: string;
  /** False once a person has said to keep it so: nothing is asked any more. */
  readonly asking: boolean;
}

/** What a person may answer. */
export type GateAnswer =
  | { readonly do: 'raise'; readonly by: number }
  | { readonly do: 'keep' }
  | { readonly do: 'stop' };

const PREFIX = 'gate:cap:';

/** Id of a cap's gate. The limit is part of it: a cap that was raised and reached again is a new question. */
export function gateId(cap: Pick<ReachedCap, 'scope' | 'id' | 'measure' | 'limit'>): string {
  return `${PREFIX}${cap.scope}:${cap.id}:${cap.measure}:${cap.limit}`;
}

export function isGateId(id: string): boolean {
  return id.startsWith(PREFIX);
}

/** An amount with its unit: "$2.50", "12 turns", "90 minutes". */
export function amount(value: number, measure: BudgetMeasure): string {
  switch (measure) {
    case 'usd':
      return `$${value.toFixed(2)}`;
    case 'turns':
      return `${Math.round(value)} ${Math.round(value) === 1 ? 'turn' : 'turns'}`;
    case 'minutes':
      return `${Math.round(value)} ${Math.round(value) === 1 ? 'minute' : 'minutes'}`;
  }
}

/** Who is capped: "agent csv-writer", "task OV-1", "the run", "today". */
export function nameOf(scope: BudgetScope, id: string): string {
  switch (scope) {
    case 'agent':
      return id;
    case 'task':
      return `task ${id}`;
    case 'run':
      return `run ${id}`;
    case 'day':
      return `the day ${id}`;
  }
}

function titleOf(scope: BudgetScope, id: string): string {
  const name = nameOf(scope, id);
  // An agent's name is written as it is.
  return scope === 'agent' ? name : `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;
}

/** The step a raise proposes: half of the limit, a whole number where a part makes no sense. */
export function proposedRaise(cap: Pick<ReachedCap, 'limit' | 'measure'>): number {
  const half = cap.limit / 2;
  if (cap.measure === 'usd') return Math.max(0.01, Math.round(half * 100) / 100);
  return Math.max(1, Math.round(half));
}

const KEEP = 'Keep paused';
const STOP_WORDS: Readonly<Record<BudgetScope, string>> = {
  agent: 'Stop the agent',
  task: 'Stop its agents',
  run: 'Stop its agents',
  day: 'Stop all agents',
};

/** Why nobody of that scope gets a turn, one line. */
export function capReason(cap: Pick<ReachedCap, 'scope' | 'id' | 'measure' | 'used' | 'limit'>): string {
  return `${nameOf(cap.scope, cap.id)} has reached its cap of ${amount(cap.limit, cap.measure)} (${amount(cap.used, cap.measure)} used)`;
}

/** The question as an item of the attention queue, answerable like any other gate. */
export function gateItem(cap: ReachedCap): AttentionItem {
  return {
    id: gateId(cap),
    kind: 'gate',
    agent: cap.scope === 'agent' ? cap.id : null,
    taskId: cap.scope === 'task' ? cap.id : null,
    title: `${titleOf(cap.scope, cap.id)} has reached its cap of ${amount(cap.limit, cap.measure)}`,
    detail: `${amount(cap.used, cap.measure)} used. Turns that run go on to their end; no new one begins until you answer. To raise it by another amount, answer with the number.`,
    options: [`Raise by ${amount(proposedRaise(cap), cap.measure)}`, KEEP, STOP_WORDS[cap.scope]],
    mailId: null,
    mergeId: null,
    at: cap.at,
  };
}

/** The questions that are open; a day that is over asks nothing any more. */
export function openGates(
  state: { readonly reached: Readonly<Record<string, ReachedCap>> },
  today: string,
): readonly AttentionItem[] {
  return Object.values(state.reached)
    .filter((reached) => reached.asking && (reached.scope !== 'day' || reached.id === today))
    .map(gateItem);
}

/** Reads an answer: one of the options, or words of one's own such as "raise by 12.50", "20", "keep", "stop". */
export function readAnswer(answer: string, cap: Pick<ReachedCap, 'measure'>): Result<GateAnswer> {
  const text = answer.trim().toLowerCase();
  if (/^stop\b/.test(text)) return ok({ do: 'stop' });
  if (/^keep\b/.test(text)) return ok({ do: 'keep' });
  const match =
    /^(?:raise(?:\s+it)?(?:\s+by)?\s*)?\+?\s*\$?\s*(\d+(?:\.\d+)?)\s*(?:usd|dollars?|turns?|minutes?|min)?$/.exec(text);
  const by = Number(match?.[1] ?? Number.NaN);
  if (Number.isFinite(by) && by > 0) {
    if (cap.measure === 'turns' && !Number.isInteger(by))
      return fail('validation', `turns are raised by a whole number, not ${by}`);
    return ok({ do: 'raise', by });
  }
  return fail(
    'validation',
    `"${answer.trim()}" is no answer here: give an amount to raise the cap by, "keep" or "stop"`,
  );
}
