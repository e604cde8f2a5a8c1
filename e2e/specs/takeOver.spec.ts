import { describe, expect, test } from 'vitest';
import { currentFace } from '../support/faces.ts';
import { goTo, terminalOf, treeItem } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

describe(`Take over and hand back in ${currentFace()}`, () => {
  const stage = useStage();
  const shows = async (words: string): Promise<void> => {
    await expect.poll(() => terminalOf(stage.page, 'ann').innerText()).toContain(words);
  };
  const inspector = () => stage.page.getByRole('complementary', { name: 'Inspector' });

  test('an agent in mid-turn is taken over from its terminal', async () => {
    const { page, repository } = stage;
    await repository.sling('ann', {
      start: [
        { say: 'I begin a long job.' },
        { run: 'test -e begun-once || { touch begun-once; sleep 600; }' },
        { say: 'The long job is over.' },
      ],
      on: {
        nudge: [{ remember: { word: '{{mail.body}}' } }, { say: 'You said: {{mail.body}}' }],
        status: [{ say: 'Going on, remembering {{fact.word}}.' }, { taskDone: 'done with {{fact.word}}' }],
      },
    });
    await goTo(page, 'Terminals');
    await page.getByRole('tablist', { name: 'Terminals' }).getByRole('tab', { name: 'ann' }).click();
    await shows('I begin a long job.');
    await treeItem(page, 'ann').getByText('in turn', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Take over', exact: true }).last().click();
    await page.getByText('In your hands: type above').waitFor();
    await shows('taken over');
    await shows('ann listens');
  });

  test('what is typed is answered in the same conversation', async () => {
    const { page } = stage;
    await terminalOf(page, 'ann').click();
    await page.keyboard.type('blue');
    await page.keyboard.press('Enter');
    await shows('You said: blue');
  });

  test('mail waits meanwhile, and is told', async () => {
    const { page, repository } = stage;
    await repository.ov('mail', 'send', '--to', 'ann', '--subject', 'Go on', '--body', 'please', '--from', 'operator');
    await page.getByText(/In your hands: type above · \d mails? waits?/).waitFor();
    await expect.poll(() => terminalOf(page, 'ann').innerText()).not.toContain('Going on');
  });

  test('handed back from the inspector, its next turn remembers what was typed', async () => {
    const { page } = stage;
    await treeItem(page, 'ann').click();
    await inspector().getByRole('button', { name: 'Hand back' }).click();
    await shows('handed back');
    await shows('Going on, remembering blue.');
    await treeItem(page, 'ann').getByText('done', { exact: true }).waitFor();
  });
});
