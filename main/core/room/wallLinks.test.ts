import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newToken } from '../../platform/secrets.ts';
import { removeTestFolder, testFolder } from '../../platform/testFolders.ts';
import { openWallLinks, WALL_MS } from './wallLinks.ts';

let folder = '';
let path = '';
let now = 1_000_000;
beforeEach(async () => {
  folder = await testFolder('walls');
  path = join(folder, 'run', 'wall-links.json');
  now = 1_000_000;
});
afterEach(() => removeTestFolder(folder));

const open = (warned: string[] = []) => openWallLinks(path, { now: () => now }, (line) => warned.push(line));
const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex');
const onlyId = (links: Awaited<ReturnType<typeof open>>): string => links.list()[0]?.id ?? 'none';

test('a link outlives the process that made it, as a digest in a file of its owner', async () => {
  const token = newToken();
  expect(await (await open()).add(digestOf(token), 4_711)).toMatchObject({ ok: true });
  const again = await open();
  expect(again.find(digestOf(token))).toBe(onlyId(again));
  expect(again.port()).toBe(4_711);
  expect(again.list()).toMatchObject([
    { address: 'http://127.0.0.1:4711', until: new Date(now + WALL_MS).toISOString() },
  ]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, 'utf8')).not.toContain(token);
  expect(again.find(digestOf(newToken()))).toBeNull();
});

test('it is over after its time, also for who held it open', async () => {
  const links = await open();
  await links.add(digestOf('a'), 4_711);
  now += WALL_MS;
  expect([links.find(digestOf('a')), links.list(), links.port()]).toEqual([null, [], null]);
  expect((await open()).list()).toEqual([]);
});

test('one that is taken back is gone at once and for good, and the server is told', async () => {
  const links = await open();
  const ended: string[] = [];
  links.onEnd((id) => ended.push(id));
  await links.add(digestOf('a'), 1);
  const first = onlyId(links);
  now += 1;
  await links.add(digestOf('b'), 2);
  expect(links.port()).toBe(2);
  expect(await links.end(first)).toEqual({ ok: true, value: { ended: 1 } });
  expect(links.find(digestOf('a'))).toBeNull();
  expect((await open()).find(digestOf('a'))).toBeNull();
  expect(await links.end(first)).toMatchObject({ ok: false, error: { tag: 'notFound' } });
  expect(await links.end(null)).toEqual({ ok: true, value: { ended: 1 } });
  expect(await links.end(null)).toEqual({ ok: true, value: { ended: 0 } });
  expect(ended).toHaveLength(2);
  expect((await open()).list()).toEqual([]);
});

test('there are never more than sixteen', async () => {
  const links = await open();
  const added = await Promise.all(Array.from({ length: 18 }, (_, at) => links.add(digestOf(String(at)), 1)));
  expect(added.filter(({ ok }) => ok)).toHaveLength(16);
  expect(added.at(-1)).toMatchObject({ error: { message: expect.stringContaining('ov wall revoke') } });
  expect((await open()).list()).toHaveLength(16);
});

test.each([
  ['others may read or write it', 0o644, {}],
  ['it is not ours', 0o600, { links: 'none' }],
  ['it promises more time than any link has', 0o600, { until: 1_000_001 + WALL_MS }],
])('a file is not believed when %s', async (_why, mode, more) => {
  const link = { id: '0123abcd', digest: digestOf('a'), at: now, until: now + 1_000, port: 4_711 };
  const content = 'links' in more ? more : { links: [{ ...link, ...more }] };
  await mkdir(join(folder, 'run'));
  await writeFile(path, JSON.stringify(content));
  await chmod(path, mode);
  const links = await open();
  expect([links.find(digestOf('a')), links.list(), links.port()]).toEqual([null, [], null]);
});

test('a file that says it may do more than watch says nothing: only digests and ends are read', async () => {
  const link = { id: '0123abcd', digest: digestOf('a'), at: now, until: now + 1_000, port: 4_711, scope: 'admin' };
  await mkdir(join(folder, 'run'));
  await writeFile(path, JSON.stringify({ links: [link] }), { mode: 0o600 });
  expect((await open()).list()).toEqual([
    {
      id: '0123abcd',
      signedInAt: new Date(now).toISOString(),
      until: new Date(now + 1_000).toISOString(),
      address: 'http://127.0.0.1:4711',
    },
  ]);
});

test('what cannot be written is told, and keeps nobody signed in', async () => {
  await writeFile(join(folder, 'run'), 'a file where the folder should be');
  const links = await open();
  expect(await links.add(digestOf('a'), 1)).toMatchObject({ ok: false, error: { tag: 'internal' } });
  expect(links.list()).toEqual([]);
});
