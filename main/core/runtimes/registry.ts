import type { Capability } from '../../../contract/agents.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { ACP_PREFIX, type AcpAgent, createAcpAdapter } from './acp.ts';
import type { RuntimeAdapter } from './adapter.ts';
import { createClaudeAdapter } from './claude.ts';
import { aider } from './clis/aider.ts';
import { amp } from './clis/amp.ts';
import { createCliAdapter } from './clis/cliAdapter.ts';
import { copilot } from './clis/copilot.ts';
import { cursor } from './clis/cursor.ts';
import type { CliDefinition } from './clis/definition.ts';
import { gemini } from './clis/gemini.ts';
import { goose } from './clis/goose.ts';
import { opencode } from './clis/opencode.ts';
import { createPi, type PiSettings } from './clis/pi.ts';
import { createSapling } from './clis/sapling.ts';
import { createCodexAdapter } from './codex.ts';
import { createRehearsalAdapter } from './rehearsal.ts';

/** Facts of the machine the adapters are made with. */
export interface RegistryOptions {
  /** User id of this process; null where the system has none. */
  readonly uid: number | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `runtime.pi` of config.yaml; absent: its defaults. */
  readonly pi?: () => PiSettings;
  /** `controlRoom.acpAgents` of config.yaml, agents by name; absent: none. */
  readonly acpAgents?: () => Readonly<Record<string, AcpAgent>>;
}

const PI_DEFAULTS: PiSettings = {
  provider: 'anthropic',
  modelMap: {
    opus: 'anthropic/claude-opus-4-6',
    sonnet: 'anthropic/claude-sonnet-4-6',
    haiku: 'anthropic/claude-haiku-4-5',
  },
};

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
  const cli = (definition: CliDefinition) => () => createCliAdapter(definition, options);
  const makers: ReadonlyMap<string, () => RuntimeAdapter> = new Map([
    ['aider', cli(aider)],
    ['amp', cli(amp)],
    ['claude', () => createClaudeAdapter(options)],
    ['codex', () => createCodexAdapter(options)],
    ['copilot', cli(copilot)],
    ['cursor', cli(cursor)],
    ['gemini', cli(gemini)],
    ['goose', cli(goose)],
    ['opencode', cli(opencode)],
    ['pi', () => createCliAdapter(createPi(options.pi?.() ?? PI_DEFAULTS), options)],
    ['sapling', cli(createSapling(options.environment))],
    [
      'rehearsal',
      () =>
        createRehearsalAdapter({
          pace: options.environment.OVERSTORY_REHEARSAL_PACE,
          answer: options.environment.OVERSTORY_REHEARSAL_ANSWER,
          answers: options.environment.OVERSTORY_REHEARSAL_ANSWERS,
        }),
    ],
  ]);
  const acpAgents = (): Readonly<Record<string, AcpAgent>> => options.acpAgents?.() ?? {};
  const allNames = (): readonly string[] => [
    ...makers.keys(),
    ...Object.keys(acpAgents()).map((name) => `${ACP_PREFIX}${name}`),
  ];
  return {
    get names() {
      return allNames();
    },
    get(name) {
      const make = makers.get(name);
      if (make !== undefined) return ok(make());
      const acpName = name.startsWith(ACP_PREFIX) ? name.slice(ACP_PREFIX.length) : '';
      const agents = acpAgents();
      const agent = Object.hasOwn(agents, acpName) ? agents[acpName] : undefined;
      if (agent !== undefined) return ok(createAcpAdapter(acpName, agent));
      const names = allNames();
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
