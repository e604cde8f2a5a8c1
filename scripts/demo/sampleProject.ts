import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { initProject } from '../../main/core/config/init.ts';
import { systemClock } from '../../main/platform/clock.ts';
import { findPtyHost } from '../../main/pty-host/client.ts';
import { runOrThrow } from '../lib/run.ts';

const HERE = import.meta.dirname;

/** Makes the sample repository afresh: a real little TypeScript project with its own tests, set up for rehearsals. */
export async function createSampleProject(
  root: string,
  ov: (args: readonly string[]) => Promise<unknown>,
): Promise<void> {
  await endWhatRuns(root, ov);
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  await cp(join(HERE, 'sample'), root, { recursive: true });
  const git = (...args: string[]) => runOrThrow('git', args, { cwd: root });
  await git('init', '-q', '-b', 'main');
  // The sample must work on a machine where git knows nobody; it is nobody's real work.
  await git('config', 'user.name', 'Rehearsal');
  await git('config', 'user.email', 'rehearsal@localhost');
  await git('config', 'commit.gpgsign', 'false');
  await git('add', '.');
  await git('commit', '-qm', 'A small invoice library');
  const done = await initProject(root, { clock: systemClock, runtime: 'rehearsal', name: 'billing-service' });
  if (!done.ok) throw new Error(done.error.message);
  // Rehearsals cost no rate limit, so agents need not start one by one.
  await writeFile(join(root, '.overstory', 'config.local.yaml'), 'agents:\n  staggerDelayMs: 0\n');
}

/** Text of one of the demo's specs. */
export function readSpecText(id: string): Promise<string> {
  return readFile(join(HERE, 'specs', `${id}.md`), 'utf8');
}

/** An engine or pty host of an earlier demo would go on writing into the folder that is about to be removed. */
async function endWhatRuns(root: string, ov: (args: readonly string[]) => Promise<unknown>): Promise<void> {
  const host = await findPtyHost(root);
  await ov(['serve', '--stop', '--project', root]).catch(() => {
    // No engine, or no project yet: nothing to end.
  });
  if (host === null) return;
  try {
    process.kill(host.pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
