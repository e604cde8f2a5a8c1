import { z } from 'zod';

/** How far a role's limits hold under a runtime (issue 3, design/real-agents.md). */
export const GUARD_LEVELS = ['enforced', 'advisory', 'absent'] as const;

/** How far guards hold under a version of a runtime, and whether a canary call has shown it. */
export const GuardState = z.object({
  /** `absent` also when the guard did not answer the canary call. */
  level: z.enum(GUARD_LEVELS),
  /** Null when no canary call was made for this version. */
  verified: z.boolean().nullable(),
  note: z.string(),
});
export type GuardState = z.infer<typeof GuardState>;

/** A runtime as a person weighs it: can it run here, what is missing, and what would it do. */
export const RuntimeView = z.object({
  name: z.string(),
  ready: z.boolean(),
  version: z.string().nullable(),
  /** Null when that cannot be told without asking the account's server. */
  loggedIn: z.boolean().nullable(),
  /** One line: the version, or what is missing and what to do. */
  detail: z.string(),
  warning: z.string().nullable(),
  stability: z.enum(['stable', 'beta', 'experimental']),
  features: z.object({
    /** `structured`: a turn prints events. `text`: its words are all that is seen of it. */
    turns: z.enum(['structured', 'text']),
    /** A later turn goes on in the conversation. */
    resume: z.boolean(),
    /** The span its token counts cover. */
    usage: z.enum(['turn', 'thread', 'none']),
    cost: z.enum(['process', 'none']),
    guards: z.enum(GUARD_LEVELS),
    /** In a few words, how. */
    guardNote: z.string(),
  }),
  /** What the canary call of this version found; absent where no engine was asked. */
  guard: GuardState.optional(),
  /** Turns without a terminal: every runtime that can be slung has them. */
  headless: z.boolean(),
  /** Can be opened on a terminal for a person who takes an agent over. */
  interactive: z.boolean(),
  /** `default`, roles that name it in config.yaml, or both. */
  usedBy: z.array(z.string()),
});
export type RuntimeView = z.infer<typeof RuntimeView>;

/** `refresh` asks every runtime anew; otherwise answers of the last minute will do. */
export const RuntimesInput = z.object({ refresh: z.boolean().default(false) });
export type RuntimesInput = z.infer<typeof RuntimesInput>;
