import type { SnapshotView } from '../../../contract/vault.ts';
import { parseTimestamp } from '../../platform/clock.ts';

/** How much the vault keeps. */
export interface RingLimits {
  /** Of one agent, or of the project's checkout. */
  readonly maxSnapshots: number;
  /** Milliseconds. */
  readonly maxAgeMs: number;
  /** Of all snapshots together. */
  readonly maxBytes: number;
}

type Aged = Pick<SnapshotView, 'id' | 'agentName' | 'reason' | 'takenAt' | 'bytes'>;

/**
 * Chooses what leaves the ring: first everything over age, then by count for each agent, then by bytes over all.
 * Snapshots the clock took go before those taken ahead of something destructive, older ones first. The newest of each
 * agent leaves by age only: it is the one somebody is about to need.
 * @param snapshots in any order.
 * @param now milliseconds since the epoch.
 */
export function chooseDropped<Snapshot extends Aged>(
  snapshots: readonly Snapshot[],
  limits: RingLimits,
  now: number,
): readonly Snapshot[] {
  const dropped = new Set<Snapshot>();
  for (const snapshot of snapshots) {
    if (now - parseTimestamp(snapshot.takenAt) > limits.maxAgeMs) dropped.add(snapshot);
  }
  const newest = new Set<Snapshot>();
  const groups = Map.groupBy(
    snapshots.filter((snapshot) => !dropped.has(snapshot)),
    (snapshot) => snapshot.agentName,
  );
  for (const group of groups.values()) {
    const last = group.toSorted(byAge).at(-1);
    if (last !== undefined) newest.add(last);
    let excess = group.length - limits.maxSnapshots;
    for (const snapshot of group.toSorted(byWorth)) {
      if (excess <= 0) break;
      if (newest.has(snapshot)) continue;
      dropped.add(snapshot);
      excess -= 1;
    }
  }
  const kept = snapshots.filter((snapshot) => !dropped.has(snapshot));
  let bytes = kept.reduce((sum, snapshot) => sum + snapshot.bytes, 0);
  for (const snapshot of kept.toSorted(byWorth)) {
    if (bytes <= limits.maxBytes) break;
    // One without bytes of its own frees nothing.
    if (newest.has(snapshot) || snapshot.bytes === 0) continue;
    dropped.add(snapshot);
    bytes -= snapshot.bytes;
  }
  return [...dropped];
}

/** Oldest first; of one millisecond, by id. */
export function byAge(one: Aged, other: Aged): number {
  return parseTimestamp(one.takenAt) - parseTimestamp(other.takenAt) || (one.id < other.id ? -1 : 1);
}

function byWorth(one: Aged, other: Aged): number {
  return Number(one.reason !== 'interval') - Number(other.reason !== 'interval') || byAge(one, other);
}
