import { readdir, readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import { openSessionStore } from './importSessions.ts';
import { openSessions } from './sessionStore.ts';
import { testSession } from './testSession.ts';

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
});
afterEach(() => folder.dispose());

async function open() {
  const opened = must(await openSessionStore(folder.path));
  folder.keep(opened.store);
  return opened;
}
const writeJson = (value: unknown) => writeFile(folder.file('sessions.json'), JSON.stringify(value));

describe('import of sessions.json', () => {
  it('S27: nothing there, nothing taken over', async () => {
    const { store, migrated } = await open();
    expect(migrated).toBe(false);
    expect(store.getAll()).toEqual([]);
  });

  it('S28: entries of a file beside a missing database are taken over', async () => {
    await writeJson([testSession('a', { pid: 12, state: 'working' }), testSession('b')]);
    const { store, migrated } = await open();
    expect(migrated).toBe(true);
    expect(store.getByName('a')).toEqual(testSession('a', { pid: 12, state: 'working' }));
    expect(store.count()).toBe(2);
  });

  it('S29: a database with rows wins over a file that was edited later', async () => {
    const first = await open();
    first.store.upsert(testSession('a'));
    first.store.close();
    await writeJson([testSession('a', { state: 'zombie' }), testSession('b')]);
    const { store, migrated } = await open();
    expect(migrated).toBe(false);
    expect(store.getAll()).toEqual([testSession('a')]);
    expect(await readdir(folder.path)).toContain('sessions.json');
  });

  it('S30: an empty database takes the file over', async () => {
    must(openSessions(folder.file('sessions.db'))).close();
    await writeJson([testSession('a')]);
    const { store, migrated } = await open();
    expect(migrated).toBe(true);
    expect(store.count()).toBe(1);
  });

  it.each([['[]'], ['{ half a fi'], ['{"agentName":"x"}'], ['null'], ['[{"agentName":"x"}, 7]']])(
    'S31: %s holds nothing to take over',
    async (text) => {
      await writeFile(folder.file('sessions.json'), text);
      const { store, migrated } = await open();
      expect(migrated).toBe(false);
      expect(store.count()).toBe(0);
      expect(await readFile(folder.file('sessions.json'), 'utf8')).toBe(text);
    },
  );

  it('S32: of two entries of one name the last wins', async () => {
    await writeJson([testSession('a', { id: '1' }), testSession('a', { id: '2', taskId: 'later' })]);
    const { store } = await open();
    expect(store.getAll()).toEqual([testSession('a', { id: '2', taskId: 'later' })]);
  });

  it('S33: absent fields get their defaults, and conversation and prompt version are never taken over', async () => {
    const { id, agentName, capability, worktreePath, branchName, taskId, tmuxSession, state, startedAt, lastActivity } =
      testSession('a');
    await writeJson([
      {
        ...{ id, agentName, capability, worktreePath, branchName, taskId, tmuxSession, state, startedAt, lastActivity },
        promptVersion: 'builder@1',
        claudeSessionId: 'c-1',
      },
    ]);
    const { store } = await open();
    expect(store.getByName('a')).toEqual(testSession('a'));
    expect(store.getByName('a')?.runId).toBeNull();
  });

  it('D-14: a table that is emptied after the import stays empty', async () => {
    await writeJson([testSession('a')]);
    const first = await open();
    expect(first.migrated).toBe(true);
    first.store.purge({ all: true });
    first.store.close();
    expect(await readdir(folder.path)).toContain('sessions.json.imported');
    const second = await open();
    expect(second.migrated).toBe(false);
    expect(second.store.count()).toBe(0);
  });
});
