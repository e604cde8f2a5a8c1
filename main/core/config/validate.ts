import { BUDGET_SCOPES } from '../../../contract/governor.ts';
import { readAcpAgents } from './acpAgentSettings.ts';
import { readBudgets } from './budgetSettings.ts';
import { readGuardSettings, readSandboxMode, readSandboxOffline } from './guardSettings.ts';
import { readMailSettings } from './mailSettings.ts';
import { readMergeSettings } from './mergeSettings.ts';
import { readNoticeSettings } from './noticeSettings.ts';
import { readOwnWatchdog } from './ownWatchdog.ts';
import { readPrices } from './priceSettings.ts';
import { readRadarSettings } from './radarSettings.ts';
import { readRecordingSettings } from './recordingSettings.ts';
import type { Config, ProviderConfig, QualityGate } from './schema.ts';
import { defaultConfig } from './schema.ts';
import { isList, type SettingsProblem, SettingsReader } from './settingsReader.ts';
import { readVaultSettings } from './vaultSettings.ts';
import { isMapping, type YamlMapping } from './yamlText.ts';

/** Short model names that every provider of Anthropic models understands. */
export const MODEL_ALIASES = ['opus', 'sonnet', 'haiku'] as const;

/** Runtimes whose models have claude's names; all others have names of their own, a rehearsal plays its script whatever the name. */
const ALIAS_RUNTIMES: ReadonlySet<string> = new Set(['claude', 'sapling']);

/** Roles that edit files: another vendor's model there is worth a warning (spec 03 §5.2). */
const WATCHED_ROLES = new Set(['builder', 'scout']);

/** Milliseconds. Beyond it a shell start delay is probably a typing error (spec 03 §5.2). */
const LONG_SHELL_DELAY_MS = 30_000;

/** What reading a settings document gave: usable only when `problems` is empty. */
export interface ReadSettings {
  readonly config: Config;
  readonly problems: readonly SettingsProblem[];
  readonly warnings: readonly string[];
}

/** Turns a merged settings document into a complete config, with every problem in the order of spec 03 §5.2. Pure. */
export function readSettings(document: YamlMapping, root: string): ReadSettings {
  const reader = new SettingsReader(document);
  const defaults = defaultConfig(root);
  const runtime = readRuntime(reader, defaults);
  const providers = readProviders(reader, defaults);
  const config: Config = {
    project: readProject(reader, defaults),
    agents: {
      manifestPath: reader.text('agents.manifestPath', defaults.agents.manifestPath),
      baseDir: reader.text('agents.baseDir', defaults.agents.baseDir),
      maxConcurrent: reader.number('agents.maxConcurrent', defaults.agents.maxConcurrent, { integer: true, min: 1 }),
      staggerDelayMs: reader.number('agents.staggerDelayMs', defaults.agents.staggerDelayMs, {
        min: 0,
        unit: 'milliseconds',
      }),
      maxDepth: reader.number('agents.maxDepth', defaults.agents.maxDepth, { integer: true, min: 0 }),
      maxSessionsPerRun: reader.number('agents.maxSessionsPerRun', defaults.agents.maxSessionsPerRun, {
        integer: true,
        min: 0,
      }),
      maxAgentsPerLead: reader.number('agents.maxAgentsPerLead', defaults.agents.maxAgentsPerLead, {
        integer: true,
        min: 0,
      }),
    },
    worktrees: { baseDir: reader.text('worktrees.baseDir', defaults.worktrees.baseDir) },
    taskTracker: {
      backend: reader.choice('taskTracker.backend', defaults.taskTracker.backend, ['auto', 'seeds', 'beads']),
      enabled: reader.boolean('taskTracker.enabled', defaults.taskTracker.enabled),
    },
    mulch: {
      enabled: reader.boolean('mulch.enabled', defaults.mulch.enabled),
      domains: reader.texts('mulch.domains', defaults.mulch.domains),
      primeFormat: reader.choice('mulch.primeFormat', defaults.mulch.primeFormat, ['markdown', 'xml', 'json']),
    },
    merge: {
      aiResolveEnabled: reader.boolean('merge.aiResolveEnabled', defaults.merge.aiResolveEnabled),
      reimagineEnabled: reader.boolean('merge.reimagineEnabled', defaults.merge.reimagineEnabled),
    },
    providers,
    watchdog: readWatchdog(reader, defaults),
    coordinator: {
      exitTriggers: {
        allAgentsDone: reader.boolean('coordinator.exitTriggers.allAgentsDone', false),
        taskTrackerEmpty: reader.boolean('coordinator.exitTriggers.taskTrackerEmpty', false),
        onShutdownSignal: reader.boolean('coordinator.exitTriggers.onShutdownSignal', false),
      },
    },
    models: readModels(reader, providers, runtime),
    logging: {
      verbose: reader.boolean('logging.verbose', defaults.logging.verbose),
      redactSecrets: reader.boolean('logging.redactSecrets', defaults.logging.redactSecrets),
    },
    runtime,
    controlRoom: {
      watchdog: readOwnWatchdog(reader),
      vault: readVaultSettings(reader, defaults.controlRoom.vault),
      radar: readRadarSettings(reader, defaults.controlRoom.radar),
      guards: readGuardSettings(reader, defaults.controlRoom.guards),
      sandbox: readSandboxMode(reader, defaults.controlRoom.sandbox),
      sandboxOffline: readSandboxOffline(reader),
      merge: readMergeSettings(reader, defaults.controlRoom.merge),
      recordings: readRecordingSettings(reader, defaults.controlRoom.recordings),
      mail: readMailSettings(reader, defaults.controlRoom.mail),
      notifications: readNoticeSettings(reader),
      maxTurnAttempts: reader.number('controlRoom.maxTurnAttempts', defaults.controlRoom.maxTurnAttempts, {
        integer: true,
        min: 1,
        max: 100,
      }),
      acpAgents: readAcpAgents(reader),
      environment: readEnvironment(reader),
      budgets: readBudgets(reader, defaults.controlRoom.budgets),
      prices: readPrices(reader),
    },
  };
  for (const section of SECTIONS) rejectNonSection(reader, section);
  return { config, problems: reader.problems, warnings: reader.warnings };
}

