import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoomClient } from '../../../contract/room.ts';
import { isSameProcess, processStartTime } from '../../platform/processes.ts';
import { findPtyHost } from '../../pty-host/client.ts';
import type { HostFile } from '../../pty-host/hostFiles.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';
import { watchProject } from './projectWatch.ts';

describe('the watch of a project', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'project-watch-'));
    await mkdir(join(root, '.overstory'));
    await writeFile(join(root, '.overstory', 'control-room.db'), '');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const file = () => join(root, '.overstory', 'control-room.db');
  const seen = (): { line: Promise<string>; watch: Promise<{ close(): void }> } => {
    const { promise: line, resolve } = Promise.withResolvers<string>();
    return { line, watch: watchProject(root, resolve, 10) };
  };

  it.each([
    ['the folder is deleted', () => rm(root, { recursive: true }), /was deleted or moved away/],
    ['.overstory is deleted', () => rm(join(root, '.overstory'), { recursive: true }), /was deleted or moved away/],
    ['.overstory is moved away', () => rename(join(root, '.overstory'), join(root, 'x')), /was deleted or moved away/],
    [
      'the database is replaced',
      async () => {
        await writeFile(`${file()}.new`, '');
        await rename(`${file()}.new`, file());
      },
      /was replaced while its engine ran/,
    ],
  ])('tells once when %s', async (_what, act, words) => {
    const { line, watch } = seen();
    await watch;
    await act();
    expect(await line).toMatch(words);
  });

  it('says nothing of a project that is back at the next look', async () => {
    const told: string[] = [];
    const watch = await watchProject(root, (line) => told.push(line), 60_000);
    await rename(join(root, '.overstory'), join(root, 'x'));
    await rename(join(root, 'x'), join(root, '.overstory'));
    watch.close();
    expect(told).toEqual([]);
  });
});

describe('an engine whose project goes', () => {
  let project: TestProject;
  let client: RoomClient;
  let host: HostFile;
  const gone = Promise.withResolvers<string>();
  const heard = Promise.withResolvers<string>();
  afterEach(() => project.dispose());

  it('ends with its agents and its pty host, tells its faces why, and brings no husk of the folder back', async () => {
    project = await createTestProject();
    ({ client } = await project.start({ projectLookMs: 20, onGone: gone.resolve }));
    client.onClose(heard.resolve);
    await client.call('tasks.writeSpec', {
      id: 'T-1',
      body: '# T\n\n```rehearsal\nstart:\n  - say: works\n  - hang:\n```\n',
    });
    expect(await client.call('agents.sling', { taskId: 'T-1', name: 'ann' })).toMatchObject({ ok: true });
    await topicUntil(client, 'agents', (agents) => agents.byId.ann?.activity === 'works');
    const terminals = await client.snapshot('terminals');
    const pid = terminals.ok ? (Object.values(terminals.value.byId)[0]?.pid ?? 0) : 0;
    const found = await findPtyHost(project.root);
    if (found === null) throw new Error('no pty host');
    host = found;

    await rename(project.root, `${project.root}-away`);
    expect(await gone.promise).toMatch(/was deleted or moved away: its engine, agents and terminals are ended$/);
    expect(await heard.promise).toMatch(/was deleted or moved away/);
    while (await isSameProcess(host)) await new Promise((resolve) => setTimeout(resolve, 10));
    // Gone, or ended and not collected yet.
    await expect.poll(() => processStartTime(pid)).toBeNull();
    expect(await readdir(project.root, { recursive: true }).catch((error: NodeJS.ErrnoException) => error.code)).toBe(
      'ENOENT',
    );
    await rm(`${project.root}-away`, { recursive: true });
  });
});
