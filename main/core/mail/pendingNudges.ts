import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { MailPriority, MailType } from '../../../contract/mail.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';

/** Tells an agent in a terminal of its own, at its next prompt, that mail wants it (spec 02 §1.8). */
const PendingNudge = z.object({
  from: z.string(),
  reason: z.string(),
  subject: z.string(),
  messageId: z.string(),
  createdAt: z.string(),
});
export type PendingNudge = z.infer<typeof PendingNudge>;

const NUDGING_TYPES: ReadonlySet<MailType> = new Set([
  'worker_done',
  'merge_ready',
  'error',
  'escalation',
  'merge_failed',
]);

/** Why a mail asks for attention at the next prompt; null when it does not (spec 02 §1.8). */
export function nudgeReason(type: MailType, priority: MailPriority): string | null {
  if (NUDGING_TYPES.has(type)) return type;
  return priority === 'high' || priority === 'urgent' ? `${priority} priority` : null;
}

const pathOf = (overstoryDirectory: string, agentName: string): string =>
  join(overstoryDirectory, 'pending-nudges', `${agentName}.json`);

/** One marker an agent; a later one takes its place. Throws the file system's error. */
export function writePendingNudge(overstoryDirectory: string, agentName: string, nudge: PendingNudge): Promise<void> {
  return writeFileAtomic(pathOf(overstoryDirectory, agentName), `${JSON.stringify(nudge, null, '\t')}\n`);
}

/** Reads a marker and removes it; null when there is none. A damaged one is removed too, and says nothing. */
export async function takePendingNudge(overstoryDirectory: string, agentName: string): Promise<PendingNudge | null> {
  // Any text may be asked for as a mailbox; only a plain name can have a marker.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(agentName)) return null;
  const path = pathOf(overstoryDirectory, agentName);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    // No marker, or none that can be read: the mail itself is in the store all the same.
    return null;
  }
  await rm(path, { force: true });
  try {
    const read = PendingNudge.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    // A damaged marker is ignored (spec 02 §1.8).
    return null;
  }
}

/** The line in front of an injection (spec 02 §1.8). */
export function nudgeBanner(nudge: PendingNudge): string {
  return `PRIORITY: ${nudge.reason} message from ${nudge.from} — "${nudge.subject}"`;
}
