import { matchesGlob } from 'node:path';
import type { PlannedCollision } from '../../../contract/radar.ts';

/** A running worktree as a plan meets it. */
export interface RunningWork {
  readonly agentName: string;
  /** Paths it has changed, uncommitted ones included. */
  readonly changed: ReadonlySet<string>;
  /** Files it was given; globs are allowed. */
  readonly scope: readonly string[];
}

/**
 * Says which running agents a planned task would collide with, by the files of its spec (product.md B6). Pure: files as
 * paths, folders or globs, as `--files` takes them. What an agent has changed says more than what it was given, so an
 * agent is told once.
 */
export function plannedCollisions(
  files: readonly string[],
  running: readonly RunningWork[],
): readonly PlannedCollision[] {
  if (files.length === 0) return [];
  return running.flatMap(({ agentName, changed, scope }): PlannedCollision[] => {
    const hit = [...changed].filter((path) => files.some((entry) => covers(entry, path))).sort();
    if (hit.length > 0) return [{ agentName, why: 'changed', files: hit }];
    const both = scope.filter((entry) => files.some((file) => covers(file, entry) || covers(entry, file)));
    return both.length > 0 ? [{ agentName, why: 'planned', files: both }] : [];
  });
}

/** The entry is this path, a folder it lies in, or a glob it matches. */
function covers(entry: string, path: string): boolean {
  const bare = entry.replace(/\/+$/, '');
  return bare === path || path.startsWith(`${bare}/`) || matchesGlob(path, entry);
}
