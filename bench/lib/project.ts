import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { initProject } from '../../main/core/config/init.ts';
import { systemClock } from '../../main/platform/clock.ts';
import { isAlive } from '../../main/platform/processes.ts';
import { ensurePtyHost, findPtyHost } from '../../main/pty-host/client.ts';
import type { PtyHostClient } from '../../main/pty-host/protocol.ts';
import { type BenchContext, removeFolder } from './measure.ts';
import { must } from './must.ts';
import { execute } from './processes.ts';

/** A repository that is set up for agents, in a temporary folder that goes away with the measure. */
export interface BenchProject {
  readonly root: string;
  readonly overstory: string;
  git(...args: string[]): Promise<string>;
  /** A connection to its pty host, which is started when none lives. */
  host(): Promise<{ readonly client: PtyHostClient; readonly pid: number }>;
}

export async function temporaryFolder(context: BenchContext): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'ocr-bench-')));
  context.defer(() => removeFolder(path));
  return path;
}

/** Files of a small repository: README and 100 source files in ten folders. */
export function smallRepository(): Readonly<Record<string, string>> {
  const files: Record<string, string> = { 'README.md': '# Bench\n' };
  for (let index = 0; index < 100; index += 1)
    files[`src/part${index % 10}/file${index}.ts`] = `export const value${index} = ${index};\n`.repeat(20);
  return files;
}

/** Makes one with the rehearsal runtime and places for many agents. */
export async function benchProject(
  context: BenchContext,
  files: Readonly<Record<string, string>> = smallRepository(),
): Promise<BenchProject> {
  const root = await temporaryFolder(context);
  const git = (...args: string[]): Promise<string> => execute('git', args, root);
  await git('init', '-q', '-b', 'main');
  await git('config', 'user.name', 'Bench');
  await git('config', 'user.email', 'bench@localhost');
  await git('config', 'gc.auto', '0');
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  await git('add', '.');
  await git('commit', '-qm', 'start');
  must(await initProject(root, { clock: systemClock, runtime: 'rehearsal' }));
  const overstory = join(root, '.overstory');
  await writeFile(join(overstory, 'config.local.yaml'), 'agents:\n  staggerDelayMs: 0\n  maxConcurrent: 1000\n');
  // Registered after the folder's own removal, so it runs before it.
  context.defer(() => discardHost(root));
  return {
    root,
    overstory,
    git,
    async host() {
      const { client, info } = must(await ensurePtyHost({ projectRoot: root }));
      context.defer(() => client.close());
      return { client, pid: info.pid };
    },
  };
}

/** Ends a project's pty host and whatever runs under it. */
async function discardHost(root: string): Promise<void> {
  const info = await findPtyHost(root);
  if (info === null) return;
  const host = await ensurePtyHost({ projectRoot: root });
  if (host.ok) {
    await host.value.client.call('host.shutdown', { force: true });
    host.value.client.close();
  }
  const deadline = Date.now() + 5_000;
  while (isAlive(info.pid) && Date.now() < deadline) await sleep(20);
  if (isAlive(info.pid)) process.kill(info.pid, 'SIGKILL');
}
