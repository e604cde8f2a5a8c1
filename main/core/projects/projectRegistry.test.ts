import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectKey } from '../../platform/projectSockets.ts';
import { removeTestFolder, testFolder } from '../../platform/testFolders.ts';
import { openProjectRegistry, type ProjectRecord, parseRecord } from './projectRegistry.ts';

let folder: string;
beforeEach(async () => {
  folder = await testFolder('projects');
});
afterEach(() => removeTestFolder(folder));

/** A folder that is set up, and what its engine says of it. */
async function project(name: string, openedAt: string): Promise<ProjectRecord> {
  const root = join(folder, name);
  await mkdir(join(root, '.overstory'), { recursive: true });
  await writeFile(join(root, '.overstory/config.yaml'), 'project: {}\n');
  return { root, name, openedAt, attention: 2, working: 3 };
}

describe('the list of projects', () => {
  it('holds nothing before the first project', async () => {
    expect(await openProjectRegistry(join(folder, 'none')).list()).toEqual([]);
  });

  it('tells what was opened last first, and a second time only once', async () => {
    const registry = openProjectRegistry(join(folder, 'list'));
    const one = await project('one', '2026-11-01T10:00:00.000Z');
    const two = await project('two', '2026-11-02T10:00:00.000Z');
    await registry.save(one);
    await registry.save(two);
    expect(await registry.list()).toEqual([two, one]);
    const again = { ...one, openedAt: '2026-11-03T10:00:00.000Z' };
    await registry.save(again);
    expect(await registry.list()).toEqual([again, two]);
  });

  it('is readable by its owner alone', async () => {
    const registry = openProjectRegistry(join(folder, 'list'));
    const one = await project('one', '2026-11-01T10:00:00.000Z');
    await registry.save(one);
    expect((await stat(join(folder, 'list'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'list', `${projectKey(one.root)}.json`))).mode & 0o777).toBe(0o600);
  });

  it('leaves out a project whose folder is gone, and one that was forgotten', async () => {
    const registry = openProjectRegistry(join(folder, 'list'));
    const one = await project('one', '2026-11-01T10:00:00.000Z');
    const two = await project('two', '2026-11-02T10:00:00.000Z');
    await registry.save(one);
    await registry.save(two);
    await rm(two.root, { recursive: true });
    expect(await registry.find(projectKey(two.root))).toBeNull();
    expect(await registry.list()).toEqual([one]);
    await registry.forget(projectKey(one.root));
    expect(await registry.list()).toEqual([]);
    await registry.forget(projectKey(one.root));
  });

  it('believes no file that stands under the name of another project', async () => {
    const list = join(folder, 'list');
    const registry = openProjectRegistry(list);
    const one = await project('one', '2026-11-01T10:00:00.000Z');
    await registry.save(one);
    const other = `${'0'.repeat(16)}.json`;
    await writeFile(join(list, other), JSON.stringify(one));
    await writeFile(join(list, 'notes.txt'), 'mine');
    expect(await registry.list()).toEqual([one]);
    expect(await readdir(list)).toContain('notes.txt');
  });
});

it.each([
  [null, null],
  ['', null],
  ['[]', null],
  ['{"root":"/p"}', null],
  ['{"root":"/p","openedAt":"yesterday"}', null],
  [
    '{"root":"/a/p","openedAt":"2026-11-01T10:00:00Z","attention":-1,"working":"many"}',
    { root: '/a/p', name: 'p', openedAt: '2026-11-01T10:00:00.000Z', attention: 0, working: 0 },
  ],
])('reads a record from %s', (text, record) => {
  expect(parseRecord(text)).toEqual(record);
});
