import { RECORDING_KEYS } from './recordingSettings.ts';
import { isMapping, type YamlMapping } from './yamlText.ts';

/** Keys a section may hold; null stands for "anything below is a name the user chose or a plain value". */
export type KnownKeys = { readonly [key: string]: KnownKeys | null };

function keys(...names: readonly string[]): KnownKeys {
  return Object.fromEntries(names.map((name) => [name, null]));
}

/** Every key of the settings that somebody reads. */
export const KNOWN: KnownKeys = {
  project: keys('name', 'root', 'canonicalBranch', 'qualityGates', 'defaultProfile'),
  agents: keys(
    'manifestPath',
    'baseDir',
    'maxConcurrent',
    'staggerDelayMs',
    'maxDepth',
    'maxSessionsPerRun',
    'maxAgentsPerLead',
  ),
  worktrees: keys('baseDir'),
  taskTracker: keys('backend', 'enabled'),
  mulch: keys('enabled', 'domains', 'primeFormat'),
  merge: keys('aiResolveEnabled', 'reimagineEnabled'),
  providers: null,
  watchdog: keys(
    'tier0Enabled',
    'tier0IntervalMs',
    'tier1Enabled',
    'tier2Enabled',
    'staleThresholdMs',
    'zombieThresholdMs',
    'nudgeIntervalMs',
    'rpcTimeoutMs',
    'triageTimeoutMs',
    'maxEscalationLevel',
    'notifyParentOnDeath',
  ),
  coordinator: { exitTriggers: keys('allAgentsDone', 'taskTrackerEmpty', 'onShutdownSignal') },
  models: null,
  logging: keys('verbose', 'redactSecrets'),
  runtime: {
    default: null,
    capabilities: null,
    printCommand: null,
    shellInitDelayMs: null,
    claudeHeadlessByDefault: null,
    pi: keys('provider', 'modelMap'),
  },
  controlRoom: {
    ...keys('maxTurnAttempts', 'sandbox', 'sandboxOffline'),
    watchdog: keys('live', 'shadow', 'off', 'loopRounds', 'loopMinimumMs', 'refreshMs'),
    guards: keys('refuse', 'allow', 'protect'),
    vault: keys('intervalMs', 'maxSnapshots', 'maxAgeMs', 'maxBytes', 'maxFileBytes', 'maxUntrackedBytes'),
    merge: keys('verify', 'gateTimeoutMs', 'modelTimeoutMs'),
    recordings: keys(...RECORDING_KEYS),
    radar: keys('enabled', 'seconds'),
    mail: { wake: { default: null, types: null, roles: null, agents: null } },
    notifications: keys('off', 'quietFrom', 'quietTo'),
    acpAgents: null,
    environment: null,
    prices: null,
    budgets: {
      softFraction: null,
      agent: keys('usd', 'turns', 'minutes'),
      task: keys('usd', 'turns', 'minutes'),
      run: keys('usd', 'turns', 'minutes'),
      day: keys('usd', 'turns', 'minutes'),
    },
  },
};

/** One line for each key nobody reads, with the nearest known key: the reference accepts a misspelt key in silence (spec 03 §5.1). */
export function unknownKeyWarnings(document: YamlMapping, label: string): readonly string[] {
  return collect(document, KNOWN, '', label);
}

function collect(document: YamlMapping, known: KnownKeys, prefix: string, label: string): string[] {
  const warnings: string[] = [];
  for (const [key, value] of Object.entries(document)) {
    if (!Object.hasOwn(known, key)) {
      const near = nearest(key, Object.keys(known));
      const advice = near === null ? 'remove it or correct its spelling' : `did you mean ${prefix}${near}?`;
      warnings.push(`${label}: unknown setting ${prefix}${key} is ignored; ${advice}`);
      continue;
    }
    const below = known[key];
    if (below !== null && below !== undefined && isMapping(value)) {
      warnings.push(...collect(value, below, `${prefix}${key}.`, label));
    }
  }
  return warnings;
}

/** The known key within two typing errors, or null. */
export function nearest(key: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = 3;
  for (const candidate of candidates) {
    const distance = editDistance(key.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
