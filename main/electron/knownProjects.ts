import { openProjectRegistry } from '../core/projects/projectRegistry.ts';
import { projectKey } from '../platform/projectSockets.ts';

/** Root of a project by its id: one of these, or any that was opened on this machine; null for a stranger. */
export async function findKnownProject(id: string, roots: Iterable<string>): Promise<string | null> {
  for (const root of roots) if (projectKey(root) === id) return root;
  return (await openProjectRegistry().find(id))?.root ?? null;
}
