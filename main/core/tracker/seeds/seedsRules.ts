import { z } from 'zod';
import { TaskId } from '../../../../contract/ids.ts';
import type { TaskColumn } from '../../../../contract/tasks.ts';

/** An issue of seeds as its file has it. Only what the board shares is read; everything else is carried along untouched. */
export const SeedsIssue = z.looseObject({
  id: z.string(),
  title: z.string(),
  status: z.string(),
  priority: z.number().optional(),
  description: z.string().optional(),
  blocks: z.array(z.string()).optional(),
  blockedBy: z.array(z.string()).optional(),
});
export type SeedsIssue = z.infer<typeof SeedsIssue>;

export const SHARED_STATES = ['open', 'in_progress', 'closed'] as const;
export type SharedState = (typeof SHARED_STATES)[number];

/** What a card and an issue both have. */
export const SharedTask = z.object({
  title: z.string(),
  description: z.string(),
  priority: z.number(),
  state: z.enum(SHARED_STATES),
  blockedBy: z.array(z.string()),
});
export type SharedTask = z.infer<typeof SharedTask>;

/** A card as far as an issue knows it. */
export interface CardFacts {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly priority: number;
  readonly column: TaskColumn;
  readonly blockedBy: readonly string[];
}

/** Columns of the board in the tracker's three words. */
export function stateOfColumn(column: TaskColumn): SharedState {
  switch (column) {
    case 'backlog':
    case 'ready':
      return 'open';
    case 'in_progress':
    case 'review':
    case 'merging':
      return 'in_progress';
    case 'done':
      return 'closed';
  }
}

/** Where a card goes that is in another state than its column says. */
export function columnOfState(state: SharedState): TaskColumn {
  switch (state) {
    case 'open':
      return 'ready';
    case 'in_progress':
      return 'in_progress';
    case 'closed':
      return 'done';
  }
}

export function sharedOfCard(card: CardFacts): SharedTask {
  const { title, description, priority, column, blockedBy } = card;
  return { title, description, priority, state: stateOfColumn(column), blockedBy: [...blockedBy].sort() };
}

/** A status nobody knows counts as open, a priority outside of 0 to 4 as the nearest. */
export function sharedOfIssue(issue: SeedsIssue): SharedTask {
  const status = z.enum(SHARED_STATES).safeParse(issue.status);
  return {
    title: issue.title.trim() === '' ? issue.id : issue.title,
    description: issue.description ?? '',
    priority: Math.min(4, Math.max(0, Math.round(issue.priority ?? 2))),
    state: status.success ? status.data : 'open',
    blockedBy: [...(issue.blockedBy ?? [])].filter((id) => TaskId.safeParse(id).success).sort(),
  };
}

/** What one side has to learn from the other; empty when both say the same. */
export type SharedPatch = Partial<SharedTask>;

/**
 * Merges a card and its issue field by field, as both were when they last agreed: what one side has changed goes to the
 * other. Where both have changed a field, the issue wins: it is what other programs and git see.
 */
export function reconcile(
  base: SharedTask | null,
  card: SharedTask,
  issue: SharedTask,
): { readonly toCard: SharedPatch; readonly toIssue: SharedPatch; readonly agreed: SharedTask } {
  const toCard: Record<string, unknown> = {};
  const toIssue: Record<string, unknown> = {};
  const agreed: Record<string, unknown> = {};
  for (const field of Object.keys(SharedTask.shape) as (keyof SharedTask)[]) {
    const issueChanged = base === null || !same(issue[field], base[field]);
    const winner = issueChanged ? issue[field] : card[field];
    agreed[field] = winner;
    if (!same(card[field], winner)) toCard[field] = winner;
    if (!same(issue[field], winner)) toIssue[field] = winner;
  }
  return { toCard, toIssue, agreed: SharedTask.parse(agreed) };
}

/** The issue of a card nobody has told the tracker about. */
export function newIssue(card: CardFacts, at: string): SeedsIssue {
  const { title, description, priority, state, blockedBy } = sharedOfCard(card);
  return {
    id: card.id,
    title,
    status: state,
    type: 'task',
    priority,
    createdAt: at,
    updatedAt: at,
    ...(description === '' ? {} : { description }),
    ...(blockedBy.length === 0 ? {} : { blockedBy }),
  };
}

/** The issue with what the board has changed of it; `closedAt` follows the status. */
export function patchIssue(issue: SeedsIssue, patch: SharedPatch, at: string): SeedsIssue {
  const { state, ...fields } = patch;
  const next: Record<string, unknown> = { ...issue, ...fields, updatedAt: at };
  if (fields.description === '') delete next.description;
  if (fields.blockedBy?.length === 0) delete next.blockedBy;
  if (state !== undefined) {
    next.status = state;
    if (state === 'closed') next.closedAt = at;
    else {
      delete next.closedAt;
      delete next.closeReason;
    }
  }
  return SeedsIssue.parse(next);
}

/**
 * All issues with their dependencies in order: `blocks` mirrors `blockedBy`, and an issue that is closed blocks nobody any
 * more. Issues that need no change are the same objects.
 */
export function linkIssues(issues: readonly SeedsIssue[], at: string): readonly SeedsIssue[] {
  const closed = new Set(issues.filter((issue) => issue.status === 'closed').map((issue) => issue.id));
  const waiting = issues.map((issue) => {
    const left = (issue.blockedBy ?? []).filter((id) => !closed.has(id));
    return left.length === (issue.blockedBy ?? []).length ? issue : patchIssue(issue, { blockedBy: left }, at);
  });
  const blocks = new Map<string, string[]>();
  for (const issue of waiting) {
    for (const id of issue.blockedBy ?? []) blocks.set(id, [...(blocks.get(id) ?? []), issue.id]);
  }
  return waiting.map((issue) => {
    const missing = (blocks.get(issue.id) ?? []).filter((id) => !(issue.blocks ?? []).includes(id));
    if (missing.length === 0) return issue;
    return SeedsIssue.parse({ ...issue, blocks: [...(issue.blocks ?? []), ...missing], updatedAt: at });
  });
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
