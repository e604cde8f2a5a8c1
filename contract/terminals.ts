import { z } from 'zod';
import { TerminalId, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';

export const TerminalView = z.object({
  id: TerminalId,
  kind: z.enum(['agent', 'shell']),
  /** The agent it belongs to, or in whose worktree the shell runs; null for a shell in the project root. */
  agent: z.string().nullable(),
  title: z.string(),
  cwd: z.string(),
  /** True while a process runs on it. */
  running: z.boolean(),
  pid: z.number().int().nullable(),
  exit: z.object({ code: z.number().int().nullable(), signal: z.number().int().nullable() }).nullable(),
  createdAt: Timestamp,
});
export type TerminalView = z.infer<typeof TerminalView>;

export const TerminalSize = z.object({
  cols: z.number().int().min(LIMITS.terminalCols.min).max(LIMITS.terminalCols.max),
  rows: z.number().int().min(LIMITS.terminalRows.min).max(LIMITS.terminalRows.max),
});
export type TerminalSize = z.infer<typeof TerminalSize>;

/** Where a viewer's copy of a terminal stands: bytes since the terminal's epoch. */
export const TerminalAnchor = z.object({ epoch: z.string(), offset: z.number().nonnegative() });
export type TerminalAnchor = z.infer<typeof TerminalAnchor>;

export const AttachTerminalInput = z.object({
  terminalId: TerminalId,
  size: TerminalSize,
  /** Given on reattach: when the ring still covers it, only the missing bytes are sent. */
  anchor: TerminalAnchor.optional(),
});
export type AttachTerminalInput = z.infer<typeof AttachTerminalInput>;

export const AttachTerminalReply = z.object({
  /** Number of the byte stream that carries the output that follows. */
  stream: z.number().int(),
  /** Where that stream starts. */
  anchor: TerminalAnchor,
  /** Escape sequences that redraw screen and scrollback; null when the anchor was resumed exactly. */
  snapshot: z.string().nullable(),
  size: TerminalSize,
  running: z.boolean(),
  /** Set where `size` is not the viewer's to choose: a recorded terminal has the size it had. */
  fixedSize: z.boolean().optional(),
});
export type AttachTerminalReply = z.infer<typeof AttachTerminalReply>;
