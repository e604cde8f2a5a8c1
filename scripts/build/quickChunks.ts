import { join } from 'node:path';
import { ROOT } from './layout.ts';

/** What is asked of the bundler about a module. */
interface ModuleGraph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** Every call begins with it and what it imports: that is in the program's first file already. */
const START = join(ROOT, 'main/cli/index.ts');

/** The two short ways through `ov`, each with everything it imports from the start. */
const WAYS: Readonly<Record<string, string>> = {
  guard: join(ROOT, 'main/cli/guardCall.ts'),
  quick: join(ROOT, 'main/cli/quickCalls.ts'),
};

/**
 * Chunk of a module that a short way through `ov` needs: the way's own, or one that both share; null for every other
 * module. Left to itself the bundler cuts what several commands share into a dozen files, and each costs half a
 * millisecond to find, read and compile.
 */
export function quickChunk(id: string, graph: ModuleGraph): string | null {
  if (closure(START, graph).has(id)) return null;
  const ways = Object.entries(WAYS).filter(([, root]) => closure(root, graph).has(id));
  const [only] = ways;
  if (only === undefined) return null;
  return ways.length === 1 ? only[0] : 'base';
}

const closures = new WeakMap<ModuleGraph, Map<string, ReadonlySet<string>>>();

function closure(root: string, graph: ModuleGraph): ReadonlySet<string> {
  const known = closures.get(graph)?.get(root);
  if (known !== undefined) return known;
  const seen = new Set([root]);
  for (const id of seen) for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) seen.add(imported);
  closures.set(graph, (closures.get(graph) ?? new Map()).set(root, seen));
  return seen;
}
