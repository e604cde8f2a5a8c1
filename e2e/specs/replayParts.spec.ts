import { describe, expect, test } from 'vitest';
import { currentFace } from '../support/faces.ts';
import { attentionItem, goTo, runCommand, seeState, taskCard, treeItem } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

const FIRST = 'Which colour?';
const SECOND = 'Which size?';
const BRANCH = 'overstory/painter/task-painter';

describe(`What a replay shows of evidence, caps, merges, costs and the watchdog in ${currentFace()}`, () => {
  const stage = useStage({ settings: 'controlRoom:\n  budgets:\n    run: { usd: 20 }\n' });
  const band = () => stage.page.getByRole('region', { name: 'Replay' });
  const mark = (title: string) => band().getByRole('button', { name: title, exact: false });
  const evidence = () => stage.page.getByRole('region', { name: 'Evidence' });
  const cap = () => stage.page.getByRole('list', { name: 'Caps' }).getByRole('listitem');
  const row = (name: string) =>
    stage.page
      .getByRole('grid', { name: 'Costs' })
      .getByRole('row')
      .filter({ has: stage.page.getByText(name, { exact: true }) });
  const mode = () => stage.page.getByRole('radiogroup', { name: 'Mode of Nudge' });
  const queued = () => stage.page.getByRole('listbox', { name: 'Merge queue' }).getByRole('option');
  /** Waits until the moment asked for is here. */
  const arrived = () => expect.poll(() => band().getByRole('status').innerText()).toBe('');
  /** Goes to the moment of the second question: the first agent waits and has cost something, nothing is merged. */
  const toSecond = async (): Promise<void> => {
    await mark(SECOND).click();
    await arrived();
  };
  const toEnd = async (): Promise<void> => {
    await band().getByRole('slider', { name: 'Moment of the replay' }).press('End');
    await arrived();
  };

  test('a run is put on the stage: dollars, a cap that is raised, an agent that waits, a merge', async () => {
    const { page, repository } = stage;
    await goTo(page, 'Fleet');
    await repository.ov('task', 'create', 'Paint the fence', '--id', 'task-painter').catch(() => undefined);
    await repository.sling('painter', {
      start: [
        { cost: 0.4 },
        { ask: { subject: FIRST, question: FIRST, options: ['green', 'blue'] } },
        { cost: 0.5 },
        { write: { path: 'fence.txt', content: '{{answer}}' } },
        { commit: 'Paint' },
        { taskDone: 'Painted.' },
      ],
    });
    await seeState(page, 'painter', 'needs you');
    await treeItem(page, 'painter').click();
    await evidence().getByText('waiting', { exact: true }).waitFor();
    await goTo(page, 'Costs');
    await row('painter').getByText('0.40').waitFor();
    await cap().getByText('of $20.00').waitFor();
    await repository.sling('joiner', {
      start: [{ ask: { subject: SECOND, question: SECOND, options: ['small', 'large'] } }, { taskDone: 'Cut.' }],
    });
    await goTo(page, 'Fleet');
    await seeState(page, 'joiner', 'needs you');
    await goTo(page, 'Costs');
    await page.getByRole('button', { name: /^Raise the cap of run/ }).click();
    const dialog = page.getByRole('dialog', { name: /^Raise the cap of run/ });
    await dialog.getByLabel('By').fill('5');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    await cap().getByText('of $25.00').waitFor();
    await goTo(page, 'Health');
    await mode().getByRole('radio', { name: 'Off' }).click();
    await page.getByText('Nudge: off now.').waitFor();
    await goTo(page, 'Fleet');
    await attentionItem(page, FIRST).getByRole('button', { name: 'green' }).click();
    await seeState(page, 'painter', 'done');
    await treeItem(page, 'painter').click();
    await evidence().getByText('done', { exact: true }).waitFor();
    await goTo(page, 'Costs');
    await row('painter').getByText('0.90').waitFor();
    await repository.ov('merge', '--branch', BRANCH);
    await goTo(page, 'Merge');
    await queued().filter({ hasText: 'painter' }).getByText('clean merge').waitFor();
    await runCommand(page, 'Replay the run');
    await band().waitFor();
    await arrived();
    await mark(`${BRANCH} merged`).waitFor();
  });

  test('the evidence behind an agent is that of the moment', async () => {
    const { page } = stage;
    await goTo(page, 'Fleet');
    await toSecond();
    await treeItem(page, 'painter').click();
    await evidence().getByText('waiting', { exact: true }).waitFor();
    await evidence().getByRole('table').getByText('mail sent').waitFor();
    await toEnd();
    await evidence().getByText('done', { exact: true }).waitFor();
  });

  test('costs and caps are those of the moment, by agent, role and model', async () => {
    const { page } = stage;
    await goTo(page, 'Costs');
    await toSecond();
    await row('painter').getByText('0.40').waitFor();
    await cap().getByText('of $20.00').waitFor();
    await page.getByText('$0.40', { exact: true }).first().waitFor();
    await page
      .getByRole('region', { name: 'What caps did' })
      .getByText('raised by 5 usd')
      .waitFor({ state: 'detached' });
    await toEnd();
    await row('painter').getByText('0.90').waitFor();
    await cap().getByText('of $25.00').waitFor();
    await page.getByRole('region', { name: 'What caps did' }).getByText('raised by 5 usd').waitFor();
    await page.getByRole('radio', { name: 'role' }).click();
    await row('builder')
      .getByText(/^0\.9\d$/)
      .waitFor();
    await toSecond();
    await row('builder').getByText('0.40').waitFor();
    await page.getByRole('radio', { name: 'role' }).press('ArrowLeft');
    await page.getByRole('radio', { name: 'agent' }).click();
    await row('painter').getByText('0.40').waitFor();
  });

  test('the policy of the watchdog is that of the moment; what has no past says so', async () => {
    const { page } = stage;
    const rule = () =>
      page
        .getByRole('list', { name: 'Rules' })
        .getByRole('listitem')
        .filter({ has: page.getByText('nudge', { exact: true }) });
    await goTo(page, 'Health');
    await toSecond();
    await rule().getByText('Live', { exact: true }).waitFor();
    await toEnd();
    await rule().getByText('Off', { exact: true }).waitFor();
    expect(await mode().count()).toBe(0);
    expect(await page.getByRole('main').getByRole('textbox').count()).toBe(0);
    await page.getByRole('tab', { name: 'Logs' }).click();
    await page.getByText('Logs are read as they are now; live they reach back as far as they are kept.').waitFor();
    await page.getByRole('tab', { name: 'Watchdog' }).click();
    await rule().waitFor();
  });

  test('the queue of merges, its tiers and its course are those of the moment', async () => {
    const { page } = stage;
    await goTo(page, 'Merge');
    await toSecond();
    await expect.poll(() => queued().count()).toBe(0);
    await toEnd();
    await queued().filter({ hasText: 'painter' }).click();
    const tiers = page.getByRole('list', { name: 'Merge tiers' });
    await tiers.getByRole('listitem').filter({ hasText: 'clean merge' }).waitFor();
    await page.getByRole('tab', { name: 'What happened' }).click();
    await page.getByRole('region', { name: 'Merge', exact: true }).getByText('merged into main').waitFor();
  });

  test('nothing that acts is offered, on any of these screens', async () => {
    const { page } = stage;
    await toSecond();
    const offered = (name: string | RegExp): Promise<number> =>
      page.getByRole('button', { name, disabled: false }).count();
    await goTo(page, 'Costs');
    await cap().first().waitFor();
    for (const name of [/^Raise/, 'Set caps', /^Pause/, /^Resume/]) expect(await offered(name)).toBe(0);
    await goTo(page, 'Fleet');
    await attentionItem(page, SECOND).waitFor();
    for (const name of ['small', 'large', /^Pause/, /^Dismiss/]) expect(await offered(name)).toBe(0);
    await goTo(page, 'Merge');
    await toEnd();
    await queued().filter({ hasText: 'painter' }).click();
    await page.getByRole('list', { name: 'Merge tiers' }).waitFor();
    for (const name of [/^Merge ./, /^Accept/, /^Take out/, /^Review/]) expect(await offered(name)).toBe(0);
    await goTo(page, 'Board');
    const card = taskCard(page, 'Paint the fence');
    await card.waitFor();
    expect(await card.getAttribute('draggable')).toBeNull();
    expect(await card.getAttribute('aria-keyshortcuts')).toBe('Enter');
    expect(await offered(/^New task/)).toBe(0);
    await card.click();
    for (const key of ['s', 'Delete', 'n']) await page.keyboard.press(key);
    await card.click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Open' }).waitFor();
    expect(await page.getByRole('menuitem').count()).toBe(1);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await band().getByRole('button', { name: 'Go live' }).click();
    await band().waitFor({ state: 'detached' });
    await goTo(page, 'Costs');
    await page.getByRole('button', { name: /^Raise the cap of run/ }).waitFor();
  });
});