const SECTIONS = [
  'project',
  'agents',
  'worktrees',
  'taskTracker',
  'mulch',
  'merge',
  'watchdog',
  'coordinator',
  'coordinator.exitTriggers',
  'logging',
  'runtime',
  'runtime.pi',
  'controlRoom',
  'controlRoom.watchdog',
  'controlRoom.vault',
  'controlRoom.guards',
  'controlRoom.merge',
  'controlRoom.recordings',
  'controlRoom.radar',
  'controlRoom.mail',
  'controlRoom.mail.wake',
  'controlRoom.notifications',
  'controlRoom.acpAgents',
  'controlRoom.environment',
  'controlRoom.budgets',
  ...BUDGET_SCOPES.map((scope) => `controlRoom.budgets.${scope}`),
];

function rejectNonSection(reader: SettingsReader, key: string): void {
  const value = reader.raw(key);
  if (value !== undefined && !isMapping(value)) {
    reader.reject(key, value, 'it must be a section of indented "key: value" lines, or be left out');
  }
}

/** Names of variables by `all`, role or runtime. A value in the file would be a secret in a file, so it is refused. */
function readEnvironment(reader: SettingsReader): Config['controlRoom']['environment'] {
  const lists: Record<string, readonly string[]> = {};
  for (const [who] of reader.entries('controlRoom.environment') ?? []) {
    const key = `controlRoom.environment.${who}`;
    const names = reader.texts(key, []);
    const wrong = names.find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
    if (wrong !== undefined)
      reader.reject(key, wrong, 'list names of variables only, such as MY_TOKEN, without values');
    else lists[who] = names;
  }
  return lists;
}

function readProject(reader: SettingsReader, defaults: Config): Config['project'] {
  const profile = reader.optionalText('project.defaultProfile');
  return {
    name: reader.text('project.name', defaults.project.name),
    root: defaults.project.root,
    canonicalBranch: reader.text('project.canonicalBranch', defaults.project.canonicalBranch),
    qualityGates: readQualityGates(reader, defaults.project.qualityGates),
    ...(profile === undefined ? {} : { defaultProfile: profile }),
  };
}

