import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openControl } from '../control/controlStore.ts';
import { must } from '../db/testing/folder.ts';
import { startProcess, type TestProcess } from '../db/testing/processes.ts';
import { findLiveEngine } from '../lease/engineInfo.ts';
import { openMail } from '../mail/mailStore.ts';
import { openMergeQueue } from '../merge/mergeQueueStore.ts';
import { openRuns } from '../runs/runStore.ts';
import { openSessions } from '../sessions/sessionStore.ts';
import { topicUntil } from '../testEngine.ts';
import { type ChaosProject, createChaosProject, type Finished, specOf, until } from './chaosProject.ts';

const STORE_WRITER = join(import.meta.dirname, '..', 'db', 'testing', 'storeWriter.testProcess.ts');

let project: ChaosProject;
const writers: TestProcess[] = [];
beforeEach(async () => {
  project = await createChaosProject();
});
afterEach(async () => {
  await Promise.all(writers.splice(0).map((writer) => writer.kill()));
  await project.dispose();
});

const state = (file: string): string => join(project.root, '.overstory', file);

function crowd(size: number, args: (index: number) => readonly string[]): Promise<readonly Finished[]> {
  return Promise.all(Array.from({ length: size }, (_, index) => project.ov(args(index))));
}

/** Opens a store of the project for one look. */
function look<Store extends { close(): void }, Value>(store: Store, read: (store: Store) => Value): Value {
  try {
    return read(store);
  } finally {
    store.close();
  }
}

const writeSpec = (task: string, script: string): Promise<void> =>
  writeFile(state(join('specs', `${task}.md`)), specOf(script));

/** What a person must never see of a crowd: the database's own words for a lock. */
function expectNoLockWords(outputs: readonly Finished[]): void {
  expect(outputs.filter((one) => /busy|locked|sqlite/i.test(`${one.stdout}${one.stderr}`))).toEqual([]);
}

const branches = async (): Promise<string[]> =>
  (await project.git('branch', '--list', '--format=%(refname:short)', 'overstory/*')).split('\n').filter(Boolean);

