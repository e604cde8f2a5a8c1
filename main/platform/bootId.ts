import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/**
 * Names this start of the machine: it changes with every boot and with nothing else. Null where the system does not say;
 * then nobody may conclude a restart.
 */
export async function readBootId(): Promise<string | null> {
  if (process.platform === 'linux') {
    try {
      return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim() || null;
    } catch {
      // A system without /proc: it does not say.
      return null;
    }
  }
  if (process.platform !== 'darwin') return null;
  return new Promise((resolve) => {
    execFile('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'], { timeout: 2_000 }, (error, stdout) =>
      resolve(error === null ? stdout.trim() || null : null),
    );
  });
}