function readQualityGates(reader: SettingsReader, fallback: readonly QualityGate[]): readonly QualityGate[] {
  const key = 'project.qualityGates';
  const value = reader.raw(key);
  if (value === undefined) return fallback;
  if (value === null) return [];
  if (!isList(value)) {
    reader.reject(key, value, 'it must be a list, each item with name, command and description');
    return fallback;
  }
  return value.flatMap((item, index): QualityGate[] => {
    if (!isMapping(item)) {
      reader.reject(`${key}[${index}]`, item, 'each gate needs name, command and description');
      return [];
    }
    const [name, command, description] = (['name', 'command', 'description'] as const).map((field) => {
      const text = item[field];
      if (typeof text === 'string' && text.trim() !== '') return text;
      reader.reject(`${key}[${index}].${field}`, text ?? '', 'it must be non-empty text');
      return '';
    });
    return [{ name: name ?? '', command: command ?? '', description: description ?? '' }];
  });
}

function readProviders(reader: SettingsReader, defaults: Config): Config['providers'] {
  const entries = reader.entries('providers');
  if (entries === undefined) return defaults.providers;
  if (entries === null) return {};
  const providers: Record<string, ProviderConfig> = { ...defaults.providers };
  for (const [name, value] of entries) {
    const key = `providers.${name}`;
    if (value === null) {
      delete providers[name];
      continue;
    }
    if (!isMapping(value)) {
      reader.reject(key, value, 'it must be a section with type: native or type: gateway');
      continue;
    }
    const type = reader.choice(`${key}.type`, defaults.providers[name]?.type ?? 'native', ['native', 'gateway']);
    if (value.type === undefined && defaults.providers[name] === undefined) {
      reader.reject(`${key}.type`, '', 'it must be one of native, gateway');
    }
    const baseUrl = reader.optionalText(`${key}.baseUrl`);
    const authTokenEnv = reader.optionalText(`${key}.authTokenEnv`);
    if (type === 'gateway' && baseUrl === undefined) reader.reject(`${key}.baseUrl`, '', 'a gateway needs its address');
    if (type === 'gateway' && authTokenEnv === undefined) {
      reader.reject(`${key}.authTokenEnv`, '', 'a gateway needs the name of the variable that holds its token');
    }
    providers[name] = {
      type,
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...(authTokenEnv === undefined ? {} : { authTokenEnv }),
    };
  }
  return providers;
}

function readWatchdog(reader: SettingsReader, defaults: Config): Config['watchdog'] {
  const base = defaults.watchdog;
  const time = { above: 0, unit: 'milliseconds' } as const;
  const tier0Enabled = reader.boolean('watchdog.tier0Enabled', base.tier0Enabled);
  const tier0IntervalMs = reader.number(
    'watchdog.tier0IntervalMs',
    base.tier0IntervalMs,
    tier0Enabled ? time : { unit: 'milliseconds' },
  );
  const tier1Enabled = reader.boolean('watchdog.tier1Enabled', base.tier1Enabled);
  const tier2Enabled = reader.boolean('watchdog.tier2Enabled', base.tier2Enabled);
  const staleThresholdMs = reader.number('watchdog.staleThresholdMs', base.staleThresholdMs, time);
  const zombieThresholdMs = reader.number('watchdog.zombieThresholdMs', base.zombieThresholdMs, time);
  if (zombieThresholdMs <= staleThresholdMs) {
    reader.reject(
      'watchdog.zombieThresholdMs',
      zombieThresholdMs,
      `it must be larger than staleThresholdMs (${staleThresholdMs})`,
    );
  }
  const triageGiven = reader.raw('watchdog.triageTimeoutMs') !== undefined;
  const triageRule = { min: 5_000, max: 120_000, unit: 'milliseconds' } as const;
  const triageTimeoutMs = triageGiven
    ? reader.number('watchdog.triageTimeoutMs', base.triageTimeoutMs, triageRule)
    : defaultTriageTimeout(base.triageTimeoutMs, tier1Enabled, tier0IntervalMs);
  const nudgeIntervalMs = reader.number('watchdog.nudgeIntervalMs', base.nudgeIntervalMs, time);
  const rpcTimeoutMs = reader.number('watchdog.rpcTimeoutMs', base.rpcTimeoutMs, {
    min: 1_000,
    max: 30_000,
    unit: 'milliseconds',
  });
  if (tier1Enabled && triageTimeoutMs >= tier0IntervalMs) {
    reader.reject(
      'watchdog.triageTimeoutMs',
      triageTimeoutMs,
      `with tier1Enabled it must be less than tier0IntervalMs (${tier0IntervalMs}): lower it or raise the interval`,
    );
  }
  return {
    tier0Enabled,
    tier0IntervalMs,
    tier1Enabled,
    tier2Enabled,
    staleThresholdMs,
    zombieThresholdMs,
    nudgeIntervalMs,
    rpcTimeoutMs,
    triageTimeoutMs,
    maxEscalationLevel: reader.number('watchdog.maxEscalationLevel', base.maxEscalationLevel, {
      integer: true,
      min: 1,
      max: 5,
    }),
    notifyParentOnDeath: reader.boolean('watchdog.notifyParentOnDeath', base.notifyParentOnDeath),
  };
}

