import { describe, expect, test } from 'vitest';
import type { AgentView } from '../../contract/agents.ts';
import type { MailMessage } from '../../contract/mail.ts';
import { currentFace } from '../support/faces.ts';
import { fleetRow, goTo, seeState } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

const README = '# Sample\n\nFirst line.\nSecond line.\nThird line.\n';

describe(`Review in ${currentFace()}`, () => {
  const stage = useStage({ files: { 'README.md': README } });
  const turns = async (): Promise<number | undefined> => {
    const { agents } = await stage.repository.ov<{ agents: AgentView[] }>('status', '--all');
    return agents.find((one) => one.name === 'gus')?.turnCount;
  };
  const review = () => stage.page.getByRole('dialog', { name: 'Review changes of gus' });
  const lines = (path: string) => review().getByRole('listbox', { name: `Changes of ${path}` });

  test('the inspector lists what an agent changed, committed or not', async () => {
    const { page, repository } = stage;
    await repository.sling('gus', {
      start: [
        { write: { path: 'README.md', content: README.replace('Second', 'Another') } },
        { commit: 'Another line' },
        { write: { path: 'notes.txt', content: 'one\ntwo\nthree\n' } },
        { say: 'Ready.' },
      ],
      on: {
        any: [{ say: 'Heard: {{mail.subject}}' }, { write: { path: 'notes.txt', content: 'four\nfive\nsix\n' } }],
      },
    });
    await seeState(page, 'gus', 'resting');
    await fleetRow(page, 'gus').click();
    const changes = page.getByRole('region', { name: 'Changes' });
    await changes.getByText('2 files').waitFor();
    await changes.getByRole('button', { name: /notes\.txt.*uncommitted/ }).click();
    await lines('notes.txt').getByText('three').waitFor();
  });

  test('comments are written by keyboard and by mouse, and outlive the dialogue', async () => {
    const { page } = stage;
    await lines('notes.txt').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Enter');
    await review().getByRole('textbox', { name: 'Comment on notes.txt:1-2' }).fill('Say what these are.');
    await page.keyboard.press('Control+Enter');
    await review().getByRole('article', { name: 'Comment on notes.txt:1-2' }).waitFor();

    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await review().waitFor({ state: 'hidden' });
    await goTo(page, 'Mail');
    await goTo(page, 'Fleet');
    await page.keyboard.press('Shift+R');
    await review()
      .getByRole('option', { name: /README\.md/ })
      .click();
    await review().getByRole('radio', { name: 'Side by side' }).click();
    const line = lines('README.md').getByRole('option').filter({ hasText: 'Another line.' });
    await line.click();
    await review().getByRole('button', { name: 'Comment', exact: true }).click();
    await review().getByRole('textbox', { name: 'Comment on README.md:4' }).fill('Which one?');
    await review().getByRole('button', { name: 'Add comment' }).click();
    await review().getByText('2 comments').waitFor();
  });

  test('the draft is there after the page is loaded again; what lost its line says what it was about', async () => {
    const { page, repository } = stage;
    await repository.ov('mail', 'send', '--to', 'gus', '--subject', 'rewrite', '--body', 'Rewrite the notes.');
    await expect.poll(turns).toBe(2);
    await page.reload();
    await seeState(page, 'gus', 'resting');
    await fleetRow(page, 'gus').click();
    await page.getByRole('button', { name: 'Go on with the review (2 comments)' }).click();
    await review().getByText('2 comments').waitFor();
    await review()
      .getByRole('option', { name: /README\.md/ })
      .click();
    await lines('README.md').getByRole('article', { name: 'Comment on README.md:4' }).getByText('Which one?').waitFor();
    await review()
      .getByRole('option', { name: /notes\.txt/ })
      .click();
    const lost = lines('notes.txt').getByRole('article', { name: 'Comment on notes.txt:1-2' });
    await lost.getByText('Say what these are.').waitFor();
    await lost.getByText(/no longer there/).waitFor();
    await lost.getByText('+ two').waitFor();
  });

  test('all of it is one mail, and the agent wakes', async () => {
    const { page, repository } = stage;
    expect(await turns()).toBe(2);
    await review().getByRole('textbox', { name: 'Words about the whole' }).fill('Nearly there.');
    await review().getByRole('button', { name: 'Send to gus' }).click();
    await review().waitFor({ state: 'hidden' });
    await expect.poll(turns).toBe(3);
    const { messages } = await repository.ov<{ messages: MailMessage[] }>(
      'mail',
      'list',
      '--to',
      'gus',
      '--from',
      'operator',
    );
    const sent = messages.find(({ subject }) => subject === 'Review of overstory/gus/task-gus: 2 comments');
    for (const text of [
      'Nearly there.',
      'README.md:4\n> - Second line.\n> + Another line.\nWhich one?',
      'notes.txt:1-2\n> + one\n> + two\nSay what these are.',
    ])
      expect(sent?.body).toContain(text);
    await page.keyboard.press('Shift+R');
    await review().getByText('choose lines to comment').waitFor();
    await page.keyboard.press('Escape');
    await review().waitFor({ state: 'hidden' });
  });
});
