import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ElectronFace, launchElectron } from '../support/electronFace.ts';
import { createRepository, type Repository } from '../support/repository.ts';
import { column, fleetRow, goTo, openFolder, runCommand, seeState, threadRow } from '../support/screen.ts';

/** Milliseconds an expected element may take; the machine may be busy. */
const PATIENCE_MS = 60_000;

/** What lasts as long as the person wants, whatever becomes of the window: every text that was begun and not sent. */
describe('what is written and not sent', () => {
  let repository: Repository;
  let userData: string;
  let desktop: ElectronFace | undefined;
  let page: Page;
  beforeAll(async () => {
    repository = await createRepository({ files: { 'README.md': '# Sample\n\nFirst line.\nSecond line.\n' } });
    userData = await mkdtemp(join(tmpdir(), 'ocr-desktop-'));
    await start();
  });
  afterAll(async () => {
    await desktop?.close();
    await repository?.remove();
    await rm(userData, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    desktop = await launchElectron({ project: repository.root, userData });
    page = desktop.page;
    page.setDefaultTimeout(PATIENCE_MS);
    await page.getByText('connection online').waitFor();
  }

  const dialog = (name: string) => page.getByRole('dialog', { name });
  const review = () => dialog('Review changes of gus');
  const lines = () => review().getByRole('listbox', { name: 'Changes of README.md' });
  const editor = (line: number) => review().getByRole('textbox', { name: `Comment on README.md:${line}` });
  const leave = async (name: string) => {
    await page.keyboard.press('Escape');
    await dialog(name).waitFor({ state: 'hidden' });
  };
  const openReview = async () => {
    await goTo(page, 'Fleet');
    await fleetRow(page, 'gus').click();
    await page.keyboard.press('Shift+R');
    await lines().waitFor();
  };
  const begin = async (line: number, text: string) => {
    await lines().getByRole('option').filter({ hasText: text }).click();
    await review().getByRole('button', { name: 'Comment', exact: true }).click();
    await editor(line).waitFor();
  };
  const openReply = async () => {
    await goTo(page, 'Mail');
    await openFolder(page, 'All mail');
    await threadRow(page, 'Which line?').click();
    await page.getByRole('textbox', { name: 'Reply to gus' }).waitFor();
  };
  const openTask = async () => {
    await goTo(page, 'Board');
    await column(page, 'Ready').waitFor();
    await page.keyboard.press('n');
    await dialog('New task in Ready').waitFor();
  };

  test('is written: a mail, a reply, a new task, a comment, and one in an open editor', async () => {
    await repository.sling('gus', {
      start: [
        { write: { path: 'README.md', content: '# Sample\n\nAnother line.\nYet another.\n' } },
        { commit: 'Other lines' },
        { say: 'Ready.' },
      ],
    });
    const mail = ['mail', 'send', '--to', 'operator', '--from', 'gus', '--subject', 'Which line?', '--body', 'Hm.'];
    await repository.ov(...mail);
    await seeState(page, 'gus', 'resting');

    await runCommand(page, 'Write mail…');
    await dialog('Write mail').getByRole('combobox', { name: 'To' }).fill('gus');
    await dialog('Write mail').getByLabel('Subject').fill('On the lines');
    await dialog('Write mail').getByLabel('Body').fill('Half a mail');
    await leave('Write mail');
    await openReply();
    await page.getByRole('textbox', { name: 'Reply to gus' }).fill('Half a reply');
    await openTask();
    await dialog('New task in Ready').getByLabel('Title').fill('Half a task');
    await dialog('New task in Ready').getByLabel('Spec').fill('Do this, then');
    await leave('New task in Ready');
    await openReview();
    await begin(3, 'Another line.');
    await editor(3).fill('A whole comment');
    await review().getByRole('button', { name: 'Add comment' }).click();
    await review().getByRole('article', { name: 'Comment on README.md:3' }).waitFor();
    await begin(4, 'Yet another.');
    await editor(4).fill('Half a comm');
    await page.keyboard.press('Escape');
    await expect.poll(() => editor(4).inputValue()).toBe('Half a comm');
    await review().getByRole('button', { name: 'Close' }).click();
    await review().waitFor({ state: 'hidden' });
  });

  test('is all there after the app was closed and started again', async () => {
    await desktop?.close();
    desktop = undefined;
    await start();
    await runCommand(page, 'Write mail…');
    await expect.poll(() => dialog('Write mail').getByLabel('Body').inputValue()).toBe('Half a mail');
    expect(await dialog('Write mail').getByLabel('Subject').inputValue()).toBe('On the lines');
    expect(await dialog('Write mail').getByRole('combobox', { name: 'To' }).inputValue()).toBe('gus');
    await leave('Write mail');
    await openReply();
    await expect.poll(() => page.getByRole('textbox', { name: 'Reply to gus' }).inputValue()).toBe('Half a reply');
    await openTask();
    await expect.poll(() => dialog('New task in Ready').getByLabel('Title').inputValue()).toBe('Half a task');
    expect(await dialog('New task in Ready').getByLabel('Spec').inputValue()).toBe('Do this, then');
    await leave('New task in Ready');
    await openReview();
    await lines().getByRole('article', { name: 'Comment on README.md:3' }).getByText('A whole comment').waitFor();
    await expect.poll(() => editor(4).inputValue()).toBe('Half a comm');
    await review().getByText('2 comments').waitFor();
  });
});
