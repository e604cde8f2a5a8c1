/** A `merge_ready` mail a lead has sent. */
export interface MergeReadyMail {
  readonly payload: string | null;
}

/**
 * What its coordinator is told when a lead is stopped: whether branches wait to be merged (spec 02 §4.1).
 * @param sent the lead's own `merge_ready` mails, newest first; null when the mail cannot be read.
 */
export function leadExitSubject(leadName: string, sent: readonly MergeReadyMail[] | null): string {
  if (sent === null) return `Lead ${leadName} completed: check your mail for what it has left`;
  if (sent.length === 0) return `Lead ${leadName} exited: no merge_ready sent, needs follow-up`;
  const branches = [...new Set(sent.flatMap(({ payload }) => branchOf(payload)))];
  const [only] = branches;
  if (only === undefined) return `Lead ${leadName} exited: sent ${sent.length} merge_ready (branch unknown)`;
  if (branches.length === 1) return `Lead ${leadName} exited: sent merge_ready for branch ${only}`;
  return `Lead ${leadName} exited: sent ${sent.length} merge_ready (branches: ${branches.join(', ')})`;
}

function branchOf(payload: string | null): readonly string[] {
  if (payload === null) return [];
  try {
    const read: unknown = JSON.parse(payload);
    if (typeof read !== 'object' || read === null || !('branch' in read)) return [];
    return typeof read.branch === 'string' && read.branch !== '' ? [read.branch] : [];
  } catch {
    // Agents write payloads: one that is no JSON names no branch.
    return [];
  }
}
