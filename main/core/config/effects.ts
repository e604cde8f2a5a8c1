import type { ConfigEffect } from '../../../contract/config.ts';

/**
 * From when on a changed setting holds, by the longest key that matches. Most are read where they are used, hence `now`; the
 * others have been handed to something that is made once: an agent's files, a turn's plan, a timer of the engine.
 */
const EFFECTS: Readonly<Record<string, ConfigEffect>> = {
  'project.name': 'restart',
  'project.qualityGates': 'nextAgent',
  'project.canonicalBranch': 'nextAgent',
  'project.defaultProfile': 'nextAgent',
  'agents.manifestPath': 'restart',
  'agents.baseDir': 'restart',
  'worktrees.baseDir': 'restart',
  mulch: 'nextAgent',
  merge: 'nextMerge',
  'watchdog.tier0Enabled': 'restart',
  'watchdog.tier0IntervalMs': 'restart',
  models: 'nextAgent',
  providers: 'nextTurn',
  logging: 'restart',
  runtime: 'nextAgent',
  'runtime.printCommand': 'nextMerge',
  'runtime.pi': 'nextTurn',
  'controlRoom.watchdog.refreshMs': 'restart',
  'controlRoom.vault.intervalMs': 'restart',
  'controlRoom.recordings': 'restart',
  'controlRoom.radar': 'restart',
  'controlRoom.merge': 'nextMerge',
  'controlRoom.guards': 'nextAgent',
  'controlRoom.sandbox': 'nextTurn',
  'controlRoom.sandboxOffline': 'nextTurn',
  'controlRoom.environment': 'nextTurn',
  'controlRoom.acpAgents': 'nextTurn',
  'controlRoom.prices': 'nextTurn',
};

/** @param key dotted, such as `models.builder`. */
export function effectOf(key: string): ConfigEffect {
  for (let part = key; part !== ''; part = part.slice(0, Math.max(0, part.lastIndexOf('.')))) {
    const found = EFFECTS[part];
    if (found !== undefined) return found;
  }
  return 'now';
}
