import { describe, expect, test } from 'vitest';
import type { AgentView } from '../../contract/agents.ts';
import { currentFace } from '../support/faces.ts';
import { untilOpened } from '../support/repository.ts';
import { attentionItem, fleetRow, railButton, runCommand, seeState, treeItem } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

/** An agent that asks, writes the answer into a file and reports. */
function asks(subject: string, options: readonly string[]) {
  return {
    start: [
      { ask: { subject, question: `${subject} The spec leaves it open.`, options } },
      { write: { path: 'answer.txt', content: '{{answer}}\n' } },
      { commit: 'Follow the answer' },
      { taskDone: 'Done as answered.' },
    ],
  };
}

/** An agent that rests and says what it was told. */
const rests = { start: [{ say: 'Ready.' }], on: { any: [{ say: 'Heard: {{mail.body}}' }] } };

describe(`Fleet in ${currentFace()}`, () => {
  const stage = useStage();
  const answerOf = (agent: string): Promise<string> =>
    stage.repository.git('show', `overstory/${agent}/task-${agent}:answer.txt`);
  const turnsOf = async (agent: string): Promise<number | undefined> => {
    const { agents } = await stage.repository.ov<{ agents: AgentView[] }>('status', '--all');
    return agents.find((one) => one.name === agent)?.turnCount;
  };

  test('an empty project says what can be done', async () => {
    const { page } = stage;
    await page.getByText('No agents yet').waitFor();
    await page.getByRole('button', { name: 'Create a task' }).waitFor();
    await page.getByText('nobody waits for you').waitFor();
    await page.getByRole('button', { name: 'Start a coordinator' }).click();
    await page.getByRole('dialog', { name: 'Start a coordinator' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });

  test('an agent slung by ov appears in tree and table, and its states follow it', async () => {
    const { page, repository } = stage;
    await repository.sling('greeter', {
      start: [
        { say: 'Hello.' },
        untilOpened('greeter'),
        { write: { path: 'a.txt', content: 'a' } },
        { taskDone: 'Hi' },
      ],
    });
    await seeState(page, 'greeter', 'in turn');
    await fleetRow(page, 'greeter').getByText('builder', { exact: true }).waitFor();
    await fleetRow(page, 'greeter').getByText('task-greeter', { exact: true }).waitFor();
    await repository.open('greeter');
    await seeState(page, 'greeter', 'done');
  });

  test('an agent without anything left to do rests', async () => {
    await stage.repository.sling('listener', rests);
    await seeState(stage.page, 'listener', 'resting');
  });

  test('a decision gate appears and is answered by its number key', async () => {
    const { page, repository } = stage;
    await repository.sling('rounder', asks('Which rounding?', ['half up', 'half even']));
    await attentionItem(page, 'Which rounding?').waitFor();
    await seeState(page, 'rounder', 'needs you');
    await railButton(page, 'Fleet').getByText('1 waiting').waitFor();
    await page.getByRole('button', { name: '1 needs you' }).click();
    await page.keyboard.press('2');
    await attentionItem(page, 'Which rounding?').waitFor({ state: 'detached' });
    await seeState(page, 'rounder', 'done');
    expect(await answerOf('rounder')).toBe('half even\n');
    await page.getByText('nobody waits for you').waitFor();
  });

  test('a decision gate is answered by a click', async () => {
    const { page, repository } = stage;
    await repository.sling('chooser', asks('Which format?', ['csv', 'json']));
    await attentionItem(page, 'Which format?').getByRole('button', { name: 'csv' }).click();
    await seeState(page, 'chooser', 'done');
    expect(await answerOf('chooser')).toBe('csv\n');
  });

  test('a question is answered in words', async () => {
    const { page, repository } = stage;
    await repository.sling('thinker', {
      start: [
        { mail: { to: 'operator', type: 'question', subject: 'What is the name?', body: 'Of the new command.' } },
      ],
      on: {
        any: [
          { write: { path: 'answer.txt', content: '{{mail.body}}\n' } },
          { commit: 'Name' },
          { taskDone: 'Named.' },
        ],
      },
    });
    const item = attentionItem(page, 'What is the name?');
    await item.getByRole('textbox').fill('ov export');
    await page.keyboard.press('Enter');
    await item.waitFor({ state: 'detached' });
    await seeState(page, 'thinker', 'done');
    expect(await answerOf('thinker')).toBe('ov export\n');
  });

  test('J and K walk the queue, Enter opens the mail, R replies', async () => {
    const { page, repository } = stage;
    for (const name of ['first', 'second', 'third'])
      await repository.sling(name, asks(`The ${name} gate?`, ['yes', 'no']));
    for (const name of ['first', 'second', 'third']) await attentionItem(page, `The ${name} gate?`).waitFor();
    const current = page.getByRole('region', { name: 'Attention' }).locator('[aria-current=true]');
    const at = async (title: string): Promise<void> => {
      await expect.poll(() => current.getAttribute('aria-label')).toBe(`decision gate: ${title}`);
    };
    await at('The first gate?');
    await page.keyboard.press('j');
    await at('The second gate?');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await at('The third gate?');
    await page.keyboard.press('k');
    await at('The second gate?');
    await page.keyboard.press('Enter');
    await page
      .getByRole('region', { name: 'Thread' })
      .getByRole('heading', { name: 'The second gate?' })
      .first()
      .waitFor();
    await railButton(page, 'Fleet').click();
    await at('The second gate?');
    await page.keyboard.press('r');
    await page.keyboard.type('maybe');
    await page.keyboard.press('Enter');
    await seeState(page, 'second', 'done');
    expect(await answerOf('second')).toBe('maybe\n');
    // The rest in a row, without a hand leaving the number keys.
    await page.keyboard.press('1');
    await page.keyboard.press('1');
    await seeState(page, 'first', 'done');
    await seeState(page, 'third', 'done');
  });

  test('a dismissed item stays away, also after the page is loaded again', async () => {
    const { page, repository } = stage;
    await repository.sling('nosy', asks('Nobody minds?', ['yes', 'no']));
    const item = attentionItem(page, 'Nobody minds?');
    await item.waitFor();
    await page.keyboard.press('x');
    await item.waitFor({ state: 'detached' });
    await page.reload();
    await treeItem(page, 'nosy').waitFor();
    await page.getByText('nobody waits for you').waitFor();
    await expect.poll(() => item.count()).toBe(0);
  });

  test('a paused fleet starts no turn until it is resumed', async () => {
    const { page, repository } = stage;
    await seeState(page, 'listener', 'resting');
    await page.getByRole('button', { name: 'Pause fleet' }).click();
    const resume = page.getByRole('button', { name: 'Resume fleet' });
    await resume.waitFor();
    await repository.ov('mail', 'send', '--to', 'listener', '--subject', 'News', '--body', 'The build is green.');
    await fleetRow(page, 'listener').getByText('1 mail waits for its next turn').waitFor();
    // An agent slung into the pause waits as well; it comes after the mail, so the mail had its chance.
    await repository.sling('latecomer', rests);
    await seeState(page, 'latecomer', 'starting');
    await fleetRow(page, 'listener').getByText('1 mail waits for its next turn').waitFor();
    await resume.click();
    await seeState(page, 'latecomer', 'resting');
    await fleetRow(page, 'listener').getByText('resting, waits for mail').waitFor();
    expect(await turnsOf('listener')).toBe(2);
  });

  test('an agent is stopped from its menu, after a question', async () => {
    const { page, repository } = stage;
    await repository.sling('busy', { start: [{ say: 'On it.' }, 'hang'] });
    await seeState(page, 'busy', 'in turn');
    const ask = async (): Promise<void> => {
      await fleetRow(page, 'busy').click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Stop…' }).click();
    };
    const dialog = page.getByRole('dialog', { name: 'Stop busy?' });
    await ask();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await seeState(page, 'busy', 'in turn');
    await ask();
    await dialog.getByRole('button', { name: 'Stop agent' }).click();
    await seeState(page, 'busy', 'done');
  });

  test('an agent that dies waits for a person, who lets it try again', async () => {
    const { page, repository } = stage;
    await repository.sling('fragile', {
      start: [{ say: 'Careful.' }, { run: 'test -e {{root}}/.overstory/gate-fixed' }, { taskDone: 'Fixed.' }],
    });
    await fleetRow(page, 'fragile').getByText('attempt 2 follows').waitFor();
    await repository.open('fixed');
    await fleetRow(page, 'fragile').click();
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    await inspector.getByRole('button', { name: 'Retry' }).click();
    await seeState(page, 'fragile', 'done');
    await inspector.getByRole('button', { name: 'Close inspector' }).click();
  });

  test('the palette runs an action', async () => {
    const { page } = stage;
    await runCommand(page, 'pause fleet');
    await page.getByRole('button', { name: 'Resume fleet' }).waitFor();
    await runCommand(page, 'resume');
    await page.getByRole('button', { name: 'Pause fleet' }).waitFor();
  });

  test('the palette finds an agent', async () => {
    const { page } = stage;
    await runCommand(page, 'rounder');
    await page.getByRole('complementary', { name: 'Inspector' }).getByRole('heading', { name: 'rounder' }).waitFor();
    await runCommand(page, 'select no agent');
    await page.getByRole('complementary', { name: 'Inspector' }).waitFor({ state: 'hidden' });
  });

  test('Ctrl and a number go to a screen', async () => {
    const { page } = stage;
    const screens = ['Fleet', 'Terminals', 'Mail', 'Board', 'Timeline'] as const;
    for (const [index, screen] of [...screens.entries()].reverse()) {
      await page.keyboard.press(`ControlOrMeta+${index + 1}`);
      await expect.poll(() => railButton(page, screen).getAttribute('aria-current')).toBe('page');
    }
  });

  test('everything up to the answer works without a mouse', async () => {
    const { page, repository } = stage;
    await repository.sling('patient', asks('By keys alone?', ['yes', 'no']));
    await attentionItem(page, 'By keys alone?').waitFor();
    await page.keyboard.press('ControlOrMeta+3');
    await page.keyboard.press('ControlOrMeta+1');
    await page.keyboard.press('j');
    await page.keyboard.press('1');
    await seeState(page, 'patient', 'done');
    const tree = page.getByRole('tree', { name: 'Agents' });
    for (
      let presses = 0;
      presses < 60 && !(await tree.evaluate((element) => element === document.activeElement));
      presses += 1
    )
      await page.keyboard.press('Tab');
    await page.keyboard.press('End');
    await page.keyboard.press('Shift+C');
    const dialog = page.getByRole('dialog', { name: 'Write mail' });
    await dialog.waitFor();
    await page.keyboard.type('listen');
    await page.keyboard.press('Tab');
    await expect.poll(() => dialog.getByRole('combobox', { name: 'To' }).inputValue()).toBe('listener');
    await page.keyboard.type('From the keyboard');
    await page.keyboard.press('Tab');
    await page.keyboard.type('No mouse was used.');
    await page.keyboard.press('ControlOrMeta+Enter');
    await page.getByText('Sent to 1 recipient.').waitFor();
    await expect.poll(() => turnsOf('listener')).toBe(3);
  });

  test('the chosen theme survives loading the page again', async () => {
    const { page } = stage;
    const theme = (): Promise<string | undefined> => page.evaluate(() => document.documentElement.dataset.theme);
    const choose = async (wanted: string): Promise<void> => {
      const offered = page.getByRole('option', { name: /^Theme: / });
      // Three choices in a circle, the system's among them: until the palette names the wanted one.
      for (let presses = 0; presses < 3; presses += 1) {
        await runCommand(page, 'theme');
        await page.keyboard.press('ControlOrMeta+k');
        const chosen = await offered.innerText();
        await page.keyboard.press('Escape');
        if (chosen.includes(wanted)) break;
      }
      await expect.poll(theme).toBe(wanted);
    };
    for (const wanted of ['light', 'dark']) {
      await choose(wanted);
      await page.reload();
      await treeItem(page, 'rounder').waitFor();
      expect(await theme()).toBe(wanted);
    }
  });
});
