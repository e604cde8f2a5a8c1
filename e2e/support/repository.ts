import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { initProject } from '../../main/core/config/init.ts';
import { findLiveEngine } from '../../main/core/lease/engineInfo.ts';
import { systemClock } from '../../main/platform/clock.ts';
import { findPtyHost } from '../../main/pty-host/client.ts';
import { run, runOrThrow } from '../../scripts/lib/run.ts';
import { killTree } from './processes.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** One step or script of a rehearsal agent, as docs/rehearsal.md describes them. */
export type Script = Readonly<Record<string, unknown>>;

/** A throw-away repository with one commit. */
export interface Repository {
  readonly root: string;
  git(...args: string[]): Promise<string>;
  /** Runs the `ov` command with `--json` and gives its answer. Throws what it printed when it fails. */
  ov<Answer = unknown>(...args: string[]): Promise<Answer>;
  /** Writes the spec of a task: what the rehearsal agent slung on it does. */
  writeSpec(taskId: string, script: Script): Promise<void>;
  /** Writes a spec and slings an agent of that name on it. */
  sling(agentName: string, script: Script, ...flags: string[]): Promise<void>;
  /** Lets a step made by `untilOpened` of that name go on. */
  open(gate: string): Promise<void>;
  /** Ends engine, pty host and all that runs under it, then removes everything. */
  remove(): Promise<void>;
}

/** A step that lasts until the test says `open(gate)`: turns are held without any clock. */
export function untilOpened(gate: string): Script {
  return {
    run: { command: `while [ ! -e {{root}}/.overstory/gate-${gate} ]; do sleep 0.02; done`, timeout: 120 },
  };
}

export interface RepositoryOptions {
  /** Files of the first commit, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Further lines of `.overstory/config.local.yaml`. */
  readonly settings?: string;
  /** False leaves the setting up to the test. */
  readonly initialised?: boolean;
}

/** Makes a repository in a folder of its own, by default set up for rehearsal agents that do not wait for each other. */
export async function createRepository(options: RepositoryOptions = {}): Promise<Repository> {
  const { files = { 'README.md': '# Sample\n' }, settings = '', initialised = true } = options;
  const root = await realpath(await mkdtemp(join(tmpdir(), 'ocr-e2e-')));
  const git = async (...args: string[]): Promise<string> => (await runOrThrow('git', args, { cwd: root })).stdout;
  await git('init', '-q', '-b', 'main');
  await git('config', 'user.name', 'Sample');
  await git('config', 'user.email', 'sample@example.org');
  for (const [path, content] of Object.entries(files)) await writeFile(join(root, path), content);
  await git('add', '.');
  await git('commit', '-q', '-m', 'Start');
  if (initialised) {
    const prepared = await initProject(root, { clock: systemClock, runtime: 'rehearsal' });
    if (!prepared.ok) throw new Error(prepared.error.message);
    await writeFile(join(root, '.overstory', 'config.local.yaml'), `agents:\n  staggerDelayMs: 0\n${settings}`);
  }

  const ov = async <Answer>(...args: string[]): Promise<Answer> => {
    const done = await run(process.execPath, [join(ROOT, 'scripts/ov.cjs'), ...args, '--json'], { cwd: root });
    if (done.code !== 0) throw new Error(`ov ${args.join(' ')} failed:\n${done.stdout}${done.stderr}`);
    return JSON.parse(done.stdout) as Answer;
  };
  const writeSpec = async (taskId: string, script: Script): Promise<void> => {
    const body = `# ${taskId}\n\n\`\`\`rehearsal\n${stringify(script)}\`\`\`\n`;
    await ov('spec', 'write', taskId, '--body', body);
  };
  return {
    root,
    git,
    ov,
    writeSpec,
    async sling(agentName, script, ...flags) {
      await writeSpec(`task-${agentName}`, script);
      await ov('sling', `task-${agentName}`, '--name', agentName, ...flags);
    },
    open: (gate) => writeFile(join(root, '.overstory', `gate-${gate}`), ''),
    async remove() {
      const engine = await findLiveEngine(root);
      if (engine !== null && engine.pid !== process.pid) await killTree(engine.pid);
      const host = await findPtyHost(root);
      if (host !== null) await killTree(host.pid);
      await rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}
