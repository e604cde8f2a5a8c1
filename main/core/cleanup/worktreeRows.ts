import type { WorktreeRow } from '../../../contract/cleanup.ts';
import { ok, type Result } from '../../../contract/result.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { canonicalPath } from '../util/files.ts';
import { BRANCH_PREFIX } from '../worktrees/names.ts';
import type { WorktreeEntry } from '../worktrees/parsers.ts';
import type { Worktrees } from '../worktrees/worktrees.ts';

/** A worktree of an agent's branch, with the session that works there. */
export interface AgentWorktree {
  readonly entry: WorktreeEntry;
  /** Null for a worktree nobody knows any more. */
  readonly session: AgentSession | null;
}

/** Finds the worktrees of agents' branches, whoever made them. */
export async function agentWorktrees(
  worktrees: Pick<Worktrees, 'list'>,
  sessions: Pick<SessionStore, 'getAll'>,
): Promise<Result<readonly AgentWorktree[]>> {
  const listed = await worktrees.list();
  if (!listed.ok) return listed;
  const byPath = new Map<string, AgentSession>();
  for (const session of sessions.getAll()) byPath.set(await canonicalPath(session.worktreePath), session);
  const found: AgentWorktree[] = [];
  for (const entry of listed.value) {
    if (!entry.branch.startsWith(BRANCH_PREFIX)) continue;
    found.push({ entry, session: byPath.get(await canonicalPath(entry.path)) ?? null });
  }
  return ok(found);
}

/** As faces show it (spec 02 §4.6 "list"). */
export function worktreeRow({ entry, session }: AgentWorktree): WorktreeRow {
  return {
    path: entry.path,
    branch: entry.branch,
    head: entry.head,
    agentName: session?.agentName ?? null,
    state: session?.state ?? null,
    taskId: session?.taskId ?? null,
  };
}
