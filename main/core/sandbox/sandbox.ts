import { execFile } from 'node:child_process';
import { mkdir, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { socketPath } from '../../platform/projectSockets.ts';
import { PROTECTED } from '../agents/guardRules.ts';
import { isCoordination } from '../agents/roles.ts';
import type { Config } from '../config/schema.ts';
import type { Log } from '../engineLog.ts';
import type { Git } from '../git/git.ts';
import { errorLine, pathExists } from '../util/files.ts';
import { runtimePlaces } from './sandboxPlaces.ts';
import { type SandboxFacts, sandboxCommand } from './sandboxPlan.ts';

/** Milliseconds for the trial run that shows whether bubblewrap works here. */
const TRIAL_MS = 5_000;
/** Milliseconds git may take to tell its folders. */
const GIT_MS = 10_000;

/** A turn that is about to start. */
export interface SandboxedTurn {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly capability: string;
  readonly runtime: string;
  readonly branch: string;
}

export interface SandboxOptions {
  readonly projectRoot: string;
  readonly overstoryDirectory: string;
  readonly git: Git;
  readonly config: () => Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

/** Puts turns into bubblewrap where the project wants it (`controlRoom.sandbox`). */
export interface Sandbox {
  /** The command to start instead; the same one where there is no sandbox. Refuses where one is required and none works. */
  wrap(turn: SandboxedTurn): Promise<Result<readonly string[]>>;
}

export function createSandbox(options: SandboxOptions): Sandbox {
  let tried: Promise<string | null> | null = null;
  /** Null when bubblewrap works here, else why not; asked once an engine. */
  const trouble = (): Promise<string | null> => {
    tried ??= tryBubblewrap(options.environment).then((reason) => {
      if (reason !== null) options.log('warn', 'no sandbox for turns', { reason });
      return reason;
    });
    return tried;
  };
  return {
    async wrap(turn) {
      const mode = options.config().controlRoom.sandbox;
      if (mode === 'off') return ok(turn.argv);
      const reason = await trouble();
      if (reason !== null) {
        if (mode === 'on') return ok(turn.argv);
        tried = null;
        return fail('config', `${reason}; or set controlRoom.sandbox to "on" or "off"`);
      }
      const facts = await factsOf(options, turn);
      return facts.ok ? ok(sandboxCommand(turn.argv, facts.value)) : facts;
    },
  };
}

/** Null when bubblewrap runs here; else one line that says why not and what to do. */
export function tryBubblewrap(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): Promise<string | null> {
  if (platform !== 'linux') return Promise.resolve('the sandbox needs Linux with bubblewrap');
  return new Promise((done) => {
    execFile(
      'bwrap',
      ['--ro-bind', '/', '/', '--dev-bind', '/dev', '/dev', '--tmpfs', '/tmp', '--', 'true'],
      { timeout: TRIAL_MS, killSignal: 'SIGKILL', env: { ...environment } },
      (error, _stdout, stderr) => {
        if (error === null) done(null);
        else if (error.code === 'ENOENT') done('bubblewrap is not installed: install the package "bubblewrap"');
        else
          done(
            `bubblewrap does not work here (${stderr.trim().split('\n').at(-1) || errorLine(error)}): allow user namespaces`,
          );
      },
    );
  });
}

async function factsOf(options: SandboxOptions, turn: SandboxedTurn): Promise<Result<SandboxFacts>> {
  const asked = await options.git(['rev-parse', '--git-common-dir', '--git-dir'], { cwd: turn.cwd, timeoutMs: GIT_MS });
  const [common = '', own = ''] = asked.stdout.trimEnd().split('\n');
  if (asked.code !== 0 || own === '')
    return fail('worktree', `git does not tell the folders of ${turn.cwd}: stop the agent and sling it again`);
  const [cwd, projectRoot, gitCommonFolder, gitFolder] = await Promise.all([
    realpath(turn.cwd),
    realpath(options.projectRoot),
    realpath(resolve(turn.cwd, common)),
    realpath(resolve(turn.cwd, own)),
  ]);
  const worktree = cwd === projectRoot ? null : cwd;
  const branchFolder = worktree === null || turn.branch === '' ? null : dirname(turn.branch);
  const config = options.config().controlRoom;
  const facts = {
    cwd,
    worktree,
    projectRoot,
    gitCommonFolder,
    gitFolder: worktree === null ? null : gitFolder,
    branchFolder,
    commitsAtRoot: isCoordination(turn.capability),
    network: !config.sandboxOffline.includes(turn.capability),
  };
  try {
    // What is bound has to exist; a branch without history yet has no folder of its own.
    if (branchFolder !== null) {
      await mkdir(join(gitCommonFolder, 'refs/heads', branchFolder), { recursive: true });
      await mkdir(join(gitCommonFolder, 'logs/refs/heads', branchFolder), { recursive: true });
    }
    if (turn.runtime === 'rehearsal') await mkdir(join(options.overstoryDirectory, 'rehearsal'), { recursive: true });
  } catch (error) {
    return fail('worktree', `the sandbox cannot be prepared: ${errorLine(error)}; check space and permissions`);
  }
  const environment = { ...options.environment, ...turn.env };
  const places = runtimePlaces(turn.runtime, environment, options.overstoryDirectory);
  const sockets = dirname(socketPath(projectRoot, 'engine'));
  const sealed = worktree === null ? [] : PROTECTED.map((path) => join(worktree, path));
  // Home, the agent's programs and its model's files may lie in the temporary folder, as in tests.
  const visible = [sockets, environment.HOME ?? '', ...(environment.PATH ?? '').split(':')].filter(
    (path) => path !== '',
  );
  return ok({
    ...facts,
    runtimePlaces: await realPlaces(places),
    visible: await realPlaces(visible),
    sealed: await existing(sealed),
  });
}

async function existing(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(pathExists));
  return paths.filter((_, index) => found[index]);
}

async function realPlaces(paths: readonly string[]): Promise<readonly string[]> {
  return Promise.all((await existing(paths)).map((path) => realpath(path)));
}
