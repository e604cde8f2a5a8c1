import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initProject } from '../../main/core/config/init.ts';
import { systemClock } from '../../main/platform/clock.ts';
import { runOrThrow } from '../../scripts/lib/run.ts';

/** A throw-away repository with one commit and overstory set up in it. */
export interface Repository {
  readonly root: string;
  remove(): Promise<void>;
}

export async function createRepository(name = 'ocr-e2e-'): Promise<Repository> {
  const root = await realpath(await mkdtemp(join(tmpdir(), name)));
  const git = (...args: string[]) => runOrThrow('git', args, { cwd: root });
  await git('init', '-q', '-b', 'main');
  await git('config', 'user.name', 'Sample');
  await git('config', 'user.email', 'sample@example.org');
  await writeFile(join(root, 'README.md'), '# Sample\n');
  await git('add', '.');
  await git('commit', '-q', '-m', 'Start');
  const prepared = await initProject(root, { clock: systemClock });
  if (!prepared.ok) throw new Error(prepared.error.message);
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}
