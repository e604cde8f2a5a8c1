import { z } from 'zod';
import { LIMITS } from './limits.ts';
import { fitsBranch, hasNameShape, NAME_RULE } from './names.ts';

/** Name of an agent: one path segment, so it can never escape the worktree folder (spec 02 §3.2, unvalidated there). */
export const AgentName = z
  .string()
  .min(1)
  .max(LIMITS.nameLength)
  .refine(hasNameShape, { error: `agent name must be ${NAME_RULE}`, abort: true })
  .refine(fitsBranch, 'agent name must be usable in a branch name');

/** Task id: also one path segment, because it names `.overstory/specs/<id>.md` and a branch. */
export const TaskId = z
  .string()
  .min(1)
  .max(LIMITS.nameLength)
  .refine(hasNameShape, { error: `task id must be ${NAME_RULE}`, abort: true })
  .refine(fitsBranch, 'task id must be usable in a branch name');

/** A mailbox address: an agent, `operator`, `orchestrator`, or a group such as `@builders`. */
export const Address = z
  .string()
  .min(1)
  .max(LIMITS.nameLength + 1)
  .regex(/^@?[A-Za-z0-9][A-Za-z0-9._-]*$/, `address must be an agent name or @group`);

export const MailId = z.string().min(1).max(100);
export const RunId = z.string().min(1).max(100);
export const TurnId = z.string().min(1).max(200);
export const TerminalId = z.string().min(1).max(200);

/** ISO 8601 in UTC with milliseconds and `Z` (architecture.md §5). */
export const Timestamp = z.string();

/** The mailbox of the person in the room. */
export const OPERATOR = 'operator';
