import { fail, ok, type Result } from '../../../contract/result.ts';
import type { SnapshotView, VaultReason } from '../../../contract/vault.ts';
import { describeLeftOut } from './untrackedRules.ts';

/** One line of the timeline; the engine stores it as a `custom` event whose data says `type: 'vault'`. */
export interface VaultEvent {
  readonly action: 'snapshot' | 'restore' | 'drop';
  readonly level: 'debug' | 'info' | 'warn';
  readonly agentName: string;
  readonly runId: string | null;
  readonly ids: readonly string[];
  /** Why it was taken; null for what is no snapshot. */
  readonly reason: VaultReason | null;
  readonly commit: string | null;
  readonly summary: string;
}

/** The event as it is stored in events.db. */
export function vaultEventData({ action, ids, reason, commit, summary }: VaultEvent): string {
  return JSON.stringify({ type: 'vault', action, ids, reason, commit, summary });
}

/** Finds a snapshot by its id or the unique beginning or end of one. */
export function chooseSnapshot(snapshots: readonly SnapshotView[], id: string): Result<SnapshotView> {
  const exact = snapshots.filter((view) => view.id === id);
  const matching =
    exact.length > 0 ? exact : snapshots.filter((view) => view.id.startsWith(id) || view.id.endsWith(`-${id}`));
  const [only, ...others] = matching;
  if (only === undefined) return fail('notFound', `there is no snapshot ${id}: see "ov vault list"`, { data: { id } });
  if (others.length > 0) {
    const names = matching.slice(0, 3).map((view) => view.id);
    return fail('validation', `${id} means ${matching.length} snapshots (${names.join(', ')}); write more of it`, {
      field: 'id',
    });
  }
  return ok(only);
}

/** One line about a snapshot that was taken. */
export function snapshotSummary(view: SnapshotView): string {
  const whose = view.agentName ?? 'the project checkout';
  const parts = [
    view.staged > 0 ? `${view.staged} staged` : null,
    view.changed > 0 ? `${view.changed} changed` : null,
    view.untracked > 0 ? `${view.untracked} untracked` : null,
    view.operation === null ? null : `${view.operation} under way`,
  ].filter((part) => part !== null);
  const what = parts.length === 0 ? 'nothing uncommitted' : parts.join(', ');
  const lost = describeLeftOut(view.leftOut, view.leftOutCount);
  return `snapshot ${view.id} of ${whose} (${view.reason}: ${view.detail}): ${what}${lost === null ? '' : `; left out: ${lost}`}`;
}
