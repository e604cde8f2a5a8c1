/**
 * `npm start [-- /path/to/repository]`: opens the room of a repository (the present folder's when none is named), as a
 * desktop window where there is a display and an Electron, else as a browser room whose link it prints.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { findGitRoot } from '../main/platform/gitRoot.ts';
import { requireNodeApi } from '../main/platform/nodeApiGuard.ts';
import { buildParts } from './build/buildParts.ts';
import { DIST, ROOT } from './build/layout.ts';
import { findElectron, hasDisplay } from './lib/environment.ts';
import { runInherited, stop } from './lib/run.ts';

requireNodeApi('start');
process.env.NODE_ENV ??= 'production';

try {
  await start(process.argv.slice(2));
} catch (error) {
  stop('start', error);
}

async function start(args: readonly string[]): Promise<void> {
  const browser = args.includes('--browser');
  const named = args.find((argument) => !argument.startsWith('-'));
  const project = await chooseProject(named);
  const electron = browser || !hasDisplay() ? null : findElectron();
  await buildParts({ say: (line) => void process.stdout.write(`${line}\n`) });
  if (electron !== null) {
    process.exitCode = await startDesktop(electron.executable, project);
    return;
  }
  if (project === null) throw new Error('which repository? Say "npm start -- /path/to/repository".');
  if (!browser)
    process.stdout.write(`${hasDisplay() ? 'No Electron here' : 'No display here'}: opening the browser room.\n`);
  await startBrowserRoom(project);
}

/** The repository to open. This checkout itself is not taken for one without being named: `npm start` runs in it. */
async function chooseProject(named: string | undefined): Promise<string | null> {
  // npm changes into the package's folder; INIT_CWD is where the person is.
  const here = process.env.INIT_CWD ?? process.cwd();
  const path = resolve(here, named ?? '.');
  const root = await findGitRoot(path);
  if (named === undefined) return root === ROOT ? null : root;
  if (!existsSync(path)) throw new Error(`${path} does not exist.`);
  if (root === null) throw new Error(`${path} is not in a git repository; run "git init" there first or name another.`);
  return path;
}

async function startDesktop(executable: string, project: string | null): Promise<number> {
  const env: NodeJS.ProcessEnv = { ...process.env, OVERSTORY_NODE: process.execPath };
  delete env.ELECTRON_RUN_AS_NODE;
  const args = [join(DIST, 'main/electron.js'), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
  return await runInherited(executable, [...args, ...(project === null ? [] : [project])], { cwd: ROOT, env });
}

/** Asks a person whether to set a fresh repository up; without a terminal nobody is asked and nothing is written. */
async function offerSetUp(project: string): Promise<boolean> {
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Set up ${project} for agents? It adds .overstory/ and commits it. [Y/n] `);
  terminal.close();
  if (!/^(|y|yes)$/i.test(answer.trim())) return false;
  const entry = join(DIST, 'main/ov.cjs');
  return (await runInherited(process.execPath, [entry, 'init'], { cwd: project })) === 0;
}

/** Becomes the engine that serves it: a process of its own would only be one more to start and to pass signals to. */
async function startBrowserRoom(project: string): Promise<void> {
  if (!existsSync(join(project, '.overstory/config.yaml')) && !(await offerSetUp(project))) {
    throw new Error(`${project} is not set up for agents yet: run "npm run ov -- init --project ${project}" once.`);
  }
  const entry = join(DIST, 'main/ov.cjs');
  process.chdir(existsSync(project) ? project : dirname(project));
  process.argv = [process.execPath, entry, 'serve', '--open-browser'];
  createRequire(import.meta.url)(entry);
}
