import { rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { isAlive } from '../../platform/processes.ts';
import { findPtyHost } from '../../pty-host/client.ts';
import { engineInfoPath, findLiveEngine } from '../lease/engineInfo.ts';
import { openSessions } from '../sessions/sessionStore.ts';
import { canonicalPath, pathExists } from '../util/files.ts';
import { parseWorktreeList } from '../worktrees/parsers.ts';
import { type Category, type DoctorContext, type Finding, failure, fixing, pass, warning } from './doctorContext.ts';
import { isOver, orphanedBranches, orphanedWorktrees, reviewGaps, type SessionFacts } from './doctorRules.ts';

const LISTED = 20;

/** What is recorded against what is there (spec 03 §5.7 row 5). */
export const checkConsistency: Category = async (context) => {
  const findings: Finding[] = [];
  const listed = await context.git(['worktree', 'list', '--porcelain']);
  const raw = listed.code === 0 ? parseWorktreeList(listed.stdout) : null;
  if (raw === null) findings.push(failure('worktree-listing', `git cannot list worktrees: ${listed.stderr.trim()}`));
  const sessions = await readSessions(context);
  if (typeof sessions === 'string') findings.push(failure('sessionstore-open', sessions));
  else findings.push(pass('sessionstore-open', `${sessions.length} sessions`));
  if (raw !== null && typeof sessions !== 'string') {
    const worktrees = await Promise.all(raw.map(async (one) => ({ ...one, path: await canonicalPath(one.path) })));
    findings.push(await checkWorktrees(context, worktrees, sessions));
    findings.push(await checkPrunable(context, listed.stdout));
    findings.push(await checkBranches(context, worktrees, sessions));
    findings.push(await checkMissing(sessions));
  }
  if (typeof sessions !== 'string') {
    findings.push(checkPids(sessions));
    const gaps = reviewGaps(sessions);
    findings.push(
      gaps.length === 0
        ? pass('reviewer-coverage', 'every lead has as many reviewers as builders')
        : warning('reviewer-coverage', 'leads have fewer reviewers than builders', gaps.slice(0, LISTED)),
    );
  }
  findings.push(...(await checkRunFiles(context)));
  return findings;
};

async function readSessions({ overstory }: DoctorContext): Promise<readonly SessionFacts[] | string> {
  const path = join(overstory, 'sessions.db');
  if (!(await pathExists(path))) return [];
  const store = openSessions(path, { readOnly: true });
  if (!store.ok) return store.error.message;
  try {
    const all = store.value.getAll();
    return Promise.all(all.map(async (one) => ({ ...one, worktreePath: await canonicalPath(one.worktreePath) })));
  } finally {
    store.value.close();
  }
}

async function checkWorktrees(
  { config, projectRoot, removeWorktree }: DoctorContext,
  worktrees: readonly { readonly path: string; readonly branch: string }[],
  sessions: readonly SessionFacts[],
): Promise<Finding> {
  const { baseDir } = config.worktrees;
  const folder = await canonicalPath(isAbsolute(baseDir) ? baseDir : join(projectRoot, baseDir));
  const orphans = orphanedWorktrees(worktrees, sessions, folder);
  if (orphans.length === 0) return pass('orphaned-worktrees', 'every worktree belongs to an agent');
  const fix =
    removeWorktree === null
      ? null
      : fixing(
          'keeps what is in them in the vault, then removes them; branches with commits of their own stay',
          async () => {
            const done: string[] = [];
            for (const { path } of orphans) {
              const removed = await removeWorktree(path);
              done.push(removed.ok ? `removed ${path}` : `kept ${path}: ${removed.error.message}`);
            }
            return done.join('; ');
          },
        );
  return warning(
    'orphaned-worktrees',
    `${orphans.length} worktrees belong to no agent: look into them, or remove them`,
    orphans.slice(0, LISTED).map(({ path, branch }) => `${path} (${branch === '' ? 'detached' : branch})`),
    fix,
  );
}

/** Worktrees git still lists whose folder is gone. */
async function checkPrunable({ git }: DoctorContext, listing: string): Promise<Finding> {
  const gone = listing
    .split(/\n\n+/)
    .filter((block) => /^prunable/m.test(block))
    .map((block) => /^worktree (.*)$/m.exec(block)?.[1] ?? '');
  if (gone.length === 0) return pass('prunable-worktrees', 'git lists only what is there');
  return warning(
    'prunable-worktrees',
    'git lists worktrees whose folders are gone',
    gone.slice(0, LISTED),
    fixing('runs "git worktree prune"', async () => {
      await git(['worktree', 'prune']);
      return `git forgot ${gone.length} worktrees that are gone`;
    }),
  );
}

/** Branches nobody works on; those whose commits are all in the canonical branch can go. */
async function checkBranches(
  { git, config }: DoctorContext,
  worktrees: readonly { readonly branch: string }[],
  sessions: readonly SessionFacts[],
): Promise<Finding> {
  const listed = await git(['for-each-ref', '--format=%(refname:short)', 'refs/heads/overstory/']);
  const orphans = orphanedBranches(listed.stdout.split('\n').filter(Boolean), sessions, worktrees);
  if (orphans.length === 0) return pass('orphaned-branches', 'every branch of an agent has its agent');
  const merged: { readonly branch: string; readonly tip: string }[] = [];
  for (const branch of orphans.slice(0, 200)) {
    const tip = (await git(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`])).stdout.trim();
    const inside = await git(['merge-base', '--is-ancestor', tip, `refs/heads/${config.project.canonicalBranch}`]);
    if (tip !== '' && inside.code === 0) merged.push({ branch, tip });
  }
  const fix =
    merged.length === 0
      ? null
      : fixing(`deletes the ${merged.length} whose commits are all in ${config.project.canonicalBranch}`, async () => {
          let deleted = 0;
          // Only at the commit that was looked at: whoever committed since keeps the branch.
          for (const { branch, tip } of merged)
            if ((await git(['update-ref', '-d', `refs/heads/${branch}`, tip])).code === 0) deleted += 1;
          return `deleted ${deleted} merged branches`;
        });
  const names = new Set(merged.map(({ branch }) => branch));
  return warning(
    'orphaned-branches',
    `${orphans.length} branches belong to no agent: merge what is worth it, delete the rest`,
    orphans.slice(0, LISTED).map((branch) => `${branch}${names.has(branch) ? ' (merged)' : ''}`),
    fix,
  );
}

/** Agents that still live, by the rows, and whose worktree is gone. */
async function checkMissing(sessions: readonly SessionFacts[]): Promise<Finding> {
  const live = sessions.filter((session) => !isOver(session));
  const there = await Promise.all(live.map((session) => pathExists(session.worktreePath)));
  const gone = live.filter((_session, at) => there[at] === false).map((one) => `${one.agentName}: ${one.worktreePath}`);
  return gone.length === 0
    ? pass('missing-worktrees', 'every agent that lives has its worktree')
    : warning(
        'missing-worktrees',
        'agents live without a worktree: stop them with "ov stop <agent>"',
        gone.slice(0, LISTED),
      );
}

/** Interactive sessions of the original, whose process the row names. */
function checkPids(sessions: readonly SessionFacts[]): Finding {
  const dead = sessions.filter((one) => !isOver(one) && one.pid !== null && !isAlive(one.pid));
  return dead.length === 0
    ? pass('dead-pids', 'every recorded process lives')
    : warning(
        'dead-pids',
        'sessions name processes that are gone: "ov stop <agent>" closes them',
        dead.slice(0, LISTED).map((one) => `${one.agentName}: process ${one.pid}`),
      );
}

/** What processes of ours leave behind when they are killed. */
async function checkRunFiles({ projectRoot, overstory }: DoctorContext): Promise<Finding[]> {
  const remove = (path: string) =>
    fixing('deletes it', async () => {
      await rm(path, { force: true });
      return `deleted ${path}`;
    });
  const engineFile = engineInfoPath(projectRoot);
  const hostFile = join(overstory, 'run', 'pty-host.json');
  const stale = async (name: string, path: string, living: () => Promise<unknown>): Promise<Finding> =>
    (await pathExists(path)) && (await living()) === null
      ? warning(name, `${path} names a process that is gone; the next one replaces it`, [], remove(path))
      : pass(name, (await pathExists(path)) ? 'its process lives' : 'none runs');
  return [
    await stale('engine file', engineFile, () => findLiveEngine(projectRoot)),
    await stale('pty host file', hostFile, () => findPtyHost(projectRoot)),
  ];
}
