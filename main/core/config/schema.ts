import { ALL_NOTICES, type NoticeSettings } from '../../../contract/notices.ts';
import { DEFAULT_RECORDINGS, type RecordingSettings } from '../../../contract/recordings.ts';
import { type Budgets, NO_BUDGETS } from '../governor/budgets.ts';
import { NO_WAKE_SETTINGS } from '../mail/wakeRules.ts';
import type { PriceRule } from '../metrics/pricing.ts';
import type { AcpAgent } from '../runtimes/acp.ts';
import { CONFIG_FILE, LOCAL_CONFIG_FILE, STATE_FOLDER } from './configFile.ts';
import { type GuardSettings, NO_GUARD_RULES, type SandboxMode } from './guardSettings.ts';
import type { MailSettings } from './mailSettings.ts';
import { DEFAULT_MERGE, type MergeSettings } from './mergeSettings.ts';
import { DEFAULT_OWN_WATCHDOG, type OwnWatchdogSettings } from './ownWatchdog.ts';
import { DEFAULT_RADAR, type RadarSettings } from './radarSettings.ts';
import { DEFAULT_VAULT, type VaultSettings } from './vaultSettings.ts';
/** A check that must pass before work counts as done (spec 03 §5.2). */
export interface QualityGate {
  readonly name: string;
  readonly command: string;
  readonly description: string;
}

/** Where a model's requests go. A gateway replaces the vendor's own endpoint. */
export interface ProviderConfig {
  readonly type: 'native' | 'gateway';
  readonly baseUrl?: string;
  /** Name of the environment variable that holds the token; the token itself is never in a file. */
  readonly authTokenEnv?: string;
}

/** Everything `.overstory/config.yaml` can say, complete (spec 03 §5.2). Times are milliseconds. */
export interface Config {
  readonly project: {
    readonly name: string;
    /** Absolute; always the resolved root, whatever the file says. */
    readonly root: string;
    readonly canonicalBranch: string;
    readonly qualityGates: readonly QualityGate[];
    readonly defaultProfile?: string;
  };
  readonly agents: {
    readonly manifestPath: string;
    readonly baseDir: string;
    readonly maxConcurrent: number;
    readonly staggerDelayMs: number;
    readonly maxDepth: number;
    /** 0 is unlimited. */
    readonly maxSessionsPerRun: number;
    /** 0 is unlimited. */
    readonly maxAgentsPerLead: number;
  };
  readonly worktrees: { readonly baseDir: string };
  readonly taskTracker: { readonly backend: 'auto' | 'seeds' | 'beads'; readonly enabled: boolean };
  readonly mulch: {
    readonly enabled: boolean;
    readonly domains: readonly string[];
    readonly primeFormat: 'markdown' | 'xml' | 'json';
  };
  readonly merge: { readonly aiResolveEnabled: boolean; readonly reimagineEnabled: boolean };
  readonly providers: Readonly<Record<string, ProviderConfig>>;
  readonly watchdog: {
    readonly tier0Enabled: boolean;
    readonly tier0IntervalMs: number;
    readonly tier1Enabled: boolean;
    readonly tier2Enabled: boolean;
    readonly staleThresholdMs: number;
    readonly zombieThresholdMs: number;
    readonly nudgeIntervalMs: number;
    readonly rpcTimeoutMs: number;
    readonly triageTimeoutMs: number;
    readonly maxEscalationLevel: number;
    readonly notifyParentOnDeath: boolean;
  };
  readonly coordinator: {
    readonly exitTriggers: {
      readonly allAgentsDone: boolean;
      readonly taskTrackerEmpty: boolean;
      readonly onShutdownSignal: boolean;
    };
  };
  /** Model per role: an alias or `provider/model`. */
  readonly models: Readonly<Record<string, string>>;
  readonly logging: { readonly verbose: boolean; readonly redactSecrets: boolean };
  readonly runtime: {
    readonly default: string;
    /** Runtime per role. */
    readonly capabilities: Readonly<Record<string, string>>;
    readonly printCommand?: string;
    readonly shellInitDelayMs: number;
    readonly claudeHeadlessByDefault?: boolean;
    readonly pi: { readonly provider: string; readonly modelMap: Readonly<Record<string, string>> };
  };
  /** This product's own settings; overstory ignores the section. */
  readonly controlRoom: {
    /** Attempts to carry one mail into a turn before it becomes a dead letter. */
    readonly maxTurnAttempts: number;
    readonly watchdog: OwnWatchdogSettings;
    readonly vault: VaultSettings;
    /** A project's own rules for tool calls. */
    readonly guards: GuardSettings;
    readonly sandbox: SandboxMode;
    /** Roles whose sandbox has no network. */
    readonly sandboxOffline: readonly string[];
    readonly merge: MergeSettings;
    readonly recordings: RecordingSettings;
    /** Predicted conflicts between worktrees. */
    readonly radar: RadarSettings;
    readonly mail: MailSettings;
    /** What the desktop rings for. */
    readonly notifications: NoticeSettings;
    /** Agents that speak the Agent Client Protocol, as runtimes `acp:<name>`. */
    readonly acpAgents: Readonly<Record<string, AcpAgent>>;
    /** Names of variables handed to agents beside the allow-list: under `all`, a role or a runtime. Never values. */
    readonly environment: Readonly<Record<string, readonly string[]>>;
    /** Caps of the governor; no cap by default. */
    readonly budgets: Budgets;
    /** Prices of models, before the built-in table. */
    readonly prices: readonly PriceRule[];
  };
}

