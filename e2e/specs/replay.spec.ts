import { describe, expect, test } from 'vitest';
import { currentFace } from '../support/faces.ts';
import { attentionItem, goTo, runCommand, seeState, terminalOf, threadRow, treeItem } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

const QUESTION = 'Left or right?';

describe(`Replay in ${currentFace()}`, () => {
  const stage = useStage();
  const band = () => stage.page.getByRole('region', { name: 'Replay' });
  const line = () => band().getByRole('slider', { name: 'Moment of the replay' });
  const moment = async (): Promise<number> => Number(await line().getAttribute('aria-valuenow'));
  /** What waits for a person now, whatever moment is shown. */
  const liveAttention = () => band().getByRole('button', { name: /needs? you now$/ });
  /** Goes to a mark of the line by its title. */
  const mark = (title: string) => band().getByRole('button', { name: title, exact: false });
  /** Waits until the moment asked for is here. */
  const arrived = () => expect.poll(() => band().getByRole('status').innerText()).toBe('');

  test('a run is put on the stage: a question, its answer, mail and a merge', async () => {
    const { page, repository } = stage;
    await goTo(page, 'Fleet');
    await repository.ov('task', 'create', 'Choose a way', '--id', 'task-chooser').catch(() => undefined);
    await repository.sling('chooser', {
      start: [
        { say: 'I stand at the fork.' },
        { ask: { subject: QUESTION, question: 'Which way do we go?', options: ['left', 'right'] } },
        { write: { path: 'way.txt', content: '{{answer}}' } },
        { commit: 'Choose' },
        { taskDone: 'Chosen.' },
      ],
    });
    await seeState(page, 'chooser', 'needs you');
    // A run is over as soon as a look at it finds that all its agents have ended: one that only rests keeps this one open.
    await repository.sling('keeper', { start: [{ say: 'I stay.' }] });
    await seeState(page, 'keeper', 'resting');
    await attentionItem(page, QUESTION).getByRole('button', { name: 'left' }).click();
    await seeState(page, 'chooser', 'done');
    await repository.ov('merge', '--branch', 'overstory/chooser/task-chooser');
    await repository.sling('late', { start: [{ say: 'I came after the merge.' }, { taskDone: 'Nothing to do.' }] });
    await seeState(page, 'late', 'done');
    await repository.sling('asker', {
      start: [{ ask: { subject: 'Still open?', question: 'Is it?', options: ['yes', 'no'] } }],
    });
    await seeState(page, 'asker', 'needs you');
  });

  test('the whole room shows the beginning, and what waits now stays in sight', async () => {
    const { page } = stage;
    await runCommand(page, 'Replay the run');
    await band().waitFor();
    await arrived();
    await mark(QUESTION).waitFor();
    await expect.poll(() => treeItem(page, 'late').count()).toBe(0);
    await expect.poll(() => attentionItem(page, 'Still open?').count()).toBe(0);
    await liveAttention().waitFor();
  });

  test('at the question every screen shows what it showed then', async () => {
    const { page } = stage;
    await mark(QUESTION).click();
    await arrived();
    await goTo(page, 'Fleet');
    await attentionItem(page, QUESTION).waitFor();
    await expect.poll(() => treeItem(page, 'late').count()).toBe(0);
    await goTo(page, 'Mail');
    await threadRow(page, QUESTION).waitFor();
    await goTo(page, 'Terminals');
    await expect.poll(() => terminalOf(page, 'chooser').innerText()).toContain('I stand at the fork.');
    await expect.poll(() => terminalOf(page, 'chooser').innerText()).not.toContain('Chosen.');
    await goTo(page, 'Board');
    await goTo(page, 'Timeline');
    await page.getByRole('listbox', { name: 'Events' }).getByText('I stand at the fork.').first().waitFor();
    await expect
      .poll(() => page.getByRole('listbox', { name: 'Events' }).getByText('I came after the merge.').count())
      .toBe(0);
  });

  test('nothing acts: what does is not offered, and a key is refused in one line', async () => {
    const { page } = stage;
    await goTo(page, 'Fleet');
    const answer = attentionItem(page, QUESTION).getByRole('button', { name: 'right' });
    expect(await answer.isDisabled()).toBe(true);
    expect(await answer.getAttribute('title')).toBe('This is a replay: go live to act.');
    expect(await page.getByRole('button', { name: 'Pause fleet' }).count()).toBe(0);
    await page.keyboard.press('ControlOrMeta+k');
    const palette = page.getByRole('dialog', { name: 'Command palette' });
    await palette.getByRole('option', { name: 'Go live' }).waitFor();
    expect(await palette.getByRole('option', { name: 'Pause fleet' }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await palette.waitFor({ state: 'hidden' });
    await page.keyboard.press('j');
    await page.keyboard.press('2');
    await page.getByText(/^This is a replay of \d\d:\d\d:\d\d: go live to act\.$/).waitFor();
    await attentionItem(page, QUESTION).waitFor();
    expect(await stage.repository.git('show', 'main:way.txt')).toBe('left');
  });

  test('branches are where they were', async () => {
    const { page } = stage;
    const commit = (await stage.repository.git('rev-parse', '--short=7', 'main')).trim();
    const branches = page.getByRole('list', { name: 'Branches' });
    const main = () => branches.getByRole('listitem').filter({ has: page.getByText('main', { exact: true }) });
    await band().getByRole('button', { name: 'Branches at this moment' }).click();
    await main().waitFor();
    await expect.poll(() => main().innerText()).not.toContain(commit);
    await page.keyboard.press('Escape');
    await mark('overstory/chooser/task-chooser merged').click();
    await arrived();
    await line().press('End');
    await arrived();
    await band().getByRole('button', { name: 'Branches at this moment' }).click();
    await main().filter({ hasText: commit }).waitFor();
    await page.keyboard.press('Escape');
    await treeItem(page, 'late').waitFor();
  });

  test('it plays: fast, without the quiet time, to the end', async () => {
    const { page } = stage;
    await line().press('Home');
    await arrived();
    await expect.poll(moment).toBe(0);
    await treeItem(page, 'late').waitFor({ state: 'detached' });
    await band().getByRole('radio', { name: '128×' }).click();
    await band().getByRole('button', { name: 'Play' }).click();
    await treeItem(page, 'late').waitFor();
    await attentionItem(page, 'Still open?').waitFor();
    await page.keyboard.press('Escape');
    await band().getByRole('radio', { name: '1×', exact: true }).click();
  });

  test('by keyboard: jumps, steps, moves, a time, play and pause', async () => {
    const { page } = stage;
    await goTo(page, 'Fleet');
    await line().press('Home');
    await arrived();
    await mark('Still open?').waitFor();
    await page.keyboard.press('Shift+J');
    await attentionItem(page, QUESTION).waitFor();
    const question = await moment();
    await page.keyboard.press('Shift+J');
    await attentionItem(page, 'Still open?').waitFor();
    await page.keyboard.press('Shift+K');
    await attentionItem(page, QUESTION).waitFor();
    await expect.poll(moment).toBe(question);
    const exact = () => line().getAttribute('aria-valuetext');
    for (const key of ['Alt+ArrowLeft', 'Alt+ArrowLeft', 'Alt+ArrowLeft', 'Alt+ArrowLeft', 'Alt+ArrowLeft'])
      await page.keyboard.press(key);
    await attentionItem(page, QUESTION).waitFor({ state: 'detached' });
    for (let press = 0; press < 5; press += 1) await page.keyboard.press('Alt+ArrowRight');
    await attentionItem(page, QUESTION).waitFor();
    await page.keyboard.press('Shift+P');
    await band().getByRole('button', { name: 'Pause' }).waitFor();
    await page.keyboard.press('Shift+P');
    await band().getByRole('button', { name: 'Play' }).waitFor();
    // While a dialogue is open the rest of the room is out of reach.
    const wanted = (await exact())?.split(',')[0] ?? '';
    await page.keyboard.press('Shift+T');
    const dialog = page.getByRole('dialog', { name: 'Go to a time' });
    await dialog.getByRole('textbox').fill('nonsense');
    expect(await dialog.getByRole('button', { name: 'Go', exact: true }).isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill(wanted);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(async () => (await exact())?.startsWith(wanted)).toBe(true);
  });

  test('going live shows the room as it is, and it can be acted on', async () => {
    const { page } = stage;
    await band().getByRole('button', { name: 'Go live' }).click();
    await band().waitFor({ state: 'detached' });
    await treeItem(page, 'late').waitFor();
    await goTo(page, 'Fleet');
    await attentionItem(page, 'Still open?').getByRole('button', { name: 'yes' }).click();
    await attentionItem(page, 'Still open?').waitFor({ state: 'detached' });
  });

  test('while the past is looked at, what happens stays out of it and is told', async () => {
    const { page, repository } = stage;
    await page.keyboard.press('ControlOrMeta+Shift+Y');
    await band().waitFor();
    await arrived();
    await band().getByText('now: nobody waits for you').waitFor();
    await repository.sling('newcomer', {
      start: [{ ask: { subject: 'Anybody here?', question: 'Hello?', options: ['yes', 'no'] } }],
    });
    await liveAttention().waitFor();
    await expect.poll(() => treeItem(page, 'newcomer').count()).toBe(0);
    await liveAttention().click();
    await attentionItem(page, 'Anybody here?').waitFor();
    await treeItem(page, 'newcomer').waitFor();
  });

  test('an event leads to its moment, and a past run is chosen from a list', async () => {
    const { page, repository } = stage;
    await goTo(page, 'Timeline');
    const events = page.getByRole('listbox', { name: 'Events' });
    await events.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    await page.getByRole('button', { name: 'Show this moment' }).click();
    await band().waitFor();
    await arrived();
    await page.keyboard.press('ControlOrMeta+Shift+L');
    await band().waitFor({ state: 'detached' });
    await events.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('r');
    await band().waitFor();
    await page.keyboard.press('ControlOrMeta+Shift+L');
    await repository.ov('run', 'complete');
    await runCommand(page, 'Replay a past run');
    const runs = page.getByRole('dialog', { name: 'Replay a run' });
    await runs.getByText('completed').waitFor();
    await page.keyboard.press('Enter');
    await band().waitFor();
    await arrived();
    await line().press('End');
    await treeItem(page, 'newcomer').waitFor();
    await band().getByRole('button', { name: 'Go live' }).click();
  });
});
