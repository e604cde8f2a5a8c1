import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { type Clock, fileSafeTimestamp } from '../../platform/clock.ts';
import { createGit, type Git } from '../git/git.ts';
import { errorLine, pathExists, readTextIfPresent } from '../util/files.ts';
import {
  detectCanonicalBranch,
  detectProjectName,
  detectQualityGates,
  detectRuntime,
  RUNTIME_COMMANDS,
} from './detectProject.ts';
import { addAttributes, initTools, type ToolName, type ToolReport, wantedTools } from './ecosystem.ts';
import { commitPaths, hasCommit } from './initCommit.ts';
import { type ProjectFacts, SCAFFOLD_FOLDERS, scaffoldFiles } from './scaffold.ts';
import { CONFIG_FILE, STATE_FOLDER } from './schema.ts';

/** Options of `ov init` (spec 03 §5.5). */
export interface InitOptions {
  readonly clock: Clock;
  /** Writes the scaffold again; what it replaces is kept under `.overstory/backups`. */
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly name?: string;
  /** Companion tools to set up; undefined means all that are installed and not skipped. */
  readonly tools?: readonly string[];
  readonly skipTools?: readonly string[];
  /** Runtimes this product can drive; the first one installed becomes the default. */
  readonly supportedRuntimes?: readonly string[];
  /** Overrides detection. */
  readonly runtime?: string;
  /** `PATH` to look for commands in; the process's own by default. */
  readonly path?: string;
  /** Leaves the files uncommitted. */
  readonly skipCommit?: boolean;
}

/** What `ov init` did. */
export interface InitReport {
  readonly status: 'initialized' | 'already_initialized';
  readonly project: string;
  readonly root: string;
  readonly canonicalBranch: string;
  readonly runtime: string;
  readonly tools: Readonly<Record<'overstory' | ToolName, ToolReport>>;
  readonly gitattributes: boolean;
  readonly scaffoldCommitted: boolean;
  /** Absolute folder that holds what was replaced; null when nothing was. */
  readonly backup: string | null;
  /** One line each. */
  readonly warnings: readonly string[];
}

const COMMIT_MESSAGE = 'chore: initialize overstory';

/**
 * Prepares a git work tree for agents (spec 03 §5.5). Refuses outside of one. A project that is prepared already is left
 * alone unless forced. Only files of our own are committed, whatever the user has staged.
 */
export async function initProject(root: string, options: InitOptions): Promise<Result<InitReport>> {
  const git = createGit(root);
  const place = await checkPlace(git, root);
  if (!place.ok) return place;
  const { runtime, supportedRuntimes } = options;
  if (runtime !== undefined && supportedRuntimes?.includes(runtime) === false) {
    const message = `Unknown runtime: "${runtime}"; use one of ${supportedRuntimes.join(', ')}`;
    return fail('config', message, { field: 'runtime' });
  }
  try {
    const path = options.path ?? process.env.PATH ?? '';
    const facts = await detectFacts(git, root, path, options);
    const again = options.force === true || options.yes === true;
    if (!again && (await pathExists(join(root, CONFIG_FILE)))) return ok(untouched(facts));
    const backup = await writeScaffold(facts, options.clock);
    const tools = await initTools(root, path, wantedTools(options.tools, options.skipTools ?? []));
    const attributesWereClean = await isUnchanged(git, '.gitattributes');
    const gitattributes = await addAttributes(root, tools);
    const warnings: string[] = [];
    if (gitattributes && !attributesWereClean) {
      warnings.push('.gitattributes holds changes of yours and was not committed; commit it yourself');
    }
    const paths = [
      ...scaffoldFiles(facts).map(([file]) => `${STATE_FOLDER}/${file}`),
      ...(gitattributes && attributesWereClean ? ['.gitattributes'] : []),
      ...Object.values(tools).flatMap((tool) => (tool.status === 'initialized' ? [tool.path] : [])),
    ];
    const outcome =
      options.skipCommit === true ? { committed: false, warning: null } : await commitPaths(git, paths, COMMIT_MESSAGE);
    if (outcome.warning !== null) warnings.push(outcome.warning);
    if (!(await hasCommit(git))) {
      warnings.push('this repository has no commit yet and agents need one to start from; make the first commit');
    }
    return ok({
      status: 'initialized',
      project: facts.name,
      root,
      canonicalBranch: facts.canonicalBranch,
      runtime: facts.runtime,
      tools: { overstory: { status: 'initialized', path: STATE_FOLDER }, ...tools },
      gitattributes,
      scaffoldCommitted: outcome.committed,
      backup,
      warnings,
    });
  } catch (error) {
    return fail(
      'config',
      `${join(root, STATE_FOLDER)} cannot be prepared (${errorLine(error)}); check space and permissions`,
    );
  }
}

