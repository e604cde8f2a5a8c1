import { z } from 'zod';
import { AgentName } from './ids.ts';
import { ConflictKind } from './radar.ts';

/** What of a conflict travels; whatever is cut is told in a line of its own. */
export const CONFLICT_LIMITS = {
  /** Files of one merge or pair that are listed; the count tells of all. */
  files: 500,
  /** Hunks of one file. */
  hunks: 100,
  /** Lines of one side of one hunk. */
  hunkLines: 400,
  /** Characters of one line. */
  lineCharacters: 1_000,
  /** Characters of one file's hunks in all: a message is at most 2 MiB (`LIMITS.frameBytes`). */
  characters: 500_000,
  /** Lines around a hunk. */
  context: 3,
  /** Bytes of one version of a file; a larger one is only told of. */
  fileBytes: 4 * 1024 * 1024,
} as const;

/** A file that two sides changed in ways git cannot join. */
export const ConflictedFile = z.object({
  path: z.string(),
  kind: ConflictKind,
  /** One line that names the sides: what stands in the way. */
  words: z.string(),
});
export type ConflictedFile = z.infer<typeof ConflictedFile>;

/** One version of a hunk. `lines` are those from `line` on, at most `CONFLICT_LIMITS.hunkLines` of `count`. */
export const HunkSide = z.object({ lines: z.array(z.string()), count: z.number().int().nonnegative() });
export type HunkSide = z.infer<typeof HunkSide>;

/** A place both sides changed: what each made of it, and what it was where they parted. */
export const ConflictHunk = z.object({
  /** First line, from 1, in the merged file as it would be with our side taken everywhere. */
  line: z.number().int().positive(),
  before: z.array(z.string()),
  ours: HunkSide,
  /** Null when git does not say. */
  base: HunkSide.nullable(),
  theirs: HunkSide,
  after: z.array(z.string()),
});
export type ConflictHunk = z.infer<typeof ConflictHunk>;

/** A conflicting file with its hunks. */
export const FileConflict = z.object({
  file: ConflictedFile,
  /** Whether each version has the file. */
  has: z.object({ base: z.boolean(), ours: z.boolean(), theirs: z.boolean() }),
  hunks: z.array(ConflictHunk),
  hunkCount: z.number().int().nonnegative(),
  /** Why there are no hunks, or fewer than there are; null: everything is here. */
  note: z.string().nullable(),
});
export type FileConflict = z.infer<typeof FileConflict>;

/** Two worktrees of the radar; without `other` it is the target branch. */
export const RadarPairInput = z.object({ one: AgentName, other: AgentName.nullable() });
export const RadarFileInput = RadarPairInput.extend({ path: z.string().min(1).max(4_096) });

/** Names of the two sides as they are shown, with the conflicting files between them. */
export const ConflictList = z.object({
  ours: z.string(),
  theirs: z.string(),
  files: z.array(ConflictedFile),
  count: z.number().int().nonnegative(),
});
export type ConflictList = z.infer<typeof ConflictList>;
