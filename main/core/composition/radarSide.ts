import { join } from 'node:path';
import type { Changes } from '../changes.ts';
import type { Config } from '../config/schema.ts';
import type { ServicesOptions } from '../engineServicesOptions.ts';
import type { Git } from '../git/git.ts';
import { chooseTarget } from '../merge/mergeRecords.ts';
import { createRadar, type Radar } from '../radar/radarService.ts';
import { type AgentChangesService, createAgentChanges } from '../review/agentChanges.ts';
import { readTextIfPresent } from '../util/files.ts';

/** Puts together what a person reviews of an agent's work. */
export function composeAgentChanges(
  { projectRoot, overstoryDirectory, stores }: ServicesOptions,
  { git, config }: { readonly git: Git; readonly config: () => Config },
): AgentChangesService {
  return createAgentChanges({
    projectRoot,
    git,
    scratch: join(overstoryDirectory, 'review'),
    limits: () => config().controlRoom.vault,
    session: (agentName) => stores.sessions.getByName(agentName),
    async target() {
      const session = await readTextIfPresent(join(overstoryDirectory, 'session-branch.txt'));
      return chooseTarget(undefined, session, config().project.canonicalBranch);
    },
  });
}

/** Puts together the collision radar. */
export function composeRadar(
  options: ServicesOptions,
  parts: { readonly git: Git; readonly config: () => Config; readonly changes: Changes },
): Radar {
  const { projectRoot, overstoryDirectory, clock, log, stores, hub } = options;
  const { config } = parts;
  return createRadar({
    projectRoot,
    overstoryDirectory,
    git: parts.git,
    clock,
    log,
    settings: () => config().controlRoom.radar,
    limits: () => config().controlRoom.vault,
    sessions: () => stores.sessions.getAll(),
    scopeOf: (agentName) => stores.control.getAgentSettings(agentName)?.files ?? [],
    target: () => config().project.canonicalBranch,
    publish: (view) => hub.publish('radar', { value: view }),
    onCollisions: () => parts.changes.attention(),
  });
}
