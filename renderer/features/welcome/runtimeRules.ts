import type { RuntimeView } from '../../../contract/runtimes.ts';

/** What is missing and how to get it: without the advice to take the rehearsal, which is listed too, and the path of what is built in. */
export function remedy(detail: string): string {
  return detail.replace(/, or choose the runtime "rehearsal"$/, '').replace(/^built in \(.*\)$/, 'built in');
}

/** Runtimes in the order a newcomer reads them: what is ready first, what the project uses before the rest, then by name. */
export function byReadiness(runtimes: readonly RuntimeView[]): readonly RuntimeView[] {
  return runtimes.toSorted(
    (one, other) =>
      Number(other.ready) - Number(one.ready) ||
      Number(other.usedBy.length > 0) - Number(one.usedBy.length > 0) ||
      one.name.localeCompare(other.name),
  );
}
