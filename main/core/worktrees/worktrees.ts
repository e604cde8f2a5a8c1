import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AgentName, TaskId } from '../../../contract/ids.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { createGit, type Git, type GitOutput, splitNul } from '../git/git.ts';
import { canonicalPath, errorLine, isMissing, pathExists } from '../util/files.ts';
import { SerialQueue } from '../util/serialQueue.ts';
import { branchInHead, isFilledWorktree } from './gitFiles.ts';
import { BRANCH_PREFIX, branchName } from './names.ts';
import { type ChangedFile, parseNumstat, parseStatus, parseWorktreeList, type WorktreeEntry } from './parsers.ts';

/** A worktree that was just made. */
export interface CreatedWorktree {
  readonly path: string;
  readonly branch: string;
  /** Commit the branch starts from. */
  readonly base: string;
}

export interface CreateWorktreeRequest {
  readonly agentName: string;
  readonly taskId: string;
  /** Branch or commit to start from. */
  readonly base: string;
}

export interface RemoveWorktreeOptions {
  /** Throws uncommitted work away; only for undoing a creation or after a snapshot. */
  readonly force?: boolean;
  /** Deletes the branch even when its commits are not merged. */
  readonly forceBranch?: boolean;
  /** Goes on although a snapshot cannot hold all there is: a repository inside, files beyond the limits. */
  readonly acceptLoss?: boolean;
}

/** Asked before a worktree goes; an error keeps it. The vault takes a snapshot then. */
export type BeforeRemoval = (path: string, options: { readonly acceptLoss: boolean }) => Promise<Result<null>>;

/** Worktrees of one project (spec 02 §3.5). Every method is safe to call side by side. */
export interface Worktrees {
  list(): Promise<Result<readonly WorktreeEntry[]>>;
  create(request: CreateWorktreeRequest): Promise<Result<CreatedWorktree>>;
  /** Removes a worktree and its branch; an unmerged branch stays unless forced. */
  remove(path: string, options?: RemoveWorktreeOptions): Promise<Result<{ readonly branchDeleted: boolean }>>;
  /** A new worktree below the project's folder with HEAD detached at a commit and no files yet. */
  attach(folderName: string, commit: string): Promise<Result<{ readonly path: string }>>;
  /**
   * Undoes a creation, forced; an empty branch name leaves branches alone. Throws when what lies there cannot be kept
   * in a snapshot first: then nothing is removed.
   */
  rollback(path: string, branch: string): Promise<void>;
  /** True when every commit of the branch is in the target; an untouched branch counts as merged. */
  isBranchMerged(branch: string, target: string): Promise<Result<boolean>>;
  /** Paths with uncommitted or untracked changes. */
  uncommitted(path: string): Promise<Result<readonly string[]>>;
  /** Everything that differs from where the branch left its base: commits, edits and untracked files. */
  changedFiles(path: string, base: string): Promise<Result<readonly ChangedFile[]>>;
  /** Files changed by the commits of a branch since it left the target. */
  committedFiles(branch: string, target: string): Promise<Result<readonly string[]>>;
  /** Branch checked out in the project root; null when detached or outside a repository. */
  currentBranch(): Promise<string | null>;
  /** Names that a new agent cannot have because a branch or folder is left over. */
  leftovers(): Promise<{ readonly branches: ReadonlySet<string>; readonly worktrees: ReadonlySet<string> }>;
}

/** Registering writes shared files of the repository: one at a time in this process, per repository (baselines.md). */
const registering = new SerialQueue();

/** Milliseconds between attempts while another process holds a lock of the repository: 2.5 s in all. */
const RETRY_DELAYS_MS = [20, 40, 80, 160, 300, 500, 700, 700];

const LOCK_CONTENTION =
  /could not lock|cannot lock ref|unable to create '.*\.lock'|\.lock': File exists|failed to read .*(?:commondir|gitdir|HEAD)/i;

/** A branch named like the folder another one needs: waiting does not help. */
const NAME_CONFLICT = /'refs\/heads\/([^']+)' exists; cannot create/;

