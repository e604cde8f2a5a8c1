import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CleanWorktreesInput, CleanWorktreesReply } from '../../../contract/cleanup.ts';
import { ok, type Result } from '../../../contract/result.ts';
import type { Lifecycle } from '../agents/lifecycle.ts';
import type { Git } from '../git/git.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { Stores } from '../stores.ts';
import type { AgentHolds } from '../turns/agentHolds.ts';
import { pathExists } from '../util/files.ts';
import type { Worktrees } from '../worktrees/worktrees.ts';
import { decideWorktree } from './cleanRules.ts';
import { liveNestedAgents } from './nestedAgents.ts';
import { rescueSeeds } from './seedsRescue.ts';
import { agentWorktrees } from './worktreeRows.ts';

export interface WorktreeCleanOptions {
  readonly overstoryDirectory: string;
  readonly git: Git;
  readonly stores: Pick<Stores, 'sessions' | 'control' | 'events'>;
  readonly worktrees: Pick<Worktrees, 'list' | 'remove' | 'isBranchMerged'>;
  readonly lifecycle: Pick<Lifecycle, 'stop'>;
  readonly holds: Pick<AgentHolds, 'remove'>;
  readonly canonicalBranch: () => string;
  /** Resolves when no turn of this agent runs or is being settled; false when it does not come to rest in time. */
  readonly settled: (agentName: string) => Promise<boolean>;
  /** Runs work while no merge uses the project's checkout. */
  readonly onIdleCheckout: <Value>(work: () => Promise<Value>) => Promise<Value>;
  readonly onCleaned: () => void;
}

export interface WorktreeClean {
  /** Removes worktrees that have served their turn, with their branches; each is in the vault first (spec 02 §4.6). */
  clean(input: CleanWorktreesInput): Promise<Result<CleanWorktreesReply>>;
}

/** Milliseconds nested agents get to end after they were asked (spec 02 §4.6). */
const NESTED_WAIT_MS = 500;

export function createWorktreeClean(options: WorktreeCleanOptions): WorktreeClean {
  const { sessions, control } = options.stores;

  const found = () => agentWorktrees(options.worktrees, sessions);

  /** The branch people work on may be another than the canonical one (spec 02 §6 row 15). */
  async function targets(): Promise<readonly string[]> {
    const path = join(options.overstoryDirectory, 'session-branch.txt');
    const session = (await pathExists(path)) ? (await readFile(path, 'utf8')).trim() : '';
    return session === '' ? [options.canonicalBranch()] : [options.canonicalBranch(), session];
  }

  async function isMerged(branch: string, into: readonly string[]): Promise<boolean> {
    for (const target of into) {
      const merged = await options.worktrees.isBranchMerged(branch, target);
      if (merged.ok && merged.value) return true;
    }
    return false;
  }

  function forget(agentName: string): void {
    options.holds.remove(agentName);
    control.removeAgentSettings(agentName);
    sessions.remove(agentName);
  }

  return {
    async clean({ all, force, acceptLoss }) {
      const rows = await found();
      if (!rows.ok) return rows;
      const into = await targets();
      const lists = { cleaned: [], failed: [], skipped: [], blockedByChildren: [] } as Record<
        'cleaned' | 'failed' | 'skipped' | 'blockedByChildren',
        string[]
      >;
      const reasons: Record<string, string> = {};
      const seedsPreserved: string[] = [];
      const gone: AgentSession[] = [];
      const put = (list: keyof typeof lists, branch: string, reason?: string): void => {
        lists[list].push(branch);
        if (reason !== undefined) reasons[branch] = reason;
      };
      for (const { entry, session } of rows.value) {
        const nested = await liveNestedAgents(entry.path);
        const facts = { session, merged: await isMerged(entry.branch, into), liveChildren: nested.length };
        const decision = decideWorktree(facts, { completedOnly: !all, force });
        if (decision.do === 'ignore') continue;
        if (decision.do !== 'clean') {
          put(decision.do === 'skip' ? 'skipped' : 'blockedByChildren', entry.branch, decision.reason);
          continue;
        }
        await endNested(nested);
        if (session !== null) {
          if (session.state !== 'completed' && session.state !== 'zombie')
            await options.lifecycle.stop(session.agentName, 'clean');
          await options.settled(session.agentName);
        }
        if (session?.capability === 'lead') {
          const lead = { agentName: session.agentName, branch: entry.branch };
          const saved = await options.onIdleCheckout(() => rescueSeeds(options.git, lead, options.canonicalBranch()));
          // Unlike in the reference the worktree stays then: its tracker changes would be lost with it.
          if (!saved.ok) {
            put('failed', entry.branch, saved.error.message);
            continue;
          }
          if (saved.value) seedsPreserved.push(entry.branch);
        }
        const removed = await options.worktrees.remove(entry.path, { force: true, forceBranch: true, acceptLoss });
        if (!removed.ok) {
          put('failed', entry.branch, removed.error.message);
          continue;
        }
        put('cleaned', entry.branch);
        if (session !== null) gone.push(session);
      }
      const pruned = await prune(gone);
      if (lists.cleaned.length + pruned > 0) options.onCleaned();
      return ok({ ...lists, pruned, seedsPreserved, reasons });
    },
  };

  /** Rows of cleaned agents, and of dead ones whose worktree is gone. */
  async function prune(cleaned: readonly AgentSession[]): Promise<number> {
    const names = new Set(cleaned.map((session) => session.agentName));
    for (const session of sessions.getAll()) {
      if (session.state === 'zombie' && !(await pathExists(session.worktreePath))) names.add(session.agentName);
    }
    for (const name of names) forget(name);
    return names.size;
  }

  async function endNested(pids: readonly number[]): Promise<void> {
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGTERM');
      } catch {
        // It ended by itself meanwhile, which is what was wanted.
      }
    }
    await delay(NESTED_WAIT_MS);
  }
}
