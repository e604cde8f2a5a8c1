import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { AgentStatus, AgentView } from '../../contract/agents.ts';
import type { AttentionItem } from '../../contract/attention.ts';
import type { MailMessage } from '../../contract/mail.ts';
import { currentFace } from '../support/faces.ts';
import { untilOpened } from '../support/repository.ts';
import { attentionItem, fleetRow, goTo, openFolder, seeState, threadRow } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

/** What a person reads for a state that `ov` names. */
const WORDS: Readonly<Partial<Record<AgentStatus, string>>> = {
  done: 'done',
  inTurn: 'in turn',
  needsYou: 'needs you',
};

interface Status {
  readonly agents: readonly AgentView[];
  readonly runId: string | null;
  readonly attention: readonly AttentionItem[];
}

describe(`one run in three faces, ${currentFace()} and ov`, () => {
  const stage = useStage();
  const status = (): Promise<Status> => stage.repository.ov<Status>('status', '--all');

  test('both show the same agents, states and questions', async () => {
    const { page, repository } = stage;
    await repository.sling('runner', { start: [{ say: 'Running.' }, untilOpened('runner'), { taskDone: 'Ran.' }] });
    await repository.sling('waiter', {
      start: [{ ask: { subject: 'Soup or salad?', question: 'Before the main course.', options: ['soup', 'salad'] } }],
    });
    await repository.sling('ender', { start: [{ taskDone: 'Over.' }] });
    await seeState(page, 'runner', 'in turn');
    await seeState(page, 'waiter', 'needs you');
    await seeState(page, 'ender', 'done');
    const seen = await status();
    expect(seen.agents.map((agent) => [agent.name, agent.status]).sort()).toEqual([
      ['ender', 'done'],
      ['runner', 'inTurn'],
      ['waiter', 'needsYou'],
    ]);
    for (const agent of seen.agents) {
      const row = fleetRow(page, agent.name);
      const cells = await row.getByRole('gridcell').allTextContents();
      expect(cells.slice(0, 4)).toEqual([WORDS[agent.status], agent.name, agent.capability, agent.taskId]);
      expect(cells[5]).toBe(String(agent.turnCount));
    }
    expect(seen.attention.map((item) => item.title)).toEqual(['Soup or salad?']);
    await attentionItem(page, 'Soup or salad?').waitFor();
  });

  test('both show the same mail', async () => {
    const { page, repository } = stage;
    const { messages } = await repository.ov<{ messages: MailMessage[] }>('mail', 'list');
    await goTo(page, 'Mail');
    await openFolder(page, 'All mail');
    const threads = page.getByRole('listbox', { name: 'Threads' }).getByRole('option');
    await expect.poll(() => threads.count()).toBe(messages.length);
    for (const message of messages) await threadRow(page, message.subject).waitFor();
  });

  test('a change by ov is on screen without being asked for', async () => {
    const { page, repository } = stage;
    await repository.ov('mail', 'send', '--to', 'operator', '--subject', 'From the shell', '--body', 'Hello.');
    await threadRow(page, 'From the shell').waitFor();
    await goTo(page, 'Fleet');
    await repository.ov('stop', 'waiter');
    await seeState(page, 'waiter', 'done');
    await repository.ov('pause');
    await page.getByRole('button', { name: 'Resume fleet' }).waitFor();
    await repository.ov('resume');
  });

  test('a change by another program, straight in the database, is on screen without being asked for', async () => {
    const { page, repository } = stage;
    await goTo(page, 'Mail');
    const database = new Database(join(repository.root, '.overstory', 'mail.db'));
    database
      .prepare(
        `INSERT INTO messages (id, from_agent, to_agent, subject, body, type, priority, read, created_at)
          VALUES ('msg-foreign', 'stranger', 'operator', 'From another program', 'Hello.', 'status', 'normal', 0, ?)`,
      )
      .run(new Date().toISOString());
    database.close();
    await threadRow(page, 'From another program').waitFor();
  });

  test('a change on screen is what ov sees', async () => {
    const { page, repository } = stage;
    await goTo(page, 'Fleet');
    await page.getByRole('button', { name: 'Pause fleet' }).click();
    await page.getByRole('button', { name: 'Resume fleet' }).waitFor();
    const seen = await repository.ov<{ status: { paused: boolean } | null }>('status');
    expect(seen.status?.paused).toBe(true);
    await page.getByRole('button', { name: 'Resume fleet' }).click();
    await repository.open('runner');
    await seeState(page, 'runner', 'done');
    expect((await status()).agents.find((agent) => agent.name === 'runner')?.status).toBe('done');
  });
});
