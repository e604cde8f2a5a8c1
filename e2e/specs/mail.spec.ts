import { describe, expect, test } from 'vitest';
import type { MailMessage } from '../../contract/mail.ts';
import { currentFace } from '../support/faces.ts';
import { untilOpened } from '../support/repository.ts';
import { goTo, mailCard, openFolder, railButton, threadRow } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

describe(`Mail in ${currentFace()}`, () => {
  // One attempt only: a mail that a failed turn carried is a dead letter at once.
  const stage = useStage({ settings: 'controlRoom:\n  maxTurnAttempts: 1\n' });
  const mailTo = async (agent: string): Promise<readonly MailMessage[]> => {
    const { messages } = await stage.repository.ov<{ messages: MailMessage[] }>('mail', 'list', '--to', agent);
    return messages;
  };

  test('a typed mail shows what it carries, and opening it marks it read', async () => {
    const { page, repository } = stage;
    await repository.sling('worker', {
      start: [
        { write: { path: 'export.txt', content: 'csv\n' } },
        { commit: 'Export' },
        { taskDone: 'The export is there.' },
      ],
    });
    await railButton(page, 'Mail').getByText('1 unread').waitFor();
    await goTo(page, 'Mail');
    await threadRow(page, 'Worker done: task-worker').click();
    const card = mailCard(page, 'Worker done: task-worker');
    await card.getByText('The export is there.').waitFor();
    await card.getByText('worker done', { exact: true }).waitFor();
    await card.getByText('overstory/worker/task-worker').waitFor();
    await card.getByRole('list', { name: 'Files' }).getByText('export.txt').waitFor();
    await railButton(page, 'Mail').getByText('unread').waitFor({ state: 'detached' });
    await expect.poll(async () => (await mailTo('operator')).every((mail) => mail.read)).toBe(true);
  });

  test('a mail is composed to an agent, and its way to the reader is shown', async () => {
    const { page, repository } = stage;
    await repository.sling('reader', {
      start: [{ say: 'Ready.' }],
      on: { status: [untilOpened('read'), { reply: 'Heard: {{mail.body}}' }] },
    });
    await page.getByRole('tree', { name: 'Agents' }).getByText('resting, waits for mail').waitFor();
    await page.getByRole('button', { name: 'Pause fleet' }).click();
    await page.getByRole('button', { name: 'Write mail' }).click();
    const dialog = page.getByRole('dialog', { name: 'Write mail' });
    await dialog.getByRole('combobox', { name: 'To' }).fill('rea');
    await dialog.getByRole('option', { name: 'reader' }).click();
    await dialog.getByLabel('Subject').fill('Which separator?');
    await dialog.getByLabel('Body').fill('Take the semicolon.');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await openFolder(page, 'All mail');
    await threadRow(page, 'Which separator?').click();
    const card = mailCard(page, 'Which separator?');
    await card.getByRole('group', { name: 'Delivery: queued' }).waitFor();
    await page.getByRole('button', { name: 'Resume fleet' }).click();
    await card.getByRole('group', { name: 'Delivery: turn started' }).waitFor();
    await repository.open('read');
    await card.getByRole('group', { name: 'Delivery: acknowledged' }).waitFor();
    await mailCard(page, 'Re: Which separator?').getByText('Heard: Take the semicolon.').waitFor();
    expect(await mailTo('reader')).toMatchObject([
      { from: 'operator', read: true },
      { subject: 'Dispatch: task-reader' },
    ]);
  });

  test('a reply goes into its thread', async () => {
    const { page } = stage;
    await openFolder(page, 'reader');
    await threadRow(page, 'Which separator?').click();
    await page.getByRole('textbox', { name: 'Reply to reader' }).fill('Thank you.');
    await page.getByRole('button', { name: 'Send reply' }).click();
    await page.getByRole('region', { name: 'Thread' }).getByText('Thank you.', { exact: true }).waitFor();
    // The agent answers every status mail: this one too, in the same thread.
    await page.getByRole('region', { name: 'Thread' }).getByText('Heard: Thank you.').waitFor();
    await page.getByRole('region', { name: 'Thread' }).getByText('4 mails').waitFor();
  });

  test('a group is written to by its button', async () => {
    const { page, repository } = stage;
    await repository.sling('second-reader', { start: [{ say: 'Ready.' }] });
    await page.getByRole('tree', { name: 'Agents' }).getByText('second-reader').waitFor();
    await page.getByRole('button', { name: '@builders' }).click();
    const dialog = page.getByRole('dialog', { name: 'Write mail' });
    await dialog.getByLabel('Subject').fill('To all who build');
    await dialog.getByLabel('Body').fill('Use tabs.');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await page.getByText('Sent to 2 recipients.').waitFor();
    for (const agent of ['reader', 'second-reader']) {
      await openFolder(page, agent);
      await threadRow(page, 'To all who build').first().waitFor();
    }
  });

  test('a mail nobody could be given keeps its words when it is refused', async () => {
    const { page } = stage;
    await page.getByRole('button', { name: 'Write mail' }).click();
    const dialog = page.getByRole('dialog', { name: 'Write mail' });
    await dialog.getByRole('combobox', { name: 'To' }).fill('@nobody');
    await dialog.getByLabel('Subject').fill('Lost?');
    await dialog.getByLabel('Body').fill('These words stay.');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.getByRole('alert').waitFor();
    await expect.poll(() => dialog.getByLabel('Body').inputValue()).toBe('These words stay.');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });

  test('a mail that is begun is there after the page is loaded again, and gone once it is cancelled', async () => {
    const { page } = stage;
    const dialog = page.getByRole('dialog', { name: 'Write mail' });
    const write = () => page.getByRole('button', { name: 'Write mail' }).click();
    await write();
    await dialog.getByLabel('Subject').fill('Half a thought');
    await dialog.getByLabel('Body').fill('What if');
    await page.reload();
    await write();
    await expect.poll(() => dialog.getByLabel('Body').inputValue()).toBe('What if');
    expect(await dialog.getByLabel('Subject').inputValue()).toBe('Half a thought');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await write();
    expect(await dialog.getByLabel('Body').inputValue()).toBe('');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
  });

  test('a dead letter is sent again', async () => {
    const { page, repository } = stage;
    await repository.sling('unlucky', { start: [{ fail: 'No luck today' }, { taskDone: 'Better now.' }] });
    await openFolder(page, 'Dead letters');
    await threadRow(page, 'Dispatch: task-unlucky').click();
    const card = mailCard(page, 'Dispatch: task-unlucky');
    await card.getByText('after 1 attempt').waitFor();
    await card.getByRole('button', { name: 'Resend' }).click();
    await card.getByRole('group', { name: 'Delivery: queued' }).waitFor();
    // Its reader is dead and has to be brought back; then the mail reaches it.
    await page.getByRole('tree', { name: 'Agents' }).getByText('unlucky', { exact: true }).click();
    await page.getByRole('complementary', { name: 'Inspector' }).getByRole('button', { name: 'Retry' }).click();
    await card.getByRole('group', { name: 'Delivery: acknowledged' }).waitFor();
    expect(await mailTo('unlucky')).toMatchObject([{ subject: 'Dispatch: task-unlucky', read: true }]);
  });

  test('a decision gate is answered in its thread, by its button and in words', async () => {
    const { page, repository } = stage;
    const asks = (subject: string) => ({
      start: [
        { ask: { subject, question: 'Both would do.', options: ['left', 'right'] } },
        { write: { path: 'way.txt', content: '{{answer}}\n' } },
        { commit: 'Go' },
        { taskDone: 'There.' },
      ],
    });
    const way = (agent: string): Promise<string> => repository.git('show', `overstory/${agent}/task-${agent}:way.txt`);
    await openFolder(page, 'Operator');
    await repository.sling('walker', asks('Which way?'));
    await threadRow(page, 'Which way?').click();
    const card = mailCard(page, 'Which way?');
    await card.getByRole('group', { name: 'Options' }).getByRole('button', { name: 'right' }).click();
    await card.getByText('answered').waitFor();
    await threadRow(page, 'Worker done: task-walker').waitFor();
    expect(await way('walker')).toBe('right\n');

    await repository.sling('runner', asks('And which way back?'));
    await threadRow(page, 'And which way back?').click();
    await page.getByRole('textbox', { name: 'Reply to runner' }).fill('straight on');
    await page.keyboard.press('ControlOrMeta+Enter');
    await mailCard(page, 'And which way back?').getByText('answered').waitFor();
    await threadRow(page, 'Worker done: task-runner').waitFor();
    expect(await way('runner')).toBe('straight on\n');
  });

  test('J and K walk the threads, Enter goes to the reply', async () => {
    const { page } = stage;
    const list = page.getByRole('listbox', { name: 'Threads' });
    await list.focus();
    await page.keyboard.press('Home');
    const selected = list.getByRole('option', { selected: true });
    const first = await selected.innerText();
    await page.keyboard.press('j');
    await expect.poll(() => selected.innerText()).not.toBe(first);
    await page.keyboard.press('k');
    await expect.poll(() => selected.innerText()).toBe(first);
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.getByRole('textbox', { name: /^Reply to/ }).evaluate((box) => box === document.activeElement))
      .toBe(true);
  });
});
