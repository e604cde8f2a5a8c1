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