export { CONFIG_FILE, LOCAL_CONFIG_FILE, STATE_FOLDER };

/** Gates used when a project names none (spec 03 §5.2). */
export const DEFAULT_QUALITY_GATES: readonly QualityGate[] = [
  { name: 'Tests', command: 'bun test', description: 'all tests must pass' },
  { name: 'Lint', command: 'bun run lint', description: 'zero errors' },
  { name: 'Typecheck', command: 'bun run typecheck', description: 'no TypeScript errors' },
];

/** Defaults of every key (spec 03 §5.2). Name and root depend on the project. */
export function defaultConfig(root: string): Config {
  return {
    project: { name: projectNameOf(root), root, canonicalBranch: 'main', qualityGates: DEFAULT_QUALITY_GATES },
    agents: {
      manifestPath: `${STATE_FOLDER}/agent-manifest.json`,
      baseDir: `${STATE_FOLDER}/agent-defs`,
      maxConcurrent: 25,
      staggerDelayMs: 2000,
      maxDepth: 2,
      maxSessionsPerRun: 0,
      maxAgentsPerLead: 5,
    },
    worktrees: { baseDir: `${STATE_FOLDER}/worktrees` },
    taskTracker: { backend: 'auto', enabled: true },
    mulch: { enabled: true, domains: [], primeFormat: 'markdown' },
    merge: { aiResolveEnabled: true, reimagineEnabled: false },
    providers: { anthropic: { type: 'native' } },
    watchdog: {
      tier0Enabled: true,
      tier0IntervalMs: 30_000,
      tier1Enabled: false,
      tier2Enabled: false,
      staleThresholdMs: 300_000,
      zombieThresholdMs: 600_000,
      nudgeIntervalMs: 60_000,
      rpcTimeoutMs: 5_000,
      triageTimeoutMs: 30_000,
      maxEscalationLevel: 3,
      notifyParentOnDeath: true,
    },
    coordinator: { exitTriggers: { allAgentsDone: false, taskTrackerEmpty: false, onShutdownSignal: false } },
    models: {},
    logging: { verbose: false, redactSecrets: true },
    runtime: {
      default: 'claude',
      capabilities: {},
      shellInitDelayMs: 0,
      pi: {
        provider: 'anthropic',
        modelMap: {
          opus: 'anthropic/claude-opus-4-6',
          sonnet: 'anthropic/claude-sonnet-4-6',
          haiku: 'anthropic/claude-haiku-4-5',
        },
      },
    },
    controlRoom: {
      watchdog: DEFAULT_OWN_WATCHDOG,
      maxTurnAttempts: 5,
      budgets: NO_BUDGETS,
      prices: [],
      vault: DEFAULT_VAULT,
      guards: NO_GUARD_RULES,
      sandbox: 'off',
      sandboxOffline: [],
      merge: DEFAULT_MERGE,
      recordings: DEFAULT_RECORDINGS,
      radar: DEFAULT_RADAR,
      mail: { wake: NO_WAKE_SETTINGS },
      notifications: ALL_NOTICES,
      acpAgents: {},
      environment: {},
    },
  };
}

/** Name of a project whose config names none: the last segment of its root, on any system. */
export function projectNameOf(root: string): string {
  return (
    root
      .split(/[\\/]+/)
      .filter((part) => part !== '')
      .at(-1) ?? 'project'
  );
}
