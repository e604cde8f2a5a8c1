import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStores } from '../stores.ts';
import { leadCloseFacts } from './leadClose.ts';

const run = promisify(execFile);
let root: string;
const git = (...args: readonly string[]) =>
  run('git', ['-C', root, '-c', 'user.name=n', '-c', 'user.email=e@example.org', ...args]);

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'lead-close-')));
  await mkdir(join(root, '.overstory'));
  await writeFile(join(root, '.overstory/config.yaml'), 'project:\n  name: sample\n  canonicalBranch: main\n');
  await git('init', '-q', '-b', 'main');
  await git('commit', '-q', '--allow-empty', '-m', 'first');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(
  ...mails: ReadonlyArray<readonly [from: string, to: string, type: 'merge_ready' | 'merged' | 'worker_done']>
) {
  const stores = await openStores(join(root, '.overstory'));
  if (!stores.ok) throw new Error(stores.error.message);
  for (const [from, to, type] of mails) stores.value.mail.insert({ from, to, type, subject: type, body: '' });
  stores.value.close();
}

describe('what a lead’s close is judged by, from real stores and git', () => {
  it('SP80: counts its own merge_ready, merged to it, and worker_done to it, and nobody else’s', async () => {
    await write(
      ['lead-1', 'coordinator', 'merge_ready'],
      ['lead-2', 'coordinator', 'merge_ready'],
      ['merger-1', 'lead-1', 'merged'],
      ['builder-1', 'lead-1', 'worker_done'],
      ['builder-2', 'lead-1', 'worker_done'],
      ['builder-3', 'lead-2', 'worker_done'],
    );
    expect(await leadCloseFacts(root, 'lead-1', null)).toEqual({ handedOver: 2, buildersDone: 2, merged: null });
  });

  it('SP81, SP82, SP83: asks git whether its commits are in the target, the session’s branch before the canonical one', async () => {
    await write();
    expect(await leadCloseFacts(root, 'lead-1', root)).toMatchObject({ merged: true });
    await git('branch', 'session');
    await git('switch', '-q', '-c', 'work');
    await git('commit', '-q', '--allow-empty', '-m', 'second');
    expect(await leadCloseFacts(root, 'lead-1', root)).toMatchObject({ merged: false });
    await git('branch', '-f', 'session', 'work');
    await writeFile(join(root, '.overstory/session-branch.txt'), ' session\n');
    expect(await leadCloseFacts(root, 'lead-1', root)).toMatchObject({ merged: true });
    await writeFile(join(root, '.overstory/session-branch.txt'), 'gone\n');
    expect(await leadCloseFacts(root, 'lead-1', root)).toMatchObject({ merged: null });
  });

  it('knows nothing where the stores cannot be opened', async () => {
    await writeFile(join(root, '.overstory/mail.db'), 'no database at all, just a text that is long enough to be read');
    expect(await leadCloseFacts(root, 'lead-1', null)).toBeUndefined();
  });
});