/** Makes the service for one project. `baseDir` is `worktrees.baseDir` of the config, relative to the root. */
export function createWorktrees(
  root: string,
  baseDir: string,
  beforeRemoval: BeforeRemoval = async () => ok(null),
): Worktrees {
  const git = createGit(root);
  const folder = isAbsolute(baseDir) ? baseDir : join(root, baseDir);

  async function list(): Promise<Result<readonly WorktreeEntry[]>> {
    const args = ['worktree', 'list', '--porcelain'];
    // Another process may be half-way through registering one.
    const output = await withLockRetry(() => git(args));
    return output.code === 0 ? ok(parseWorktreeList(output.stdout)) : gitFailure(args, output);
  }

  async function create(request: CreateWorktreeRequest): Promise<Result<CreatedWorktree>> {
    const named = checkNames(request);
    if (!named.ok) return named;
    const path = join(folder, request.agentName);
    const branch = branchName(request.agentName, request.taskId);
    const registered = await registering.run(root, async () => {
      // Two questions to git at once.
      const [base, free] = await Promise.all([resolveBase(git, request.base), checkBranchFree(path, branch)]);
      if (!base.ok) return base;
      if (!free.ok) return free;
      const done = await register(path, branch, base.value);
      return done.ok ? base : done;
    });
    if (!registered.ok) return registered;
    const filled = await fill(path, branch);
    if (filled.ok) return ok({ path, branch, base: registered.value });
    await discard(path, branch);
    return filled;
  }

  async function checkBranchFree(path: string, branch: string): Promise<Result<null>> {
    const ref = `refs/heads/${branch}`;
    const args = ['for-each-ref', '--format=%(refname)%00%(worktreepath)', '--', ref];
    // Another process may be half-way through registering a worktree.
    const output = await withLockRetry(() => git(args));
    if (output.code !== 0) return gitFailure(args, output, path, branch);
    // A pattern also finds what lies below a name.
    const found = output.stdout.split('\n').find((line) => line.startsWith(`${ref}\0`));
    if (found === undefined) return ok(null);
    const holder = found.slice(ref.length + 1);
    return holder === ''
      ? worktreeError(`branch ${branch} already exists; merge or delete it, or choose another name`, path, branch)
      : worktreeError(`branch ${branch} is already checked out at ${holder}; stop that agent first`, path, branch);
  }

  async function register(path: string, branch: string, base: string): Promise<Result<null>> {
    if (!(await isEmptyOrMissing(path))) {
      return worktreeError(`folder ${path} already exists and is not empty; move it away first`, path, branch);
    }
    try {
      await mkdir(dirname(path), { recursive: true });
    } catch (error) {
      return worktreeError(
        `the folder of worktrees ${dirname(path)} cannot be made (${errorLine(error)}); move away what lies there`,
        path,
        branch,
      );
    }
    const args = ['worktree', 'add', '--quiet', '--no-checkout', '-b', branch, path, base];
    const output = await withLockRetry(
      () => git(args),
      () => undo(path, branch, base),
    );
    if (output.code === 0) return ok(null);
    await undo(path, branch, base);
    const [, other] = NAME_CONFLICT.exec(output.stderr) ?? [];
    if (other !== undefined) {
      return worktreeError(
        `branch ${branch} cannot be made beside branch ${other}: rename that one with "git branch -m ${other} <name>"`,
        path,
        branch,
      );
    }
    return gitFailure(args, output, path, branch);
  }

  async function fill(path: string, branch: string): Promise<Result<null>> {
    const args = ['reset', '--hard', '--quiet'];
    const output = await withLockRetry(() => git(args, { cwd: path }));
    if (output.code !== 0) return gitFailure(args, output, path, branch);
    if (await isFilledWorktree(path)) return ok(null);
    const entries = await list();
    if (!entries.ok) return entries;
    const wanted = await canonicalPath(path);
    const paths = await Promise.all(entries.value.map((entry) => canonicalPath(entry.path)));
    if (!paths.includes(wanted)) {
      return worktreeError(
        `worktree ${path} is not registered with git; run "git worktree prune" and try again`,
        path,
        branch,
      );
    }
    const files = await git(['ls-files', '-z'], { cwd: path });
    if (files.code !== 0 || files.stdout === '') {
      return worktreeError(
        `worktree ${path} has zero tracked files; choose a base branch that holds files`,
        path,
        branch,
      );
    }
    return ok(null);
  }

  /**
   * Best effort by design: it runs after a failure that is reported itself, and each step may have nothing to undo.
   * @param onlyAt when given, the branch is deleted only while it still points at this commit.
   */
  async function undo(path: string, branch: string, onlyAt?: string): Promise<void> {
    await git(['worktree', 'remove', '--force', path]);
    await git(['worktree', 'prune']);
    if (branch === '') return;
    if (onlyAt !== undefined) {
      const tip = await git(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`]);
      if (tip.stdout.trim() !== onlyAt) return;
    }
    await git(['branch', '-D', '--', branch]);
  }

  async function discard(path: string, branch: string): Promise<void> {
    await registering.run(root, () => undo(path, branch));
  }

  async function rollback(path: string, branch: string): Promise<void> {
    if (await isWorktree(path)) {
      const kept = await beforeRemoval(path, { acceptLoss: false });
      if (!kept.ok) throw new Error(kept.error.message);
    }
    await discard(path, branch);
  }

  /** True for a folder git knows as a worktree; what is left of a creation that broke off early holds no work. */
  async function isWorktree(path: string): Promise<boolean> {
    return pathExists(join(path, '.git'));
  }

  async function attach(folderName: string, commit: string): Promise<Result<{ path: string }>> {
    const path = join(folder, folderName);
    if (!(await isEmptyOrMissing(path)))
      return worktreeError(`folder ${path} already exists and is not empty; choose another`, path, null);
    await mkdir(dirname(path), { recursive: true });
    const args = ['worktree', 'add', '--quiet', '--no-checkout', '--detach', path, commit];
    const output = await registering.run(root, () => withLockRetry(() => git(args)));
    return output.code === 0 ? ok({ path }) : gitFailure(args, output, path);
  }

  async function remove(
    path: string,
    options: RemoveWorktreeOptions = {},
  ): Promise<Result<{ branchDeleted: boolean }>> {
    const entries = await list();
    if (!entries.ok) return entries;
    const wanted = await canonicalPath(path);
    const paths = await Promise.all(entries.value.map((entry) => canonicalPath(entry.path)));
    const index = paths.indexOf(wanted);
    const entry = entries.value[index];
    if (entry === undefined) return worktreeError(`${path} is no worktree of this repository`, path, null);
    if (index === 0) return worktreeError(`${path} is the repository itself and is never removed`, path, null);
    if (options.force !== true && (await pathExists(path))) {
      const dirty = await uncommitted(path);
      if (!dirty.ok) return dirty;
      if (dirty.value.length > 0) return dirtyError(path, entry.branch, dirty.value);
    }
    if (await isWorktree(path)) {
      const kept = await beforeRemoval(path, { acceptLoss: options.acceptLoss === true });
      if (!kept.ok) return kept;
    }
    return registering.run(root, async () => {
      const args = ['worktree', 'remove', ...(options.force === true ? ['--force'] : []), path];
      const output = await withLockRetry(() => git(args));
      if (output.code !== 0) return gitFailure(args, output, path, entry.branch);
      // A folder whose ignored files git leaves behind would block the agent's name.
      if (options.force === true) await rm(path, { recursive: true, force: true });
      if (entry.branch === '') return ok({ branchDeleted: false });
      const deleted = await git(['branch', options.forceBranch === true ? '-D' : '-d', '--', entry.branch]);
      return ok({ branchDeleted: deleted.code === 0 });
    });
  }

  async function isBranchMerged(branch: string, target: string): Promise<Result<boolean>> {
    const args = ['merge-base', '--is-ancestor', '--end-of-options', branch, target];
    const output = await git(args);
    if (output.code === 0 || output.code === 1) return ok(output.code === 0);
    return gitFailure(args, output, undefined, branch);
  }

  async function uncommitted(path: string): Promise<Result<readonly string[]>> {
    const args = ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=all'];
    const output = await git(args, { cwd: path });
    if (output.code !== 0) return gitFailure(args, output, path);
    return ok(parseStatus(output.stdout).map((row) => row.path));
  }

  async function changedFiles(path: string, base: string): Promise<Result<readonly ChangedFile[]>> {
    const fork = await git(['merge-base', '--end-of-options', base, 'HEAD'], { cwd: path });
    if (fork.code !== 0) return gitFailure(['merge-base', base, 'HEAD'], fork, path);
    const args = ['diff', '--numstat', '--no-renames', '-z', fork.stdout.trim(), '--'];
    const [tracked, untracked] = await Promise.all([
      git(args, { cwd: path }),
      git(['ls-files', '--others', '--exclude-standard', '-z'], { cwd: path }),
    ]);
    if (tracked.code !== 0) return gitFailure(args, tracked, path);
    if (untracked.code !== 0) return gitFailure(['ls-files', '--others'], untracked, path);
    const fresh = splitNul(untracked.stdout).map((file) => ({
      path: file,
      added: null,
      removed: null,
      untracked: true,
    }));
    return ok([...parseNumstat(tracked.stdout), ...fresh]);
  }

  async function committedFiles(branch: string, target: string): Promise<Result<readonly string[]>> {
    const args = ['diff', '--name-only', '--no-renames', '-z', '--end-of-options', `${target}...${branch}`, '--'];
    const output = await git(args);
    return output.code === 0 ? ok(splitNul(output.stdout)) : gitFailure(args, output, undefined, branch);
  }

  async function currentBranch(): Promise<string | null> {
    const read = await branchInHead(root);
    if (read !== null) return read;
    const output = await git(['symbolic-ref', '--quiet', '--short', 'HEAD']);
    const name = output.stdout.trim();
    return output.code === 0 && name !== '' ? name : null;
  }

  async function leftovers(): Promise<{ branches: ReadonlySet<string>; worktrees: ReadonlySet<string> }> {
    const [branches, folders] = await Promise.all([
      git(['for-each-ref', '--format=%(refname:short)', `refs/heads/${BRANCH_PREFIX}`]),
      readdir(folder).catch((error: unknown) => {
        // No folder yet means no worktree yet; anything else is a real fault of the file system.
        if (isMissing(error)) return [];
        throw error;
      }),
    ]);
    return {
      branches: new Set(branches.stdout.split('\n').filter((line) => line !== '')),
      worktrees: new Set(folders),
    };
  }

  return {
    list,
    create,
    remove,
    attach,
    rollback,
    isBranchMerged,
    uncommitted,
    changedFiles,
    committedFiles,
    currentBranch,
    leftovers,
  };
}

function checkNames(request: CreateWorktreeRequest): Result<null> {
  const name = AgentName.safeParse(request.agentName);
  if (!name.success)
    return fail('validation', name.error.issues[0]?.message ?? 'agent name is not usable', { field: 'name' });
  const task = TaskId.safeParse(request.taskId);
  if (!task.success)
    return fail('validation', task.error.issues[0]?.message ?? 'task id is not usable', { field: 'taskId' });
  return ok(null);
}

async function resolveBase(git: Git, base: string): Promise<Result<string>> {
  const output = await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${base}^{commit}`]);
  const commit = output.stdout.trim();
  if (output.code === 0 && commit !== '') return ok(commit);
  const head = await git(['rev-parse', '--verify', '--quiet', 'HEAD']);
  if (head.code === 0)
    return worktreeError(`base branch ${base} does not exist; choose an existing branch`, null, base);
  if (head.code === 1) {
    return worktreeError('this repository has no commit yet; make the first commit, then start the agent', null, base);
  }
  return worktreeError(`git cannot read this repository: ${reasonOf(head.stderr)}`, null, base);
}

async function isEmptyOrMissing(path: string): Promise<boolean> {
  try {
    return (await readdir(path)).length === 0;
  } catch (error) {
    // Not a folder at all: git would refuse it as well.
    return isMissing(error) && !(await pathExists(path));
  }
}

/** Repeats a git call while another process holds one of the repository's locks; `between` clears half-done work. */
async function withLockRetry(attempt: () => Promise<GitOutput>, between?: () => Promise<void>): Promise<GitOutput> {
  let output = await attempt();
  for (const milliseconds of RETRY_DELAYS_MS) {
    if (output.code === 0 || !LOCK_CONTENTION.test(output.stderr) || NAME_CONFLICT.test(output.stderr)) return output;
    await delay(milliseconds);
    await between?.();
    output = await attempt();
  }
  return output;
}

function gitFailure(args: readonly string[], output: GitOutput, path?: string, branch?: string): Result<never> {
  return fail('worktree', `git ${args[0] ?? ''} failed: ${reasonOf(output.stderr)}`, {
    data: {
      args,
      exitCode: output.code,
      stderr: output.stderr.slice(0, 4_000),
      worktreePath: path ?? null,
      branchName: branch ?? null,
    },
  });
}

function worktreeError(message: string, path: string | null, branch: string | null): Result<never> {
  return fail('worktree', message, { data: { worktreePath: path, branchName: branch } });
}

function dirtyError(path: string, branch: string, files: readonly string[]): Result<never> {
  const named = files.slice(0, 3).join(', ') + (files.length > 3 ? ` and ${files.length - 3} more` : '');
  return fail('worktree', `worktree ${path} has uncommitted work (${named}); commit it or take a snapshot first`, {
    data: { worktreePath: path, branchName: branch, files: files.slice(0, 100) },
  });
}

/** Git says its reason last, after progress and hints. */
function reasonOf(stderr: string): string {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return last === '' ? 'git gave no reason' : last.replace(/^(?:fatal|error): /, '');
}