/** With tier 1 on, the reference's own defaults refuse each other (spec 03 §5.2 defect): an unset time-out then gives way. */
function defaultTriageTimeout(standard: number, tier1Enabled: boolean, intervalMs: number): number {
  if (!tier1Enabled || standard < intervalMs) return standard;
  return Math.max(5_000, Math.floor(intervalMs / 2));
}

function readModels(
  reader: SettingsReader,
  providers: Config['providers'],
  runtime: Config['runtime'],
): Config['models'] {
  const models = reader.textMap('models', {});
  for (const [role, model] of Object.entries(models)) {
    const slash = model.indexOf('/');
    if (slash < 0) {
      const known =
        MODEL_ALIASES.some((alias) => alias === model) ||
        !ALIAS_RUNTIMES.has(runtime.capabilities[role] ?? runtime.default);
      if (!known) {
        reader.reject(
          `models.${role}`,
          model,
          `it must be ${MODEL_ALIASES.join(', ')} or provider/model with a provider of this file`,
        );
      }
      continue;
    }
    const provider = model.slice(0, slash);
    if (!Object.hasOwn(providers, provider) || slash === model.length - 1) {
      const names = Object.keys(providers).join(', ');
      reader.reject(`models.${role}`, model, `add providers.${provider}, or use one of: ${names}`);
    } else if (provider !== 'anthropic' && WATCHED_ROLES.has(role)) {
      reader.warnings.push(
        `models.${role}: ${model} is not an Anthropic model; check that it can use the tools a ${role} needs`,
      );
    }
  }
  return models;
}

function readRuntime(reader: SettingsReader, defaults: Config): Config['runtime'] {
  const chosen = reader.raw('runtime.default');
  let runtimeName = defaults.runtime.default;
  if (typeof chosen === 'string' && chosen.trim() !== '') runtimeName = chosen;
  else if (chosen !== undefined) {
    reader.warnings.push(
      `runtime.default is ${JSON.stringify(chosen)}, not a runtime's name; ${runtimeName} is used instead`,
    );
  }
  const headless = reader.raw('runtime.claudeHeadlessByDefault');
  if (headless !== undefined && headless !== null && typeof headless !== 'boolean') {
    reader.warnings.push(
      `runtime.claudeHeadlessByDefault is ${JSON.stringify(headless)}, neither true nor false; it is ignored`,
    );
  }
  const printCommand = reader.optionalText('runtime.printCommand');
  return {
    default: runtimeName,
    capabilities: reader.textMap('runtime.capabilities', {}),
    ...(printCommand === undefined ? {} : { printCommand }),
    shellInitDelayMs: readShellDelay(reader),
    ...(typeof headless === 'boolean' ? { claudeHeadlessByDefault: headless } : {}),
    pi: {
      provider: reader.text('runtime.pi.provider', defaults.runtime.pi.provider),
      modelMap: reader.textMap('runtime.pi.modelMap', defaults.runtime.pi.modelMap),
    },
  };
}

function readShellDelay(reader: SettingsReader): number {
  const value = reader.raw('runtime.shellInitDelayMs');
  if (value === undefined) return 0;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    reader.warnings.push(
      `runtime.shellInitDelayMs is ${String(value)}; it must be 0 or more milliseconds, 0 is used instead`,
    );
    return 0;
  }
  if (value > LONG_SHELL_DELAY_MS) {
    reader.warnings.push(`runtime.shellInitDelayMs is ${value} ms: every start waits that long`);
  }
  return value;
}
