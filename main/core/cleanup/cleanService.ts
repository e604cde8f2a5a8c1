import { join } from 'node:path';
import type { CleanAgentReply, CleanInput, CleanReply } from '../../../contract/cleanup.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Lifecycle, StopReason } from '../agents/lifecycle.ts';
import type { Git } from '../git/git.ts';
import { clearCurrentRun, readCurrentRun } from '../runs/currentRun.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { Stores } from '../stores.ts';
import type { AgentHolds } from '../turns/agentHolds.ts';
import type { Vault } from '../vault/vaultService.ts';
import { BRANCH_PREFIX } from '../worktrees/names.ts';
import type { Worktrees } from '../worktrees/worktrees.ts';
import { type CleanParts, partsOf } from './cleanRules.ts';
import { emptyFolder, removeFile } from './folders.ts';

export interface CleanOptions {
  readonly overstoryDirectory: string;
  readonly projectRoot: string;
  readonly git: Git;
  readonly stores: Stores;
  readonly worktrees: Pick<Worktrees, 'list' | 'remove'>;
  readonly vault: Pick<Vault, 'beforeBranchRemoval'>;
  readonly lifecycle: Pick<Lifecycle, 'stop'>;
  readonly holds: Pick<AgentHolds, 'remove'>;
  /** Resolves when no turn of this agent runs or is being settled; false when it does not come to rest in time. */
  readonly settled: (agentName: string) => Promise<boolean>;
  readonly isBusy: (agentName: string) => boolean;
  /** Everything the room shows has to be read anew. */
  readonly onCleaned: () => void;
}

export interface CleanService {
  /** Takes away what the targets name; whatever holds work is in the vault first (spec 02 §4.3). */
  clean(input: CleanInput): Promise<Result<CleanReply>>;
  /** Ends one agent and takes away all that is its own; its row stays, completed. */
  cleanAgent(input: { readonly agentName: string; readonly acceptLoss: boolean }): Promise<Result<CleanAgentReply>>;
}

/** Logs that are open as long as the project is in use. */
const LIVE_LOGS = /^(?:engine|pty-host|serve)\.log/;

