import type { Readiness, RuntimeAdapter, RuntimeFeatures } from './adapter.ts';
import type { RuntimeRegistry } from './registry.ts';

/** A runtime as a person weighs it: can it run here, and what would it do. */
export interface RuntimeEntry {
  readonly name: string;
  readonly ready: boolean;
  readonly version: string | null;
  /** Null when that cannot be told without asking the account's server. */
  readonly loggedIn: boolean | null;
  /** One line: the version, or what is missing and what to do. */
  readonly detail: string;
  readonly warning: string | null;
  readonly stability: RuntimeAdapter['stability'];
  readonly features: RuntimeFeatures;
  /** Can be opened on a terminal for a person who takes an agent over. */
  readonly interactive: boolean;
  /** `default`, roles that name it in config.yaml, or both. */
  readonly usedBy: readonly string[];
}

/** What of the project's config says who uses which runtime. */
export interface RuntimeUse {
  readonly default: string;
  readonly capabilities: Readonly<Record<string, string>>;
}

/** Probes every runtime at once; each is bounded by its own probe (3 s). Those in use come first, then those that are ready. */
export async function listRuntimes(
  registry: RuntimeRegistry,
  use: RuntimeUse,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly RuntimeEntry[]> {
  const adapters = registry.names.flatMap((name) => {
    const found = registry.get(name);
    return found.ok ? [found.value] : [];
  });
  const entries = await Promise.all(
    adapters.map(async (adapter) => entryOf(adapter, await adapter.probe(environment), use)),
  );
  const rank = (entry: RuntimeEntry): number => (entry.usedBy.length > 0 ? 0 : entry.ready ? 1 : 2);
  return entries.toSorted((a, b) => rank(a) - rank(b));
}

/** Pure part: an adapter, what its probe found, and the config. */
export function entryOf(adapter: RuntimeAdapter, found: Readiness, use: RuntimeUse): RuntimeEntry {
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
    interactive: adapter.planInteractive !== undefined,
    usedBy: [...(use.default === adapter.id ? ['default'] : []), ...roles],
  };
}
