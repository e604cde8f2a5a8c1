import { spawn } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { isAlive } from './processes.ts';
import { removeTestFolder, testFolder } from './testFolders.ts';

/** Starts a process that would stay, and waits until it stands. */
function lasting(cwd: string, env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'console.log("up"); setInterval(() => {}, 1e6)', ...args], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  child.unref();
  return new Promise((resolve) => child.stdout.once('data', () => resolve(child.pid ?? 0)));
}

const gone = async (pid: number): Promise<void> => {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
};

it('takes whatever runs for it along: by folder, by command line, by environment, and nobody else', async () => {
  const folder = await testFolder('folders-test');
  const other = await testFolder('folders-test');
  await mkdir(join(folder, 'worktree'));
  const own = await Promise.all([
    lasting(join(folder, 'worktree'), {}),
    lasting(tmpdir(), {}, ['--', '--project', folder]),
    lasting(tmpdir(), { PROJECT: folder }),
  ]);
  const stranger = await lasting(other, { PROJECT: `${folder}x` });
  await removeTestFolder(folder);
  for (const pid of own) await gone(pid);
  expect(isAlive(stranger)).toBe(true);
  expect(await readdir(tmpdir())).not.toContain(basename(folder));
  await removeTestFolder(other);
  await gone(stranger);
});

it('removes what a killed run of the same kind left behind, when the next one begins', async () => {
  const kind = `folders-left-${process.pid}`;
  const maker = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `const { testFolder } = await import(${JSON.stringify(join(import.meta.dirname, 'testFolders.ts'))});
     console.log(await testFolder(${JSON.stringify(kind)})); setInterval(() => {}, 1e6);`,
  ]);
  const left = await new Promise<string>((resolve) =>
    maker.stdout.once('data', (line) => resolve(String(line).trim())),
  );
  const agent = await lasting(left, {});
  const ended = new Promise((resolve) => maker.once('exit', resolve));
  maker.kill('SIGKILL');
  await ended;
  const own = await testFolder(kind);
  await gone(agent);
  const names = await readdir(tmpdir());
  expect(names).not.toContain(basename(left));
  expect(names).toContain(basename(own));
  await removeTestFolder(own);
});
