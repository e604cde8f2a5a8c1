import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isAlive } from './processes.ts';

/**
 * Support for tests with real processes: temporary projects that leave nothing behind. The name of a folder says which
 * process made it, so that what a killed test run left (agents, hosts, mounts) is ended and removed by the next one.
 */

const run = promisify(execFile);
/** Kinds of which this process has looked for leftovers already. */
const swept = new Set<string>();

/** Makes a temporary folder, by its real path. Removes those of the same kind whose maker does not live any more. */
export async function testFolder(kind: string): Promise<string> {
  const parent = await realpath(tmpdir());
  if (!swept.has(kind)) {
    swept.add(kind);
    for (const name of await readdir(parent)) {
      const maker = makerOf(kind, name);
      if (maker !== null && !isAlive(maker)) await removeTestFolder(join(parent, name));
    }
  }
  return mkdtemp(join(parent, `${kind}-${process.pid}-`));
}

function makerOf(kind: string, name: string): number | null {
  if (!name.startsWith(`${kind}-`)) return null;
  const [, pid] = /^(\d+)-[A-Za-z0-9]{6}$/.exec(name.slice(kind.length + 1)) ?? [];
  return pid === undefined ? null : Number(pid);
}

/** Ends whatever runs for a test folder, unmounts what is mounted in it, and removes it. */
export async function removeTestFolder(path: string): Promise<void> {
  await endAllOf(path);
  for (const place of await mountsUnder(path)) await run('umount', ['-l', place]);
  await rm(path, { recursive: true, force: true, maxRetries: 5 });
}

/** SIGKILLs every process that has the folder in its command line or environment, or works in it. */
export async function endAllOf(path: string): Promise<void> {
  // Those that are just being started are found by looking again.
  for (let found = await processesOf(path), rounds = 0; found.length > 0 && rounds < 100; rounds += 1) {
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
    found = await processesOf(path);
  }
}

async function processesOf(path: string): Promise<readonly number[]> {
  // Without /proc (macOS) leftovers are not looked for.
  const names = await readdir('/proc').catch(() => []);
  const found: number[] = [];
  for (const name of names) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid || pid === process.ppid) continue;
    // Processes come and go while we look; what has ended, also as a zombie, shows nothing.
    const [line, environment, folder] = await Promise.all([
      readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => ''),
      readFile(`/proc/${name}/environ`, 'utf8').catch(() => ''),
      readlink(`/proc/${name}/cwd`).catch(() => ''),
    ]);
    if ([line, environment, folder].some((text) => mentions(text, path))) found.push(pid);
  }
  return found;
}

/** Whole names only: `…/kind-1-abc` is not meant by `…/kind-1-abcdef`. */
function mentions(text: string, path: string): boolean {
  for (let at = text.indexOf(path); at !== -1; at = text.indexOf(path, at + 1)) {
    if (!/[\w-]/.test(text.charAt(at + path.length))) return true;
  }
  return false;
}

async function mountsUnder(path: string): Promise<readonly string[]> {
  const table = await readFile('/proc/self/mounts', 'utf8').catch(() => '');
  const places = table.split('\n').map((line) => line.split(' ')[1] ?? '');
  return places.filter((place) => place.startsWith(`${path}/`)).toReversed();
}
