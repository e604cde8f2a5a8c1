import { dirname, join, relative, resolve } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { readFile, stat } from '../../platform/callbackFiles.ts';
import { canonicalPath, isInside, pathExists, readTextIfPresent } from '../util/files.ts';
import { CONFIG_FILE } from './configFile.ts';

/** What decides which project a command is about. */
export interface ProjectRootQuestion {
  /** Absolute folder the command runs in. */
  readonly start: string;
  /** Value of `--project`, when given. */
  readonly override?: string;
  /** Value of `OVERSTORY_PROJECT_ROOT`. */
  readonly environmentRoot?: string | undefined;
}

export interface ProjectRoot {
  /** Absolute. */
  readonly root: string;
  /** False when there is no `.overstory/config.yaml`: `ov init` has not run. Not checked for `OVERSTORY_PROJECT_ROOT`. */
  readonly initialised: boolean;
}

/** Matches the folder of agents' worktrees in a path of any system. */
const WORKTREE_SEGMENT = /[\\/]\.overstory[\\/]worktrees[\\/]/;

/**
 * Finds the project a folder belongs to (spec 02 §0.1, spec 03 §5.4): the override, the environment, the part before
 * `.overstory/worktrees/`, then the nearest initialised folder upwards within the checkout, then the main checkout of a linked worktree. The
 * upward walk is ours: the reference finds a project in a subfolder of a larger repository only from its very folder. A
 * copy of the config that a linked worktree carries is never taken for the project itself.
 */
export async function resolveProjectRoot(question: ProjectRootQuestion): Promise<Result<ProjectRoot>> {
  const start = resolve(question.start);
  if (question.override !== undefined) {
    const root = resolve(start, question.override);
    if (await hasConfig(root)) return ok({ root, initialised: true });
    return fail('config', `${root} holds no ${CONFIG_FILE}; run "ov init" there or correct --project`, {
      field: 'project',
    });
  }
  if (question.environmentRoot !== undefined && question.environmentRoot !== '') {
    return ok({ root: question.environmentRoot, initialised: true });
  }
  const worktree = WORKTREE_SEGMENT.exec(`${start}/`);
  if (worktree !== null) {
    const root = start.slice(0, worktree.index);
    if (await hasConfig(root)) return ok({ root, initialised: true });
  }
  const checkout = await describeCheckout(start);
  if (checkout === null) return ok({ root: start, initialised: await hasConfig(start) });
  const nearest = await nearestConfigured(await canonicalPath(start), checkout.toplevel);
  if (checkout.linked) {
    const counterpart = nearest === null ? null : join(checkout.mainRoot, relative(checkout.toplevel, nearest));
    if (counterpart !== null && (await hasConfig(counterpart))) return ok({ root: counterpart, initialised: true });
    if (await hasConfig(checkout.mainRoot)) return ok({ root: checkout.mainRoot, initialised: true });
  }
  if (nearest !== null) return ok({ root: nearest, initialised: true });
  return ok({ root: start, initialised: false });
}

interface Checkout {
  readonly toplevel: string;
  /** Folder that holds the shared `.git`; the main checkout of an ordinary repository. */
  readonly mainRoot: string;
  readonly linked: boolean;
}

/**
 * The work tree that holds a folder, read from git's own files as git reads them: each `ov` asks this, and a git process
 * would be a third of its time. Null outside of any, or when what is there cannot be read.
 */
async function describeCheckout(start: string): Promise<Checkout | null> {
  for (let folder = await canonicalPath(start); ; folder = dirname(folder)) {
    const found = await checkoutAt(folder);
    if (found !== null || folder === dirname(folder)) return found;
  }
}

async function checkoutAt(toplevel: string): Promise<Checkout | null> {
  const entry = join(toplevel, '.git');
  try {
    // A folder of its own, or one line that names it: "gitdir: <path>".
    const text = (await stat(entry)).isDirectory() ? null : await readFile(entry, 'utf8');
    const named = text === null ? entry : /^gitdir: (.+?)\r?\n?$/.exec(text)?.[1];
    if (named === undefined) return null;
    const own = resolve(toplevel, named);
    // What has no HEAD is no repository: git looks further up, and so do we.
    if (!(await pathExists(join(own, 'HEAD')))) return null;
    const common = (await readTextIfPresent(join(own, 'commondir')))?.trim();
    if (common === undefined || common === '') return { toplevel, mainRoot: toplevel, linked: false };
    return { toplevel, mainRoot: dirname(await canonicalPath(resolve(own, common))), linked: true };
  } catch {
    // Absent or not ours to read: the folder rules alone decide.
    return null;
  }
}

/** Walks from a folder up to the top of its checkout and no further: a config above it belongs to somebody else. */
async function nearestConfigured(start: string, top: string): Promise<string | null> {
  for (let folder = start; isInside(folder, top); folder = dirname(folder)) {
    if (await hasConfig(folder)) return folder;
  }
  return null;
}

function hasConfig(folder: string): Promise<boolean> {
  return pathExists(join(folder, CONFIG_FILE));
}
