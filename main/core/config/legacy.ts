import { isMapping, type YamlMapping, type YamlValue } from './yamlText.ts';

/** A document in today's words, with one line for each old word that was found. */
export interface Migrated {
  readonly document: YamlMapping;
  readonly warnings: readonly string[];
}

/** Old watchdog names and what they are called now (spec 03 §5.3). Order matters: tier1 must be free before tier2 moves. */
const WATCHDOG_RENAMES: ReadonlyArray<readonly [string, string]> = [
  ['tier1Enabled', 'tier0Enabled'],
  ['tier1IntervalMs', 'tier0IntervalMs'],
  ['tier2Enabled', 'tier1Enabled'],
];

/**
 * Rewrites the old words of `config.yaml` and `config.local.yaml` (spec 03 §5.3). Whether the watchdog section is old is
 * decided for both files together: a local file that only sets `tier1Enabled` over a new-style project is not old, which
 * the reference gets wrong by looking at each file alone.
 */
export function migrateLegacy(
  base: YamlMapping,
  local: YamlMapping,
): { readonly base: Migrated; readonly local: Migrated } {
  const baseWatchdog = sectionOf(base, 'watchdog');
  const localWatchdog = sectionOf(local, 'watchdog');
  const baseIsOld = hasOldMarker(baseWatchdog) || ('tier1Enabled' in baseWatchdog && !hasNewMarker(baseWatchdog));
  const localIsOld =
    !hasNewMarker(localWatchdog) &&
    (hasOldMarker(localWatchdog) ||
      (baseIsOld && ('tier1Enabled' in localWatchdog || 'tier2Enabled' in localWatchdog)));
  const trackerNamed = isMapping(base.taskTracker) || isMapping(local.taskTracker);
  return {
    base: migrateTracker(baseIsOld ? migrateWatchdog(base, 'config.yaml') : unchanged(base), trackerNamed),
    local: migrateTracker(localIsOld ? migrateWatchdog(local, 'config.local.yaml') : unchanged(local), trackerNamed),
  };
}

function hasOldMarker(watchdog: YamlMapping): boolean {
  return 'tier1IntervalMs' in watchdog && !hasNewMarker(watchdog);
}

function hasNewMarker(watchdog: YamlMapping): boolean {
  return 'tier0Enabled' in watchdog || 'tier0IntervalMs' in watchdog;
}

function migrateWatchdog(document: YamlMapping, label: string): Migrated {
  const watchdog: Record<string, YamlValue> = { ...sectionOf(document, 'watchdog') };
  const warnings: string[] = [];
  for (const [old, now] of WATCHDOG_RENAMES) {
    const value = watchdog[old];
    if (value === undefined) continue;
    delete watchdog[old];
    watchdog[now] = value;
    warnings.push(`DEPRECATED: watchdog.${old} in ${label} is now watchdog.${now}; rename it`);
  }
  return { document: { ...document, watchdog }, warnings };
}

function migrateTracker(migrated: Migrated, trackerNamed: boolean): Migrated {
  const document: Record<string, YamlValue> = { ...migrated.document };
  const warnings = [...migrated.warnings];
  for (const backend of ['beads', 'seeds'] as const) {
    const section = document[backend];
    if (section === undefined) continue;
    delete document[backend];
    // `taskTracker` wins over the old sections (spec 03 §5.9).
    if (trackerNamed || 'taskTracker' in document) continue;
    const enabled = isMapping(section) ? section.enabled : undefined;
    document.taskTracker = { backend, enabled: enabled ?? true };
    warnings.push(`DEPRECATED: ${backend}: is now taskTracker.backend: ${backend}; rename it`);
  }
  return { document, warnings };
}

function unchanged(document: YamlMapping): Migrated {
  return { document, warnings: [] };
}

function sectionOf(document: YamlMapping, key: string): YamlMapping {
  const section = document[key];
  return isMapping(section) ? section : {};
}
