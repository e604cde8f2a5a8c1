import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardEnvironment } from './guardEnvironment.ts';

const run = promisify(execFile);
let folder: string;
const git = (...args: readonly string[]) =>
  run('git', ['-C', join(folder, 'work'), '-c', 'user.name=n', '-c', 'user.email=e@example.org', ...args], {
    env: { PATH: process.env.PATH, HOME: folder, ...guardEnvironment() },
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guard-environment-'));
  await run('git', ['init', '-q', '--bare', join(folder, 'bare')]);
  await run('git', ['init', '-q', '-b', 'main', join(folder, 'work')]);
  await git('commit', '-q', '--allow-empty', '-m', 'first');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the environment of a turn', () => {
  it.each(['https://example.invalid/x.git', 'git@example.invalid:x.git', 'ssh://git@example.invalid/x.git'])(
    'holds back a push to %s, also in a script',
    async (address) => {
      await expect(git('push', address, 'main')).rejects.toThrow(/refused-for-agents/);
    },
  );

  it('lets a push to a repository on this machine through, which projects test with', async () => {
    await git('push', '-q', join(folder, 'bare'), 'main');
    const { stdout } = await run('git', ['-C', join(folder, 'bare'), 'log', '--format=%s', 'main']);
    expect(stdout.trim()).toBe('first');
  });

  it('leaves fetching alone', async () => {
    await git('push', '-q', join(folder, 'bare'), 'main');
    await git('fetch', '-q', join(folder, 'bare'), 'main');
    await expect(git('fetch', 'https://127.0.0.1:1/x.git')).rejects.toThrow(/127\.0\.0\.1/);
  });
});
