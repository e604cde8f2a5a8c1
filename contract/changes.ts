import { z } from 'zod';
import { AgentName } from './ids.ts';

/** What of an agent's changes travels; whatever is cut is told in a line of its own. */
export const CHANGE_LIMITS = {
  /** Files that are listed; the counts tell of all. */
  files: 2_000,
  /** Lines of one file's difference. */
  lines: 20_000,
  /** Characters of one line. */
  lineCharacters: 2_000,
  /** Characters of one file's difference: a message is at most 2 MiB (`LIMITS.frameBytes`). */
  characters: 900_000,
  /** Bytes of one version of a file; a larger one is only told of. */
  fileBytes: 8 * 1024 * 1024,
} as const;

const CommitId = z.string().regex(/^[0-9a-f]{40,64}$/, 'a commit is named by its whole id');

/** A file that differs from where the agent's branch left the target. */
export const ChangedFile = z.object({
  path: z.string(),
  /** Its former path when it was renamed. */
  from: z.string().nullable(),
  change: z.enum(['added', 'modified', 'deleted', 'renamed', 'mode']),
  /** Lines; null for content without lines. */
  added: z.number().int().nonnegative().nullable(),
  removed: z.number().int().nonnegative().nullable(),
  /** Some of it lies in the worktree only. */
  uncommitted: z.boolean(),
});
export type ChangedFile = z.infer<typeof ChangedFile>;

/** Everything an agent changed, committed or not. The two commits name what was looked at. */
export const AgentChanges = z.object({
  agentName: AgentName,
  branch: z.string(),
  target: z.string(),
  /** Where the branch left the target. */
  base: CommitId,
  /** Last commit of the branch. */
  head: CommitId,
  /** The same with uncommitted work on top; equal to `head` when there is none. */
  tip: CommitId,
  /** Absolute path; null when only the branch is left. */
  worktree: z.string().nullable(),
  files: z.array(ChangedFile),
  count: z.number().int().nonnegative(),
  added: z.number().int().nonnegative(),
  removed: z.number().int().nonnegative(),
  uncommitted: z.number().int().nonnegative(),
});
export type AgentChanges = z.infer<typeof AgentChanges>;

export const FileDiffInput = z.object({
  agentName: AgentName,
  /** As `agents.changes` gave them. */
  base: CommitId,
  tip: CommitId,
  path: z.string().min(1).max(4_096),
  from: z.string().min(1).max(4_096).nullable().default(null),
  /** Lines around each change. */
  context: z.number().int().min(0).max(100_000).default(3),
});

/** One line of a difference with its number on each side that has it. */
export const DiffLine = z.object({
  kind: z.enum(['same', 'added', 'removed']),
  old: z.number().int().positive().nullable(),
  new: z.number().int().positive().nullable(),
  text: z.string(),
  /** The file ends here without a line end. */
  noEnd: z.boolean().optional(),
});
export type DiffLine = z.infer<typeof DiffLine>;

export const DiffHunk = z.object({
  /** First line on each side, from 1; 0 where that side has none. */
  old: z.number().int().nonnegative(),
  new: z.number().int().nonnegative(),
  /** What stands above it in the file, such as the function it is in. */
  heading: z.string(),
  lines: z.array(DiffLine),
});
export type DiffHunk = z.infer<typeof DiffHunk>;

/** The difference of one file. */
export const FileDiff = z.object({
  path: z.string(),
  hunks: z.array(DiffHunk),
  /** Why there is nothing to show, or not all: binary, too large, cut. Null: everything is here. */
  note: z.string().nullable(),
});
export type FileDiff = z.infer<typeof FileDiff>;
