import { z } from 'zod';
import { AgentName } from '../../../contract/ids.ts';
import { LeftOut, type SnapshotView, VaultReason } from '../../../contract/vault.ts';

/** Our own ref namespace; nothing of git moves or removes refs in it. */
export const VAULT_REFS = 'refs/overstory/vault/';

/** Folder of refs of the project's own checkout: no agent can have this name. */
const CHECKOUT = '@checkout';

/** What the message of a snapshot's commit says; the rest is the commit itself. */
const Record = z.object({
  version: z.literal(1),
  key: z.string(),
  reason: VaultReason,
  detail: z.string(),
  takenAt: z.string(),
  worktree: z.string(),
  branch: z.string().nullable(),
  head: z.string().nullable(),
  operation: z.string().nullable(),
  staged: z.number(),
  changed: z.number(),
  untracked: z.number(),
  bytes: z.number(),
  leftOut: z.array(LeftOut),
  leftOutCount: z.number(),
});
export type SnapshotRecord = z.infer<typeof Record>;

/** A kept snapshot: what faces see, its ref, and the key by which an unchanged state is known again. */
export interface KeptSnapshot {
  readonly ref: string;
  readonly key: string;
  readonly view: SnapshotView;
}

/** Ref of a snapshot. */
export function snapshotRef(agentName: string | null, id: string): string {
  return `${VAULT_REFS}${agentName ?? CHECKOUT}/${id}`;
}

/** Id from the time (UTC) and four random characters: `20261123-121439-7f3a`. */
export function snapshotId(takenAt: string, random: string): string {
  return `${takenAt.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${random}`;
}

/** Message of a snapshot's commit: a line for people, then the record as JSON in plain ASCII. */
export function encodeRecord(record: SnapshotRecord): string {
  const json = JSON.stringify(record).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const subject = record.detail.replaceAll(/[^\u0020-\u007e]/g, '?');
  return `vault: ${record.reason}${subject === '' ? '' : `, ${subject}`}\n\n${json}\n`;
}

/** Reads a snapshot from its ref; null for a ref that is none of ours, which is left alone. */
export function decodeSnapshot(ref: string, commit: string, body: string): KeptSnapshot | null {
  const [folder = '', id = '', more] = ref.slice(VAULT_REFS.length).split('/');
  if (!ref.startsWith(VAULT_REFS) || id === '' || more !== undefined) return null;
  if (folder !== CHECKOUT && !AgentName.safeParse(folder).success) return null;
  const record = parseRecord(body);
  if (record === null) return null;
  const { version: _version, key, ...facts } = record;
  return { ref, key, view: { id, agentName: folder === CHECKOUT ? null : folder, commit, ...facts } };
}

function parseRecord(body: string): SnapshotRecord | null {
  try {
    const read = Record.safeParse(JSON.parse(body));
    return read.success ? read.data : null;
  } catch {
    // No JSON: somebody else's commit under our namespace.
    return null;
  }
}
