import type { Capability } from '../../../contract/agents.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import type { RuntimeAdapter } from './adapter.ts';
import { createClaudeAdapter } from './claude.ts';
import { createCodexAdapter } from './codex.ts';
import { createRehearsalAdapter } from './rehearsal.ts';

/** Facts of the machine the adapters are made with. */
export interface RegistryOptions {
  /** User id of this process; null where the system has none. */
  readonly uid: number | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What decides the runtime of a launch, strongest first. */
export interface RuntimeChoice {
  /** Named by whoever slings. */
  readonly explicit?: string | undefined;
  readonly capability: Capability;
  /** `runtime.capabilities` of config.yaml. */
  readonly byCapability?: Readonly<Partial<Record<Capability, string>>> | undefined;
  /** `runtime.default` of config.yaml. */
  readonly fallback?: string | undefined;
}

/** The runtimes this product can launch. */
export interface RuntimeRegistry {
  /** In the order in which they are offered. */
  readonly names: readonly string[];
  get(name: string): Result<RuntimeAdapter, CallError>;
}

/** Makes the registry; every `get` returns a fresh adapter (spec 01 §3.2). */
export function createRuntimeRegistry(options: RegistryOptions): RuntimeRegistry {
  const makers: ReadonlyMap<string, () => RuntimeAdapter> = new Map([
    ['claude', () => createClaudeAdapter(options)],
    ['rehearsal', () => createRehearsalAdapter({ pace: options.environment.OVERSTORY_REHEARSAL_PACE })],
    ['codex', () => createCodexAdapter(options)],
  ]);
  const names = [...makers.keys()];
  return {
    names,
    get(name) {
      const make = makers.get(name);
      if (make !== undefined) return ok(make());
      return fail('config', `Unknown runtime: "${name}". Available: ${names.join(', ')}`, { field: 'runtime' });
    },
  };
}

/** Name of the runtime of a launch: explicit, then by capability, then the project's default, then `claude` (spec 01 §3.2). */
export function chooseRuntime(choice: RuntimeChoice): string {
  return (
    named(choice.explicit) ?? named(choice.byCapability?.[choice.capability]) ?? named(choice.fallback) ?? 'claude'
  );
}

function named(name: string | undefined): string | null {
  return name === undefined || name.trim() === '' ? null : name.trim();
}