async function checkPlace(git: Git, root: string): Promise<Result<null>> {
  const answer = await git(['rev-parse', '--is-inside-work-tree']);
  if (answer.code === 127 && (await pathExists(root))) {
    return fail('validation', 'git is not installed or not on the PATH; install git 2.38 or newer');
  }
  if (answer.code !== 0 || answer.stdout.trim() !== 'true') {
    // A repository of another user is refused by git itself; its own words say how to allow it.
    const doubtful = /dubious ownership/.test(answer.stderr);
    const remedy = doubtful ? `run "git config --global --add safe.directory ${root}"` : 'run "git init" there first';
    return fail('validation', `${root} is not a git work tree; ${remedy}`, { field: 'project' });
  }
  if (/[\\/]\.overstory[\\/]worktrees[\\/]/.test(`${root}/`)) {
    return fail('validation', `${root} is an agent's worktree; run "ov init" in the project itself`, {
      field: 'project',
    });
  }
  return ok(null);
}

async function detectFacts(git: Git, root: string, path: string, options: InitOptions): Promise<ProjectFacts> {
  const supported = options.supportedRuntimes ?? RUNTIME_COMMANDS.map(({ runtime }) => runtime);
  const wantedName = options.name?.trim() ?? '';
  return {
    root,
    name: wantedName === '' ? await detectProjectName(git, root) : wantedName,
    canonicalBranch: await detectCanonicalBranch(git),
    runtime: options.runtime ?? (await detectRuntime(path, supported)),
    qualityGates: await detectQualityGates(root),
  };
}

/** Writes folders and files; what differs from an existing file goes to a backup folder first. Returns that folder. */
async function writeScaffold(facts: ProjectFacts, clock: Clock): Promise<string | null> {
  const state = join(facts.root, STATE_FOLDER);
  const backup = join(state, 'backups', fileSafeTimestamp(clock.now()));
  let replaced = false;
  for (const folder of SCAFFOLD_FOLDERS) await mkdir(join(state, folder), { recursive: true });
  for (const [file, text] of scaffoldFiles(facts)) {
    const path = join(state, file);
    const existing = await readTextIfPresent(path);
    if (existing === text) continue;
    if (existing !== null) {
      await mkdir(dirname(join(backup, file)), { recursive: true });
      await writeFileAtomic(join(backup, file), existing);
      replaced = true;
    }
    await writeFileAtomic(path, text);
  }
  return replaced ? backup : null;
}

async function isUnchanged(git: Git, path: string): Promise<boolean> {
  return (await git(['status', '--porcelain', '--', path])).stdout === '';
}

function untouched(facts: ProjectFacts): InitReport {
  const skipped = (path: string): ToolReport => ({ status: 'skipped', path });
  return {
    status: 'already_initialized',
    project: facts.name,
    root: facts.root,
    canonicalBranch: facts.canonicalBranch,
    runtime: facts.runtime,
    tools: {
      overstory: { status: 'already_initialized', path: STATE_FOLDER },
      mulch: skipped('.mulch'),
      seeds: skipped('.seeds'),
      canopy: skipped('.canopy'),
    },
    gitattributes: false,
    scaffoldCommitted: false,
    backup: null,
    warnings: [`${CONFIG_FILE} exists already; nothing was changed, use --force to write it again`],
  };
}