// Many processes on few cores: starting them is what takes the time.
describe('a crowd of processes', { timeout: 600_000 }, () => {
  it.each([
    [2, 'an engine runs'],
    [2, 'no engine runs yet'],
    [8, 'no engine runs yet'],
  ])(
    '%i slings of one agent name at once, while %s: one starts, the others are told so, nothing is left over',
    async (count, when) => {
      if (when === 'an engine runs') await project.startEngine();
      const tasks = Array.from({ length: count }, (_, index) => `T-${index + 1}`);
      await Promise.all(tasks.map((task) => writeSpec(task, 'start:\n  - say: Here I am.')));

      const all = await crowd(count, (index) => ['sling', `T-${index + 1}`, '--name', 'twin']);

      expect(all.map((one) => one.code).sort()).toEqual([0, ...tasks.slice(1).map(() => 1)]);
      const winner = all.findIndex((one) => one.code === 0);
      expect(all[winner]?.stdout).toContain(`twin starts on T-${winner + 1} (branch overstory/twin/T-${winner + 1})\n`);
      for (const refused of all.filter((one) => one.code !== 0)) {
        expect(refused.stdout).toBe('');
        expect(refused.stderr).toMatch(
          /^Error \[AGENT_ERROR\]: agent name twin (is already in use|still has)[^\n]+\n$/,
        );
      }
      expectNoLockWords(all);

      const client = await project.client();
      await topicUntil(client, 'agents', (agents) => agents.byId.twin?.state === 'between_turns');
      expect(look(must(openSessions(state('sessions.db'))), (sessions) => sessions.getAll())).toMatchObject([
        { agentName: 'twin', taskId: `T-${winner + 1}` },
      ]);
      expect(look(must(openRuns(state('sessions.db'))), (runs) => runs.listRuns())).toHaveLength(1);
      expect(await branches()).toEqual([`overstory/twin/T-${winner + 1}`]);
      expect((await project.git('worktree', 'list')).trim().split('\n')).toHaveLength(2);
      expect(await readdir(state('worktrees'))).toEqual(['twin']);
      expect(look(must(openMail(state('mail.db'))), (mail) => mail.getAll({ to: 'twin' }))).toMatchObject([
        { type: 'dispatch', subject: `Dispatch: T-${winner + 1}` },
      ]);
      look(must(openControl(state('control-room.db'))), (control) => {
        expect(control.getSetting('slings.underWay')).toEqual({});
        expect(control.listAgentSettings().map((settings) => settings.agentName)).toEqual(['twin']);
      });
    },
  );

  it.each([
    [10, 'an engine runs'],
    [10, 'no engine runs'],
    [20, 'an engine comes up'],
  ])(
    '%i mails sent at once, while %s: as many rows, each once, each with what its sender wrote',
    async (count, when) => {
      if (when === 'an engine runs') await project.startEngine();
      const coming = when === 'an engine comes up' ? project.startEngine() : null;

      const sent = await crowd(count, (index) => [
        ...['mail', 'send', '--to', 'operator', '--from', `sender-${index}`],
        ...['--subject', `Mail ${index}`, '--body', `Body ${index}`, '--json'],
      ]);
      await coming;

      expect(sent.map((one) => `${one.code} ${one.stderr}`)).toEqual(sent.map(() => '0 '));
      expectNoLockWords(sent);
      const told = sent.map((one) => JSON.parse(one.stdout) as { success: boolean; id: string });
      expect(told.every((answer) => answer.success)).toBe(true);
      const rows = look(must(openMail(state('mail.db'))), (mail) => mail.getAll());
      expect(rows).toHaveLength(count);
      expect(rows.map((row) => row.id).sort()).toEqual(told.map((answer) => answer.id).sort());
      expect(new Set(rows.map((row) => row.id)).size).toBe(count);
      for (const [index, answer] of told.entries()) {
        expect(rows.find((row) => row.id === answer.id)).toMatchObject({
          from: `sender-${index}`,
          subject: `Mail ${index}`,
          body: `Body ${index}`,
        });
      }
    },
  );

  it('10 branches of 10 agents merged at once: each once, all of them in main, nothing held afterwards', async () => {
    await project.startEngine();
    const client = await project.client();
    const names = Array.from({ length: 10 }, (_, index) => `worker-${index}`);
    for (const name of names) {
      await writeSpec(
        name,
        `start:\n  - write: { path: ${name}.txt, content: "of ${name}\\n" }\n  - commit: Work of ${name}\n  - taskDone: done`,
      );
      must(await client.call('agents.sling', { taskId: name, name }));
    }
    await topicUntil(
      client,
      'agents',
      (agents) => names.every((name) => agents.byId[name]?.state === 'completed'),
      120_000,
    );
    await mergeAll(names.map((name) => `overstory/${name}/${name}`));
    for (const name of names) expect(await project.git('show', `main:${name}.txt`)).toBe(`of ${name}\n`);
  });

  it('10 merges at once while no engine runs: they share the engine one of them starts', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `worker-${index}`);
    const merged: string[] = [];
    for (const name of names) {
      const branch = `overstory/${name}/task`;
      await project.git('checkout', '-q', '-b', branch, 'main');
      await writeFile(join(project.root, `${name}.txt`), `of ${name}\n`);
      await project.git('add', `${name}.txt`);
      await project.git('commit', '-qm', `Work of ${name}`);
      merged.push(branch);
    }
    await project.git('checkout', '-q', 'main');
    // Half of them stand in the queue already, as a lead's `merge_ready` leaves them.
    look(must(openMergeQueue(state('merge-queue.db'))), (queue) => {
      for (const [index, name] of names.entries()) {
        if (index % 2 === 0)
          queue.enqueue({ branchName: `overstory/${name}/task`, taskId: 'task', agentName: name, filesModified: [] });
      }
    });
    await mergeAll(merged);
    for (const name of names) expect(await project.git('show', `main:${name}.txt`)).toBe(`of ${name}\n`);
  });

  it('one branch merged by five at once is merged once, and all five hear that it is in', async () => {
    await project.startEngine();
    await project.git('checkout', '-q', '-b', 'overstory/worker/task');
    await writeFile(join(project.root, 'work.txt'), 'work\n');
    await project.git('add', '.');
    await project.git('commit', '-qm', 'Work');
    await project.git('checkout', '-q', 'main');
    await project.git('commit', '-q', '--allow-empty', '-m', 'Meanwhile on main');
    const all = await crowd(5, () => ['merge', '--branch', 'overstory/worker/task']);
    expect(all.map((one) => one.code)).toEqual([0, 0, 0, 0, 0]);
    expect(all.map((one) => one.stderr).sort()).toEqual([
      '',
      ...Array.from({ length: 4 }, () => 'overstory/worker/task has nothing that main does not have already\n'),
    ]);
    expect(all.map((one) => one.stdout)).toEqual(all.map(() => '✓ overstory/worker/task merged (clean-merge)\n'));
    expectNoLockWords(all);
    expect(look(must(openMergeQueue(state('merge-queue.db'))), (queue) => queue.list())).toMatchObject([
      { branchName: 'overstory/worker/task', status: 'merged' },
    ]);
    expect((await project.git('log', '--merges', '--format=%s', 'main')).trim().split('\n')).toHaveLength(1);
  });

  /** Merges branches with one process each, all at once, and looks at everything a merge touches. */
  async function mergeAll(names: readonly string[]): Promise<void> {
    // Main has moved on, so that no branch can be merged without a commit.
    await project.git('commit', '-q', '--allow-empty', '-m', 'Meanwhile on main');
    const head = (await project.git('rev-parse', 'main')).trim();
    const merged = await crowd(names.length, (index) => ['merge', '--branch', names[index] ?? '', '--json']);

    expect(merged.map((one) => `${one.code} ${one.stderr}`)).toEqual(merged.map(() => '0 '));
    expectNoLockWords(merged);
    expect(merged.map((one) => JSON.parse(one.stdout))).toEqual(
      names.map((branchName) =>
        expect.objectContaining({ success: true, tier: 'clean-merge', entry: expect.objectContaining({ branchName }) }),
      ),
    );
    const commits = (await project.git('log', '--merges', '--format=%s', `${head}..main`)).trim().split('\n');
    expect(commits).toHaveLength(names.length);
    expect(new Set(commits).size).toBe(names.length);
    for (const name of names) await project.git('merge-base', '--is-ancestor', name, 'main');
    const rows = look(must(openMergeQueue(state('merge-queue.db'))), (queue) => queue.list());
    expect(rows.map((row) => `${row.branchName} ${row.status} ${row.resolvedTier}`).sort()).toEqual(
      names.map((name) => `${name} merged clean-merge`).sort(),
    );
    expect((await project.git('status', '--porcelain', '--untracked-files=no')).trim()).toBe('');
    expect((await readdir(state('.'))).filter((name) => /merge-.*\.lock/.test(name))).toEqual([]);
    expect((await readdir(join(project.root, '.git'))).filter((name) => /\.lock$|MERGE_HEAD/.test(name))).toEqual([]);
    expect(await readdir(state('run/merges')).catch(() => [])).toEqual([]);
  }

  it('five engines started at once: one holds the project, each of the others says which and leaves', async () => {
    const running = Array.from({ length: 5 }, () => project.ov(['serve', '--detached']));
    const ends: Finished[] = [];
    for (const one of running) void one.then((finished) => ends.push(finished));
    await until(async () => ends.length >= 4, 'four engines did not leave');
    const holder = await until(() => findLiveEngine(project.root), 'no engine came up');

    expect(ends).toHaveLength(4);
    for (const one of ends) {
      expect(one.stdout).toBe('');
      expect(`${one.code} ${one.stderr}`).toMatch(/^3 Error \[CONFLICT_ERROR\]: [^\n]+\n$/);
      expect(one.stderr).toContain(`process ${holder.pid}`);
    }
    expect(look(must(openControl(state('control-room.db'))), (control) => control.readLease())).toMatchObject({
      pid: holder.pid,
      instanceId: holder.instanceId,
    });
    must(await (await project.client()).snapshot('agents'));
    await project.killEngine();
    await Promise.all(running);
  });

  it('five who ask for a background engine at once get the same one', async () => {
    const all = await crowd(5, () => ['serve', '--background', '--json']);
    expect(all.map((one) => `${one.code} ${one.stderr}`)).toEqual(all.map(() => '0 '));
    const holder = await findLiveEngine(project.root);
    expect(all.map((one) => (JSON.parse(one.stdout) as { pid: number }).pid)).toEqual(all.map(() => holder?.pid));
  });

  it('20 processes that write into the mail store beside the engine: the resting agent wakes and gets each mail once', async () => {
    await project.startEngine();
    const client = await project.client();
    await writeSpec(
      'T-1',
      'start:\n  - say: I rest.\non:\n  any:\n    - append: { path: got.txt, content: "{{mail.from}}: {{mail.subject}}\\n" }',
    );
    must(await client.call('agents.sling', { taskId: 'T-1', name: 'inbox' }));
    const resting = await topicUntil(
      client,
      'agents',
      (agents) => agents.byId.inbox?.state === 'between_turns' && agents.byId.inbox.turnCount === 1,
    );

    for (let index = 0; index < 20; index += 1)
      writers.push(startProcess(STORE_WRITER, ['send', state('mail.db'), `writer-${index}`, '1']));
    await Promise.all(writers.map((writer) => writer.line('ready')));
    for (const writer of writers) writer.child.stdin?.write('\n');
    const ends = await Promise.all(writers.map((writer) => writer.ended));
    expect(ends.map((end) => `${end.code} ${end.stderr}`)).toEqual(ends.map(() => '0 '));

    const store = must(openMail(state('mail.db'), { readOnly: true }));
    const written = (): ReturnType<typeof store.getAll> => store.getAll({ to: 'inbox', type: 'status' });
    try {
      expect(written()).toHaveLength(20);
      await until(
        async () => written().every((mail) => mail.read && mail.delivery?.state === 'read'),
        'the agent was not woken for all of its mail',
        120_000,
      );
    } finally {
      store.close();
    }
    const got = await readFile(join(resting.byId.inbox?.worktree ?? '', 'got.txt'), 'utf8');
    expect(got.trim().split('\n').sort()).toEqual(
      Array.from({ length: 20 }, (_, index) => `writer-${index}: writer-${index} 0`).sort(),
    );
  });
});
