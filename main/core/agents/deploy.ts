import { join, relative } from 'node:path';
import { ok, type Result } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../config/schema.ts';
import type { RuntimeRegistry } from '../runtimes/registry.ts';
import { writeGuardFiles } from './guardFiles.ts';
import { ensureIdentity } from './identity.ts';
import { type AgentManifest, readProfile, readRoleFile } from './manifest.ts';
import { type OverlayInput, renderOverlay, writeOverlay } from './overlay.ts';
import { livesInProjectRoot, ROLE_TEXTS } from './roles.ts';
import { writeRuntimeFiles } from './runtimeFiles.ts';
import type { DeployRequest } from './slingService.ts';

export interface DeployOptions {
  readonly projectRoot: string;
  readonly overstoryDirectory: string;
  readonly clock: Clock;
  readonly config: () => Config;
  readonly manifest: () => AgentManifest;
  readonly registry: RuntimeRegistry;
  /** Profile for everybody who is not given one: `OVERSTORY_PROFILE`. */
  readonly profile?: string | undefined;
}

/** Path of the role instructions of an agent that works in the project root. */
export function systemPromptPath(overstoryDirectory: string, agentName: string): string {
  return join(overstoryDirectory, 'agents', agentName, 'instructions.md');
}

/**
 * Gives an agent its instructions and identity (spec 02 §3.7, §3.8): the overlay goes into its worktree; an agent of the
 * project root gets it as a system prompt file, so that the user's own instruction file is never written.
 */
export function createDeploy(options: DeployOptions): (request: DeployRequest) => Promise<Result<unknown>> {
  return async (request) => {
    const config = options.config();
    const adapter = options.registry.get(request.runtime);
    if (!adapter.ok) return adapter;
    const definition = options.manifest().agents[request.capability];
    const role =
      definition === undefined
        ? ok(ROLE_TEXTS[request.capability])
        : await readRoleFile(options.projectRoot, config.agents.baseDir, definition);
    if (!role.ok) return role;
    const profileName = [request.profile, options.profile, config.project.defaultProfile].find(Boolean) ?? '';
    const profile = await readProfile(options.projectRoot, config.agents.baseDir, profileName);
    if (!profile.ok) return profile;
    const input: OverlayInput = {
      agentName: request.agentName,
      capability: request.capability,
      taskId: request.taskId,
      branch: request.branch,
      worktree: request.worktree,
      parent: request.parent,
      depth: request.depth,
      specPath: request.specPath,
      fileScope: request.files,
      siblings: request.siblings,
      canSpawn: definition?.canSpawn ?? false,
      canonicalBranch: config.project.canonicalBranch,
      skipScout: request.skipScout,
      skipReview: request.skipReview,
      dispatchMaxAgents: request.maxAgents ?? undefined,
      qualityGates: config.project.qualityGates,
      mulchDomains: [],
      expertise: '',
      tracker: null,
      roleText: role.value,
      profileText: profile.value,
      instructionPath: livesInProjectRoot(request.capability)
        ? relative(options.projectRoot, systemPromptPath(options.overstoryDirectory, request.agentName))
        : adapter.value.instructionPath,
    };
    if (livesInProjectRoot(request.capability))
      await writeFileAtomic(systemPromptPath(options.overstoryDirectory, request.agentName), renderOverlay(input));
    else {
      const written = await writeOverlay(input, options.projectRoot);
      if (!written.ok) return written;
    }
    const guarded = await writeGuardFiles(options.overstoryDirectory, {
      agentName: request.agentName,
      capability: request.capability,
      worktree: livesInProjectRoot(request.capability) ? null : request.worktree,
      projectRoot: options.projectRoot,
      taskId: request.taskId,
      qualityGates: config.project.qualityGates.map((gate) => gate.command),
      rules: config.controlRoom.guards,
    });
    if (!guarded.ok) return guarded;
    if (!livesInProjectRoot(request.capability)) {
      const files = adapter.value.guardFiles?.({
        agentName: request.agentName,
        capability: request.capability,
        worktree: request.worktree,
        qualityGates: config.project.qualityGates.map((gate) => gate.command),
      });
      const written = await writeRuntimeFiles(request.worktree, files ?? []);
      if (!written.ok) return written;
    }
    return ensureIdentity(
      join(options.overstoryDirectory, 'agents'),
      request.agentName,
      request.capability,
      options.clock.now(),
    );
  };
}
