import type { GuardState, RuntimeView } from '../../../contract/runtimes.ts';
import type { Readiness, RuntimeAdapter } from './adapter.ts';
import type { RuntimeRegistry } from './registry.ts';

/** What of the project's config says who uses which runtime. */
export interface RuntimeUse {
  readonly default: string;
  readonly capabilities: Readonly<Record<string, string>>;
}

/** How far guards hold under a version of a runtime, without asking it. */
export type GuardOf = (adapter: RuntimeAdapter, version: string | null) => GuardState;

type Environment = Readonly<Record<string, string | undefined>>;

/** Probes at once: each starts a program, and one that has to wait for the others would be taken for one that hangs. */
const AT_ONCE = 3;
/** Milliseconds an answer is good for: installing a CLI or logging in takes longer than that. */
const FRESH_MS = 60_000;

/** Probes every runtime, a few at a time; each is bounded by its own probe (3 s). Those in use come first, then those that are ready. */
export async function listRuntimes(
  registry: RuntimeRegistry,
  use: RuntimeUse,
  environment: Environment,
  guard?: GuardOf,
): Promise<readonly RuntimeView[]> {
  const waiting = registry.names.flatMap((name, place) => {
    const found = registry.get(name);
    return found.ok ? [{ adapter: found.value, place }] : [];
  });
  const entries: { readonly view: RuntimeView; readonly place: number }[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { adapter, place } = next;
      const view = entryOf(adapter, await adapter.probe(environment), use);
      entries.push({ view: guard === undefined ? view : { ...view, guard: guard(adapter, view.version) }, place });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const rank = ({ view }: (typeof entries)[number]): number => (view.usedBy.length > 0 ? 0 : view.ready ? 1 : 2);
  return entries.toSorted((a, b) => rank(a) - rank(b) || a.place - b.place).map(({ view }) => view);
}

/** Pure part: an adapter, what its probe found, and the config. */
export function entryOf(adapter: RuntimeAdapter, found: Readiness, use: RuntimeUse): RuntimeView {
  const roles = Object.entries(use.capabilities).flatMap(([role, name]) => (name === adapter.id ? [role] : []));
  return {
    name: adapter.id,
    ready: found.ready,
    version: found.version,
    loggedIn: found.loggedIn ?? null,
    detail: found.detail,
    warning: found.warning ?? null,
    stability: adapter.stability,
    features: adapter.features,
    headless: true,
    interactive: adapter.planInteractive !== undefined,
    usedBy: [...(use.default === adapter.id ? ['default'] : []), ...roles],
  };
}

/** The runtimes of an engine: asked once for many faces that look. */
export interface RuntimeInventory {
  /** @param refresh asks anew, whatever is known. */
  list(refresh: boolean): Promise<readonly RuntimeView[]>;
}

export interface InventoryOptions {
  readonly registry: RuntimeRegistry;
  readonly use: () => RuntimeUse;
  readonly environment: Environment;
  readonly guard?: GuardOf;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Keeps what the probes answered for a minute; who asks meanwhile waits for the same answer. */
export function createRuntimeInventory(options: InventoryOptions): RuntimeInventory {
  let known: { readonly at: number; readonly answer: Promise<readonly RuntimeView[]> } | null = null;
  let asking = false;
  return {
    list(refresh) {
      const age = known === null ? Number.POSITIVE_INFINITY : options.now() - known.at;
      if (known !== null && (asking || (!refresh && age >= 0 && age < FRESH_MS))) return known.answer;
      asking = true;
      const answer = listRuntimes(options.registry, options.use(), options.environment, options.guard).finally(() => {
        asking = false;
      });
      known = { at: options.now(), answer };
      return answer;
    },
  };
}
