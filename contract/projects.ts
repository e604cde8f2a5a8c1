import { z } from 'zod';
import { Timestamp } from './ids.ts';

/** Short name of a project in addresses: sixteen hexadecimal digits of its folder's path. */
export const ProjectId = z.string().regex(/^[0-9a-f]{16}$/, 'a project id is 16 hexadecimal digits');
export type ProjectId = z.infer<typeof ProjectId>;

/** A project of this machine as the switcher shows it. */
export const ProjectView = z.object({
  id: ProjectId,
  root: z.string(),
  name: z.string(),
  /** When its engine was started last. */
  openedAt: Timestamp,
  /** An engine holds it now. */
  live: z.boolean(),
  /** Things that wait for a person; null where no engine runs to tell. */
  attention: z.number().int().nonnegative().nullable(),
  /** Agents in a turn or working; null where no engine runs to tell. */
  working: z.number().int().nonnegative().nullable(),
  /** It is the one whose engine was asked. */
  current: z.boolean(),
});
export type ProjectView = z.infer<typeof ProjectView>;

/** What opening a project answers: it is known, and an engine holds it. */
export const OpenedProject = z.object({ id: ProjectId, root: z.string(), name: z.string() });
export type OpenedProject = z.infer<typeof OpenedProject>;

/** What a link for the browser is wanted for. */
export const BrowserLinkInput = z.object({
  /** What the link lets its holder do; `read` only watches. */
  scope: z.enum(['read', 'admin']).default('admin'),
  view: z.enum(['room', 'wallboard']).default('room'),
});
export type BrowserLinkInput = z.infer<typeof BrowserLinkInput>;

/** A wallboard that is signed in in a browser. */
export const WallLink = z.object({
  id: z.string(),
  signedInAt: Timestamp,
  /** When it is over by itself. */
  until: Timestamp,
  /** Where its page looks for the engine. */
  address: z.string(),
});
export type WallLink = z.infer<typeof WallLink>;

/** A folder as a person typed it. */
export const ProjectPath = z.string().min(1, 'name a folder').max(4_096);
