import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../../platform/processes.ts';
import { openDatabase } from '../db/openDatabase.ts';
import { openSessions } from '../sessions/sessionStore.ts';
import { canonicalPath, isInside, pathExists } from '../util/files.ts';

/**
 * Processes of agents of a project of its own that lies inside a worktree: they would lose the ground under their feet
 * (spec 02 §4.6). A database that cannot be read counts as none.
 */
export async function liveNestedAgents(worktree: string): Promise<readonly number[]> {
  const path = join(worktree, '.overstory', 'sessions.db');
  if (!(await pathExists(path))) return [];
  const connection = openDatabase(path);
  if (!connection.ok) return [];
  try {
    const sessions = openSessions(connection.value);
    if (!sessions.ok) return [];
    const pids: number[] = [];
    for (const { pid } of sessions.value.getActive()) {
      if (pid !== null && isAlive(pid) && (await worksIn(pid, worktree))) pids.push(pid);
    }
    return pids;
  } finally {
    connection.value.close();
  }
}

/** Whether a process works inside the worktree: a recycled pid belongs to a stranger. Unknown counts as yes. */
async function worksIn(pid: number, worktree: string): Promise<boolean> {
  try {
    const folder = await readlink(`/proc/${pid}/cwd`);
    const inside = await canonicalPath(worktree);
    return folder === inside || isInside(folder, inside);
  } catch {
    // No /proc here, or another user's process: asking again would tell no more.
    return true;
  }
}
