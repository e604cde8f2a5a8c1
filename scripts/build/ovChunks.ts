import { join } from 'node:path';
import { ROOT } from './layout.ts';

/** What is asked of the bundler about a module. */
interface ModuleGraph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** Every call begins with it. */
const START = join(ROOT, 'main/cli/index.ts');
/** What answers a guarded tool call. */
const GUARD = join(ROOT, 'main/cli/guardCall.ts');

/**
 * Chunk of a module of `ov`: all that every call begins with is one file, and all else that `ov guard` needs is a second
 * one; null for every other module. Left to itself the bundler cuts what several commands share into a dozen files, and
 * each costs half a millisecond to find, read and compile.
 */
export function ovChunk(id: string, graph: ModuleGraph): string | null {
  if (closure(START, graph).has(id)) return 'start';
  return closure(GUARD, graph).has(id) ? 'guard' : null;
}

const closures = new WeakMap<ModuleGraph, Map<string, ReadonlySet<string>>>();

/** A module and everything it imports from the start. */
function closure(root: string, graph: ModuleGraph): ReadonlySet<string> {
  const known = closures.get(graph)?.get(root);
  if (known !== undefined) return known;
  const seen = new Set([root]);
  for (const id of seen) for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) seen.add(imported);
  closures.set(graph, (closures.get(graph) ?? new Map()).set(root, seen));
  return seen;
}
