import { join } from 'node:path';
import { loadConfig } from '../config/loadConfig.ts';
import { createGit } from '../git/git.ts';
import { openStores } from '../stores.ts';
import { readTextIfPresent } from '../util/files.ts';
import type { LeadCloseFacts } from './guardDecision.ts';

/** Mails looked through on each side; a lead has a handful of workers. */
const MAILS_BACK = 1_000;
/** Milliseconds git may take. */
const GIT_MS = 10_000;

/**
 * What has to be true before a lead closes its task, from the stores and its worktree (spec 02 §3.10 "lead close gate").
 * Undefined when the stores cannot be opened, as inside a sandbox that may not write them: the gate reminds, and nobody
 * should be unable to finish because of it.
 * @param worktree null when the lead has none: then nobody asks whether its commits are merged.
 */
export async function leadCloseFacts(
  projectRoot: string,
  agentName: string,
  worktree: string | null,
): Promise<LeadCloseFacts | undefined> {
  const overstoryDirectory = join(projectRoot, '.overstory');
  const stores = await openStores(overstoryDirectory);
  if (!stores.ok) return undefined;
  try {
    const { mail, sessions } = stores.value;
    const sent = mail.getAll({ from: agentName, type: 'merge_ready', limit: MAILS_BACK });
    const merged = mail.getAll({ to: agentName, type: 'merged', limit: MAILS_BACK });
    const done = mail.getAll({ to: agentName, type: 'worker_done', limit: MAILS_BACK });
    const builders = done.filter(
      (message) => (sessions.getByName(message.from)?.capability ?? 'builder') === 'builder',
    );
    return {
      handedOver: sent.length + merged.length,
      buildersDone: builders.length,
      merged: worktree === null ? null : await isMerged(projectRoot, overstoryDirectory, worktree),
    };
  } finally {
    stores.value.close();
  }
}

/** Whether the worktree's HEAD is in the target branch; null when there is no such branch. */
async function isMerged(projectRoot: string, overstoryDirectory: string, worktree: string): Promise<boolean | null> {
  const config = await loadConfig(projectRoot);
  const session = (await readTextIfPresent(join(overstoryDirectory, 'session-branch.txt')))?.trim() ?? '';
  const target = session !== '' ? session : config.ok ? config.value.config.project.canonicalBranch : 'main';
  const git = createGit(worktree);
  const asked = await git(['merge-base', '--is-ancestor', 'HEAD', `refs/heads/${target}`], { timeoutMs: GIT_MS });
  return asked.code === 0 ? true : asked.code === 1 ? false : null;
}
