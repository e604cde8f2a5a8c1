import { randomBytes } from 'node:crypto';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fail, ok, type Result } from '../../contract/result.ts';
import { isSameProcess, processStartTime } from '../platform/processes.ts';

const PREFIX = 'pty-host.lock.';
const Holder = z.object({ pid: z.number().int(), startTime: z.string().nullable() });

/** Numbers of the lock files in a folder, highest first. */
async function generations(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => name.startsWith(PREFIX) && /^\d+$/.test(name.slice(PREFIX.length)))
    .map((name) => Number(name.slice(PREFIX.length)))
    .sort((one, other) => other - one);
}

async function holderPid(path: string): Promise<number | null> {
  try {
    const holder = Holder.parse(JSON.parse(await readFile(path, 'utf8')));
    return (await isSameProcess(holder)) ? holder.pid : null;
  } catch {
    // Removed meanwhile by the holder of a higher number, which the next look will see; or emptied by a power cut, which
    // no process survived.
    return null;
  }
}

/**
 * Makes this process the only pty host of a project, for as long as it lives. Fails with `conflict` when another one
 * lives. The lock is a file with a number; whoever creates the next number (a hard link of a complete file, which fails
 * when it exists) after the highest one's process has died is the holder. Nothing is ever taken away from a
 * living holder and the highest file is never removed, so there is no moment in which two could win, and nothing has to
 * be cleaned up after a crash.
 */
export async function acquireHostLock(folder: string): Promise<Result<void>> {
  const own = join(folder, `pty-host.claim.${process.pid}.${randomBytes(4).toString('hex')}`);
  const content = JSON.stringify({ pid: process.pid, startTime: await processStartTime(process.pid) });
  await writeFile(own, content, { mode: 0o600, flag: 'wx' });
  try {
    for (;;) {
      const [highest = 0] = await generations(folder);
      const pid = highest === 0 ? null : await holderPid(join(folder, `${PREFIX}${highest}`));
      if (pid !== null) return fail('conflict', `a pty host already runs for this project (process ${pid})`);
      const claimed = join(folder, `${PREFIX}${highest + 1}`);
      try {
        await link(own, claimed);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw error;
      }
      const [newest = 0, ...older] = await generations(folder);
      if (newest !== highest + 1) {
        // The first look missed a file that was being created: its holder has the higher number and the right.
        await rm(claimed, { force: true });
        continue;
      }
      for (const number of older) await rm(join(folder, `${PREFIX}${number}`), { force: true });
      return ok(undefined);
    }
  } finally {
    await rm(own, { force: true });
  }
}
