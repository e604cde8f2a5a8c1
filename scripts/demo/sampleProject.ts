import { mkdir, rm } from 'node:fs/promises';
import { writeDemoProject } from '../../main/core/demo/demoProject.ts';
import { findPtyHost } from '../../main/pty-host/client.ts';

/** Makes the sample repository afresh: a real little TypeScript project with its own tests, set up for rehearsals. */
export async function createSampleProject(
  root: string,
  ov: (args: readonly string[]) => Promise<unknown>,
): Promise<void> {
  await endWhatRuns(root, ov);
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  const written = await writeDemoProject(root);
  if (!written.ok) throw new Error(written.error.message);
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
