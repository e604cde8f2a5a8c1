import { type CleanService, createCleanService } from '../cleanup/cleanService.ts';
import { createWorktreeClean, type WorktreeClean } from '../cleanup/worktreeClean.ts';
import type { Config } from '../config/schema.ts';
import type { ServicesOptions } from '../engineServicesOptions.ts';
import type { Git } from '../git/git.ts';
import type { MergeService } from '../merge/mergeService.ts';
import { untilSettled } from '../turns/untilSettled.ts';
import type { Vault } from '../vault/vaultService.ts';
import type { Worktrees } from '../worktrees/worktrees.ts';
import type { AgentSide } from './agentSide.ts';

/** Puts together what takes things away. */
export function composeCleanup(
  options: ServicesOptions,
  parts: {
    readonly git: Git;
    readonly worktrees: Worktrees;
    readonly vault: Vault;
    readonly agents: AgentSide;
    readonly merges: MergeService;
    readonly config: () => Config;
    readonly onCleaned: () => void;
  },
): { readonly cleanup: CleanService; readonly worktreeClean: WorktreeClean } {
  const { overstoryDirectory, projectRoot, stores } = options;
  const { git, worktrees, vault, onCleaned } = parts;
  const { engine, lifecycle, holds } = parts.agents;
  const isBusy = (agentName: string): boolean => engine.isBusy(agentName);
  const shared = {
    overstoryDirectory,
    git,
    stores,
    worktrees,
    lifecycle,
    holds,
    onCleaned,
    settled: (agentName: string) => untilSettled(isBusy, agentName),
  };
  return {
    cleanup: createCleanService({ ...shared, projectRoot, vault, isBusy }),
    worktreeClean: createWorktreeClean({
      ...shared,
      canonicalBranch: () => parts.config().project.canonicalBranch,
      onIdleCheckout: (work) => parts.merges.whileIdle(work),
    }),
  };
}
