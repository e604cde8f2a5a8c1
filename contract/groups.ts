import { z } from 'zod';
import { Timestamp } from './ids.ts';

/** A task group as kept in `groups.json` (spec 02 §4.4). */
export const GroupView = z.object({
  id: z.string(),
  name: z.string(),
  memberIssueIds: z.array(z.string()),
  status: z.enum(['active', 'completed']),
  createdAt: Timestamp,
  completedAt: Timestamp.nullable(),
});
export type GroupView = z.infer<typeof GroupView>;

/** How far a group is, counted by its tasks (spec 02 §4.4). */
export const GroupProgress = z.object({
  group: GroupView,
  total: z.number().int(),
  completed: z.number().int(),
  inProgress: z.number().int(),
  blocked: z.number().int(),
  open: z.number().int(),
});
export type GroupProgress = z.infer<typeof GroupProgress>;

const IssueIds = z.array(z.string().min(1).max(64)).max(500);

export const CreateGroupInput = z.object({
  name: z.string().max(200),
  issueIds: IssueIds,
  /** Takes ids nobody has a card for. */
  skipValidation: z.boolean().default(false),
});
export const AddToGroupInput = z.object({
  /** Id, or name when only one group has it. */
  group: z.string().min(1).max(200),
  issueIds: IssueIds.min(1),
  skipValidation: z.boolean().default(false),
});
export const RemoveFromGroupInput = AddToGroupInput.omit({ skipValidation: true });
