import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '../../../../contract/result.ts';
import type { RoomClient } from '../../../../contract/room.ts';
import { createTestProject, type TestProject, topicUntil } from '../../testEngine.ts';
import { changeIssues, issuesPath } from './seedsFile.ts';

/** The board and seeds' own files beside each other, with real files and real processes (spec 03 §5.8). */
let project: TestProject;
let client: RoomClient;
beforeEach(async () => {
  project = await createTestProject({ 'README.md': '# sample\n' });
  await mkdir(join(project.root, '.seeds'), { recursive: true });
  await writeFile(join(project.root, '.seeds', 'config.yaml'), 'project: "sample"\nversion: "1"\n');
  await writeFile(
    issuesPath(project.root),
    '{"id":"sample-1a2b","title":"First","status":"open","type":"bug","priority":1,"createdAt":"2026-11-23T10:00:00.000Z","updatedAt":"2026-11-23T10:00:00.000Z"}\n',
  );
  ({ client } = await project.start());
});
afterEach(() => project.dispose());

const value = <Value>(result: Result<Value>): Value => {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const issues = async (): Promise<Record<string, Record<string, unknown>>> => {
  const lines = (await readFile(issuesPath(project.root), 'utf8')).split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const issue = JSON.parse(line) as { id: string };
      return [issue.id, issue];
    }),
  );
};
const card = (id: string, column: string) => topicUntil(client, 'tasks', (tasks) => tasks.byId[id]?.column === column);
async function issueUntil(id: string, matches: (issue: Record<string, unknown>) => boolean): Promise<void> {
  for (;;) {
    const found = (await issues())[id];
    if (found !== undefined && matches(found)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('the board beside seeds', () => {
  it('shows its issues, tells it of new cards, and follows both', async () => {
    const tasks = await card('sample-1a2b', 'ready');
    expect(tasks.byId['sample-1a2b']).toMatchObject({ title: 'First', priority: 1 });

    value(await client.call('tasks.create', { id: 'OV-7', title: 'Ours', blockedBy: ['sample-1a2b'] }));
    await issueUntil('OV-7', (issue) => issue.status === 'open');
    expect((await issues())['OV-7']).toMatchObject({ title: 'Ours', type: 'task', blockedBy: ['sample-1a2b'] });
    expect((await issues())['sample-1a2b']).toMatchObject({ blocks: ['OV-7'], type: 'bug' });

    value(await client.call('tasks.update', { id: 'sample-1a2b', column: 'in_progress', title: 'Renamed' }));
    await issueUntil('sample-1a2b', (issue) => issue.status === 'in_progress' && issue.title === 'Renamed');

    // Another program closes it: whatever waited for it waits no more.
    value(
      await changeIssues(project.root, (all) =>
        all.map((issue) => (issue.id === 'sample-1a2b' ? { ...issue, status: 'closed' } : issue)),
      ),
    );
    await card('sample-1a2b', 'done');
  });

  it('closes the issue of a card that is deleted, and shows it again when it is opened again', async () => {
    await card('sample-1a2b', 'ready');
    value(await client.call('tasks.delete', { id: 'sample-1a2b' }));
    await issueUntil('sample-1a2b', (issue) => issue.status === 'closed');
    await topicUntil(client, 'tasks', (tasks) => tasks.byId['sample-1a2b'] === undefined);
    value(await changeIssues(project.root, (all) => all.map((issue) => ({ ...issue, status: 'open' }))));
    await card('sample-1a2b', 'ready');
  });

  it('does not make an issue a second time that vanished with a checkout', async () => {
    await card('sample-1a2b', 'ready');
    await writeFile(issuesPath(project.root), '\n');
    value(await client.call('tasks.create', { id: 'OV-8', title: 'Other' }));
    await issueUntil('OV-8', () => true);
    expect(Object.keys(await issues())).toEqual(['OV-8']);
  });

  it('loses nothing among other writers', async () => {
    await card('sample-1a2b', 'ready');
    const writer = (name: string): Promise<number | null> =>
      new Promise((resolve) => {
        const script = `
          import { changeIssues } from ${JSON.stringify(join(import.meta.dirname, 'seedsFile.ts'))};
          for (let n = 0; n < 10; n += 1) {
            const done = await changeIssues(${JSON.stringify(project.root)}, (all) => [...all, { id: '${name}-' + n, title: 't', status: 'open' }]);
            if (!done.ok) throw new Error(done.error.message);
          }`;
        const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
        child.once('exit', resolve);
      });
    const writing = [writer('one'), writer('two')];
    for (let n = 0; n < 10; n += 1) value(await client.call('tasks.create', { id: `OV-${n}`, title: 't' }));
    expect(await Promise.all(writing)).toEqual([0, 0]);
    for (let n = 0; n < 10; n += 1) await issueUntil(`OV-${n}`, () => true);
    expect(Object.keys(await issues())).toHaveLength(31);
    await topicUntil(client, 'tasks', (tasks) => Object.keys(tasks.byId).length === 31);
    expect((await readdir(join(project.root, '.seeds'))).sort()).toEqual(['config.yaml', 'issues.jsonl']);
  });

  it('takes over the lock of a writer that died', async () => {
    const lock = `${issuesPath(project.root)}.lock`;
    await writeFile(lock, '');
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    value(await client.call('tasks.create', { id: 'OV-9', title: 'Ours' }));
    await issueUntil('OV-9', () => true);
    expect(await readdir(join(project.root, '.seeds'))).not.toContain('issues.jsonl.lock');
  });
});
