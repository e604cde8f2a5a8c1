import { join } from 'node:path';
import { OPERATOR } from '../../../contract/ids.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { loadConfig } from '../config/loadConfig.ts';
import { STATE_GITIGNORE } from '../config/scaffold.ts';
import { openSessions } from '../sessions/sessionStore.ts';
import { isTerminal } from '../sessions/transitions.ts';
import { errorLine, pathExists, readTextIfPresent } from '../util/files.ts';
import { createWorktrees } from '../worktrees/worktrees.ts';
import { loadCheckpoint } from './checkpoint.ts';
import { readIdentity } from './identity.ts';
import { type AgentManifest, loadManifest } from './manifest.ts';
import { primeContext } from './prime.ts';

/** Names of a person's own agent, which has no session here: it is told of the project. */
const OWN_AGENTS: readonly string[] = ['orchestrator', OPERATOR];

/**
 * What `ov prime` answers, and what it puts right (spec 03 §4.5): `.overstory/.gitignore` gets its rules back, and a
 * person's own session, also under the name the hooks give it, says which branch it works on. Needs no engine, and only
 * reads the stores.
 */
export async function readPrime(
  projectRoot: string,
  agentName: string | undefined,
  compact: boolean,
): Promise<Result<string>> {
  const overstory = join(projectRoot, '.overstory');
  const healed = await healGitignore(overstory);
  if (!healed.ok) return healed;
  const sessions = (await pathExists(join(overstory, 'sessions.db')))
    ? openSessions(join(overstory, 'sessions.db'), { readOnly: true })
    : ok(null);
  if (!sessions.ok) return sessions;
  try {
    const row = agentName === undefined ? null : (sessions.value?.getByName(agentName) ?? null);
    if (agentName === undefined || (row === null && OWN_AGENTS.includes(agentName)))
      return await primeProject(projectRoot, compact, sessions.value?.getAll() ?? []);
    const agents = join(overstory, 'agents');
    const identity = await readIdentity(agents, agentName);
    if (!identity.ok) return identity;
    const checkpoint = await loadCheckpoint(agents, agentName);
    if (!checkpoint.ok) return checkpoint;
    const live = row === null || isTerminal(row.state) ? null : row;
    return ok(
      primeContext(
        {
          kind: 'agent',
          agentName,
          identity: identity.value,
          known: row !== null || identity.value !== null,
          live:
            live === null
              ? null
              : {
                  taskId: live.taskId,
                  worktree: live.worktreePath,
                  branch: live.branchName,
                  parent: live.parentAgent,
                },
          checkpoint: checkpoint.value,
        },
        compact,
      ),
    );
  } finally {
    sessions.value?.close();
  }
}

interface RecentSession {
  readonly agentName: string;
  readonly capability: string;
  readonly taskId: string;
  readonly state: string;
  readonly startedAt: string;
}

async function primeProject(
  projectRoot: string,
  compact: boolean,
  sessions: readonly RecentSession[],
): Promise<Result<string>> {
  const loaded = await loadConfig(projectRoot);
  if (!loaded.ok) return loaded;
  const { config } = loaded.value;
  const manifest = await loadManifest(projectRoot, config.agents.manifestPath, config.agents.baseDir);
  const branch = await createWorktrees(projectRoot, config.worktrees.baseDir).currentBranch();
  if (branch !== null) {
    const noted = await note(join(projectRoot, '.overstory', 'session-branch.txt'), `${branch}\n`);
    if (!noted.ok) return noted;
  }
  return ok(
    primeContext(
      {
        kind: 'project',
        name: config.project.name,
        canonicalBranch: config.project.canonicalBranch,
        sessionBranch: branch === config.project.canonicalBranch ? null : branch,
        maxConcurrent: config.agents.maxConcurrent,
        maxDepth: config.agents.maxDepth,
        // A manifest that cannot be read is told by whoever starts agents from it.
        roles: manifest.ok ? rolesOf(manifest.value) : [],
        recent: [...sessions].sort((one, other) => other.startedAt.localeCompare(one.startedAt)),
      },
      compact,
    ),
  );
}

function rolesOf({
  agents,
}: AgentManifest): readonly { name: string; model: string; capabilities: readonly string[] }[] {
  return Object.entries(agents).map(([name, { model, capabilities }]) => ({ name, model, capabilities }));
}

/** Puts the rules back when one is missing or another was added; comments and order of a person's file stay otherwise. */
async function healGitignore(overstory: string): Promise<Result<null>> {
  const path = join(overstory, '.gitignore');
  const present = (await readTextIfPresent(path)) ?? '';
  if (rules(present).join('\n') === rules(STATE_GITIGNORE).join('\n')) return ok(null);
  return note(path, STATE_GITIGNORE);
}

function rules(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

async function note(path: string, text: string): Promise<Result<null>> {
  try {
    if ((await readTextIfPresent(path)) !== text) await writeFileAtomic(path, text);
    return ok(null);
  } catch (error) {
    return fail('config', `${path} cannot be written (${errorLine(error)}); check space and permissions`);
  }
}