export function createCleanService(options: CleanOptions): CleanService {
  const { stores, overstoryDirectory: home } = options;

  /** Ends an agent that has not ended, with whatever is left of its turn. */
  async function end(session: AgentSession, reason: StopReason): Promise<{ logged: boolean; turnEnded: boolean }> {
    const logged = session.state !== 'completed' && session.state !== 'zombie';
    const turnEnded = options.isBusy(session.agentName);
    if (logged || turnEnded) await options.lifecycle.stop(session.agentName, reason);
    await options.settled(session.agentName);
    return { logged, turnEnded };
  }

  async function removeWorktree(path: string, acceptLoss: boolean): Promise<Result<{ branchDeleted: boolean }>> {
    return options.worktrees.remove(path, { force: true, forceBranch: true, acceptLoss });
  }

  /** Deletes a branch; its commits are in the vault first when nothing else holds them. */
  async function removeBranch(branch: string): Promise<Result<null>> {
    const kept = await options.vault.beforeBranchRemoval(branch);
    if (!kept.ok) return kept;
    const deleted = await options.git(['branch', '-D', '--', branch]);
    if (deleted.code === 0) return ok(null);
    return fail('worktree', deleted.stderr.trim().split('\n')[0] ?? `branch ${branch} cannot be deleted`);
  }

  async function removeWorktrees(
    acceptLoss: boolean,
    kept: string[],
  ): Promise<{ worktrees: number; branches: number }> {
    const listed = await options.worktrees.list();
    if (!listed.ok) {
      kept.push(listed.error.message);
      return { worktrees: 0, branches: 0 };
    }
    const count = { worktrees: 0, branches: 0 };
    for (const entry of listed.value) {
      if (!entry.branch.startsWith(BRANCH_PREFIX)) continue;
      const removed = await removeWorktree(entry.path, acceptLoss);
      if (removed.ok) {
        count.worktrees += 1;
        if (removed.value.branchDeleted) count.branches += 1;
      } else kept.push(removed.error.message);
    }
    return count;
  }

  async function removeBranches(kept: string[]): Promise<number> {
    const listed = await options.git(['for-each-ref', '--format=%(refname:lstrip=2)', `refs/heads/${BRANCH_PREFIX}`]);
    let count = 0;
    for (const branch of listed.stdout.split('\n').filter((line) => line !== '')) {
      const removed = await removeBranch(branch);
      if (removed.ok) count += 1;
      else kept.push(removed.error.message);
    }
    return count;
  }

  function clearSessions(): boolean {
    const agents = stores.sessions.getAll();
    for (const { agentName } of agents) {
      options.holds.remove(agentName);
      stores.control.removeAgentSettings(agentName);
    }
    stores.sessions.purge({ all: true });
    const runs = stores.runs.listRuns();
    for (const run of runs) stores.runs.removeRun(run.id);
    return agents.length + runs.length > 0;
  }

  function clearMergeQueue(): boolean {
    const entries = stores.mergeQueue.list();
    for (const { id } of entries) {
      stores.mergeQueue.remove(id);
      stores.control.removeMergeOutcome(id);
    }
    return entries.length > 0;
  }

  async function clearLogs(kept: string[]): Promise<boolean> {
    const busy = stores.sessions.getAll().filter((session) => options.isBusy(session.agentName));
    const names = new Set(busy.map((session) => session.agentName));
    for (const name of names) kept.push(`the logs of ${name} stay: it is in the middle of a turn`);
    return emptyFolder(join(home, 'logs'), (name) => LIVE_LOGS.test(name) || names.has(name));
  }

  async function clearAgents(kept: string[]): Promise<boolean> {
    const names = new Set(stores.sessions.getActive().map((session) => session.agentName));
    for (const name of names) kept.push(`the folder of ${name} stays: it has not ended`);
    return emptyFolder(join(home, 'agents'), (name) => names.has(name));
  }

  async function clearLoose(): Promise<{ nudges: boolean; run: boolean }> {
    const state = await removeFile(join(home, 'nudge-state.json'));
    const pending = await emptyFolder(join(home, 'pending-nudges'));
    const run = (await readCurrentRun(home)) !== null;
    await clearCurrentRun(home);
    return { nudges: state || pending, run };
  }

  async function stopAll(parts: CleanParts): Promise<{ events: number; stopped: string[] }> {
    let events = 0;
    const stopped: string[] = [];
    if (!parts.stopAgents) return { events, stopped };
    for (const session of stores.sessions.getAll()) {
      const ended = await end(session, 'clean');
      if (ended.logged) events += 1;
      if (ended.logged || ended.turnEnded) stopped.push(session.agentName);
    }
    return { events, stopped };
  }

  return {
    async clean({ targets, acceptLoss }) {
      const parts = partsOf(targets);
      const kept: string[] = [];
      const { events, stopped } = await stopAll(parts);
      const gone = parts.worktrees ? await removeWorktrees(acceptLoss, kept) : { worktrees: 0, branches: 0 };
      const branches = parts.branches ? await removeBranches(kept) : 0;
      const mailWiped = parts.mail && stores.mail.purge({ all: true }) > 0;
      const metricsWiped =
        parts.metrics && stores.metrics.purge({ all: true }) + stores.metrics.purgeSnapshots({ all: true }) > 0;
      const sessionsCleared = parts.sessions && clearSessions();
      const mergeQueueCleared = parts.mergeQueue && clearMergeQueue();
      const logsCleared = parts.logs && (await clearLogs(kept));
      const agentsCleared = parts.agents && (await clearAgents(kept));
      const specsCleared = parts.specs && (await emptyFolder(join(home, 'specs')));
      const loose = parts.loose ? await clearLoose() : { nudges: false, run: false };
      options.onCleaned();
      return ok({
        sessionEndEventsLogged: events,
        agentsStopped: stopped,
        worktreesCleaned: gone.worktrees,
        branchesDeleted: gone.branches + branches,
        mailWiped,
        sessionsCleared,
        mergeQueueCleared,
        metricsWiped,
        logsCleared,
        agentsCleared,
        specsCleared,
        nudgeStateCleared: loose.nudges,
        currentRunCleared: loose.run,
        kept,
      });
    },

    async cleanAgent({ agentName, acceptLoss }) {
      const session = stores.sessions.getByName(agentName);
      if (session === null)
        return fail('notFound', `agent "${agentName}" not found: see "ov status --all" for the names`);
      const kept: string[] = [];
      const wasCompleted = session.state === 'completed';
      const { turnEnded, logged } = await end(session, 'clean --agent');
      let worktreeRemoved = false;
      let branchDeleted = false;
      if (session.worktreePath !== options.projectRoot) {
        const listed = await options.worktrees.list();
        const known = listed.ok && listed.value.some((entry) => entry.branch === session.branchName);
        if (known) {
          const removed = await removeWorktree(session.worktreePath, acceptLoss);
          if (!removed.ok) kept.push(removed.error.message);
          worktreeRemoved = removed.ok;
          branchDeleted = removed.ok && removed.value.branchDeleted;
        } else if (await hasBranch(session.branchName)) {
          const removed = await removeBranch(session.branchName);
          if (!removed.ok) kept.push(removed.error.message);
          branchDeleted = removed.ok;
        }
      }
      stores.sessions.updateState(agentName, 'completed');
      options.holds.remove(agentName);
      const agentDirCleared = await emptyFolder(join(home, 'agents', agentName));
      const logsDirCleared = await emptyFolder(join(home, 'logs', agentName));
      options.onCleaned();
      return ok({
        agentName,
        turnEnded,
        worktreeRemoved,
        branchDeleted,
        agentDirCleared,
        logsDirCleared,
        sessionEndEventLogged: logged,
        markedCompleted: !wasCompleted,
        kept,
      });
    },
  };

  async function hasBranch(branch: string): Promise<boolean> {
    return (await options.git(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`])).code === 0;
  }
}
