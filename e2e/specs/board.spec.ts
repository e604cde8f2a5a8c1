import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { AgentView } from '../../contract/agents.ts';
import type { TaskView } from '../../contract/tasks.ts';
import { currentFace } from '../support/faces.ts';
import { column, goTo, taskCard, treeItem } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

/** A spec as a person would write it, with a script for the rehearsal in it. */
const spec = (steps: string): string => `# What is to be done\n\n\`\`\`rehearsal\nstart:\n${steps}\n\`\`\`\n`;
const QUICK = spec('  - write: { path: done.txt, content: done }\n  - commit: Do it\n  - taskDone: It is done.');

describe(`Board in ${currentFace()}`, () => {
  const stage = useStage();
  const tasks = async (): Promise<readonly TaskView[]> =>
    (await stage.repository.ov<{ tasks: TaskView[] }>('task', 'list')).tasks;
  const taskOf = async (title: string): Promise<TaskView> => {
    const found = (await tasks()).find((task) => task.title === title);
    if (found === undefined) throw new Error(`there is no task "${title}"`);
    return found;
  };
  const agentOn = async (title: string): Promise<AgentView | undefined> => {
    const { id } = await taskOf(title);
    const { agents } = await stage.repository.ov<{ agents: AgentView[] }>('status', '--all');
    return agents.find((agent) => agent.taskId === id);
  };
  const sheet = () => stage.page.getByRole('dialog', { name: /^Sling / });
  const create = async (title: string, text = ''): Promise<void> => {
    const { page } = stage;
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'New task in Ready' });
    await dialog.getByLabel('Title').fill(title);
    if (text !== '') await dialog.getByLabel('Spec').fill(text);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await column(page, 'Ready').getByRole('article', { name: title }).waitFor();
  };
  /** Drags with the mouse as a person does, resting over the target before it is let go. */
  const drag = async (card: Locator, target: () => Locator, meanwhile: () => Promise<void>): Promise<void> => {
    const { page } = stage;
    const from = await card.boundingBox();
    if (from === null) throw new Error('the card is not on screen');
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await page.mouse.down();
    // A first small move starts the drag; targets that exist only then appear after it.
    await page.mouse.move(from.x + from.width / 2 + 12, from.y + from.height / 2 + 12, { steps: 4 });
    await target().waitFor();
    const to = await target().boundingBox();
    if (to === null) throw new Error('the target is not on screen');
    await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 8 });
    await meanwhile();
    await page.mouse.up();
  };

  test('a task and its spec are created in place', async () => {
    const { page, repository } = stage;
    await goTo(page, 'Board');
    await page.getByText('No tasks yet').waitFor();
    await page.getByRole('button', { name: 'New task', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'New task in Ready' });
    await dialog.getByLabel('Title').fill('Export to CSV');
    await dialog.getByLabel('Description').fill('Invoices as rows.');
    await dialog.getByLabel('Priority').selectOption('P1 · soon');
    await dialog.getByLabel('Files').fill('done.txt');
    await dialog.getByLabel('Spec').fill(QUICK);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await column(page, 'Ready').getByRole('article', { name: 'Export to CSV' }).waitFor();
    const task = await taskOf('Export to CSV');
    expect(task).toMatchObject({ column: 'ready', priority: 1, files: ['done.txt'], description: 'Invoices as rows.' });
    expect(await readFile(join(repository.root, '.overstory', 'specs', `${task.id}.md`), 'utf8')).toContain(
      'It is done.',
    );
  });

  test('a task that is begun is there after the page is loaded again', async () => {
    const { page } = stage;
    const dialog = page.getByRole('dialog', { name: 'New task in Ready' });
    const begin = async () => {
      await column(page, 'Ready').getByRole('article', { name: 'Export to CSV' }).waitFor();
      await page.keyboard.press('n');
    };
    await begin();
    await dialog.getByLabel('Title').fill('Half a task');
    await dialog.getByLabel('Spec').fill('Do this, then');
    await page.reload();
    await begin();
    await expect.poll(() => dialog.getByLabel('Title').inputValue()).toBe('Half a task');
    expect(await dialog.getByLabel('Spec').inputValue()).toBe('Do this, then');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
  });

  test('a task is changed in place', async () => {
    const { page, repository } = stage;
    await taskCard(page, 'Export to CSV').focus();
    await page.keyboard.press('Enter');
    const { id } = await taskOf('Export to CSV');
    const dialog = page.getByRole('dialog', { name: `Task ${id}` });
    await dialog.getByLabel('Title').fill('Export to CSV files');
    await expect.poll(() => dialog.getByLabel('Spec').inputValue()).toContain('It is done.');
    await dialog.getByLabel('Spec').fill(QUICK.replace('It is done.', 'It is exported.'));
    await dialog.getByRole('button', { name: 'Save' }).click();
    await taskCard(page, 'Export to CSV files').waitFor();
    expect(await readFile(join(repository.root, '.overstory', 'specs', `${id}.md`), 'utf8')).toContain(
      'It is exported.',
    );
  });

  test('a card dragged onto a role opens the sling sheet, and its agent starts', async () => {
    const { page } = stage;
    const roles = page.getByText('Sling as').locator('..');
    await drag(
      taskCard(page, 'Export to CSV files'),
      () => roles.getByText('builder', { exact: true }),
      async () => {
        await page.getByText('Capacity').waitFor();
      },
    );
    await sheet().getByText('0 of 25').waitFor();
    await expect.poll(() => sheet().getByLabel('Role').inputValue()).toBe('builder');
    await sheet().getByRole('button', { name: 'Sling', exact: true }).click();
    await sheet().waitFor({ state: 'hidden' });
    await page
      .getByText(/was slung on/)
      .first()
      .waitFor();
    await expect.poll(async () => (await agentOn('Export to CSV files'))?.status).toBe('done');
    await column(page, 'Review').getByRole('article', { name: 'Export to CSV files' }).waitFor();
  });

  test('a card dragged onto a lead goes under it', async () => {
    const { page, repository } = stage;
    await repository.sling('boss', { start: [{ say: 'I wait for the others.' }] }, '--capability', 'lead');
    await treeItem(page, 'boss').getByText('resting', { exact: true }).waitFor();
    await create('Import from CSV', QUICK);
    await drag(
      taskCard(page, 'Import from CSV'),
      () => treeItem(page, 'boss'),
      async () => {
        // The preflight opens under the row the pointer rests on.
        await page.getByRole('tree', { name: 'Agents' }).getByText('builder under boss').waitFor();
      },
    );
    await expect.poll(() => sheet().getByLabel('Parent').inputValue()).toBe('boss');
    await sheet().getByRole('button', { name: 'Sling', exact: true }).click();
    await expect.poll(async () => (await agentOn('Import from CSV'))?.status).toBe('done');
    expect(await agentOn('Import from CSV')).toMatchObject({ parent: 'boss', depth: 1, capability: 'builder' });
  });

  test('the same by S and arrows', async () => {
    const { page } = stage;
    await create('Sort by date', QUICK);
    await taskCard(page, 'Sort by date').focus();
    await page.keyboard.press('s');
    const chooser = page.getByRole('dialog', { name: /^Sling .* to$/ });
    await chooser.getByRole('option', { name: 'builder', selected: true }).first().waitFor();
    await page.keyboard.press('ArrowDown');
    await chooser.getByRole('option', { name: 'scout', selected: true }).waitFor();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await sheet().getByLabel('Role').waitFor();
    await sheet().getByLabel('Name').fill('sorter');
    await page.keyboard.press('Enter');
    await sheet().waitFor({ state: 'hidden' });
    await expect.poll(async () => (await agentOn('Sort by date'))?.status).toBe('done');
    expect((await agentOn('Sort by date'))?.name).toBe('sorter');
  });

  test('a sling the engine refuses says why, and the sheet stays', async () => {
    const { page } = stage;
    await create('Sort by name');
    await taskCard(page, 'Sort by name').focus();
    await page.keyboard.press('s');
    await page.keyboard.press('Enter');
    await sheet().getByLabel('Name').fill('boss');
    await sheet()
      .getByText(/boss.*(taken|exists|in use|already)/i)
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    await sheet().waitFor({ state: 'hidden' });
  });

  test('cards move between columns by keyboard and by mouse', async () => {
    const { page } = stage;
    await taskCard(page, 'Sort by name').focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await column(page, 'Backlog').getByRole('article', { name: 'Sort by name' }).waitFor();
    await expect.poll(async () => (await taskOf('Sort by name')).column).toBe('backlog');
    await drag(
      taskCard(page, 'Sort by name'),
      () => column(page, 'Ready'),
      async () => {},
    );
    await column(page, 'Ready').getByRole('article', { name: 'Sort by name' }).waitFor();
    await expect.poll(async () => (await taskOf('Sort by name')).column).toBe('ready');
  });

  test('a task is deleted after a question', async () => {
    const { page } = stage;
    await taskCard(page, 'Sort by name').focus();
    await page.keyboard.press('Delete');
    await page
      .getByRole('dialog', { name: /^Delete / })
      .getByRole('button', { name: 'Delete task' })
      .click();
    await taskCard(page, 'Sort by name').waitFor({ state: 'detached' });
    expect((await tasks()).map((task) => task.title)).not.toContain('Sort by name');
  });

  test('a branch merged by ov moves its card to Done', async () => {
    const { page, repository } = stage;
    const agent = await agentOn('Export to CSV files');
    await repository.ov('merge', '--branch', agent?.branch ?? '');
    await column(page, 'Done').getByRole('article', { name: 'Export to CSV files' }).waitFor();
    expect(await repository.git('show', 'main:done.txt')).toBe('done');
  });
});
