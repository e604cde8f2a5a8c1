import { describe, expect, test } from 'vitest';
import type { AgentView } from '../../contract/agents.ts';
import { currentFace } from '../support/faces.ts';
import { fleetRow, goTo, runCommand, seeState } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

/** An agent that costs so much and rests. */
const costs = (usd: number) => ({
  start: [{ cost: usd }, { say: 'Ready.' }],
  on: { any: [{ cost: 0.1 }, { say: 'Heard.' }] },
});

describe(`Costs in ${currentFace()}`, () => {
  const stage = useStage({ settings: 'controlRoom:\n  budgets:\n    agent: { usd: 3 }\n' });
  const rows = () => stage.page.getByRole('grid', { name: 'Costs' }).getByRole('row');
  const row = (name: string) => rows().filter({ has: stage.page.getByText(name, { exact: true }) });
  const names = async (): Promise<readonly string[]> => {
    const all = await rows().all();
    const texts = await Promise.all(all.slice(1).map((one) => one.getByRole('gridcell').first().textContent()));
    return texts.map((text) => text ?? '');
  };

  test('before anything ran it says so, and that nothing is capped', async () => {
    await goTo(stage.page, 'Costs');
    await stage.page.getByText('Nothing spent in this period').waitFor();
    await stage.page.getByText('no turn yet').waitFor();
  });

  test('turns appear with their dollars while the screen is open', async () => {
    const { page, repository } = stage;
    await repository.sling('cheap', costs(0.4));
    await repository.sling('dear', costs(2.5));
    await row('cheap').getByText('0.40').waitFor();
    await row('dear').getByText('2.50').waitFor();
    await page.getByText('$2.90', { exact: true }).first().waitFor();
    await page.getByText('told by the runtimes').waitFor();
    await page.getByRole('img', { name: /^Spending by the minute: \$2\.90 in the last hour/ }).waitFor();
    expect(await names()).toEqual(['dear', 'cheap']);
  });

  test('sorted by a click and by the keyboard, filtered by words', async () => {
    const { page } = stage;
    await page.getByRole('columnheader', { name: 'agent' }).getByRole('button').click();
    await expect.poll(names).toEqual(['cheap', 'dear']);
    const cost = page.getByRole('columnheader', { name: 'cost $' }).getByRole('button');
    await cost.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await expect.poll(names).toEqual(['dear', 'cheap']);
    await page.getByRole('searchbox', { name: 'Filter rows' }).fill('che build');
    await expect.poll(names).toEqual(['cheap']);
    await page.getByRole('searchbox', { name: 'Filter rows' }).fill('');
    await expect.poll(names).toEqual(['dear', 'cheap']);
  });

  test('summed up by role with a click and by task with the arrow keys, over another period', async () => {
    const { page } = stage;
    await page.getByRole('radio', { name: 'role' }).click();
    await row('builder').getByText('2.90').waitFor();
    await page.getByRole('radio', { name: 'role' }).press('ArrowLeft');
    await row('task-dear').waitFor();
    await page.getByRole('combobox', { name: 'Period' }).selectOption('all');
    await row('task-cheap').waitFor();
    await page.getByRole('radio', { name: 'agent' }).click();
    await row('dear').waitFor();
  });

  test('a row leads to its agent by the arrow keys', async () => {
    const { page } = stage;
    const table = page.getByRole('grid', { name: 'Costs' });
    await table.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'dear' }).waitFor();
  });

  test('a cap that comes near and is reached is shown with its forecast, and raised here', async () => {
    const { page, repository } = stage;
    const caps = page.getByRole('list', { name: 'Caps' });
    const cap = caps.getByRole('listitem').filter({ hasText: 'dear' });
    await cap.getByText('$2.50 of $3.00').waitFor();
    await cap.getByText(/^reached in .* at this rate$/).waitFor();
    await page.getByRole('button', { name: 'Raise the cap of agent dear' }).click();
    const dialog = page.getByRole('dialog', { name: 'Raise the cap of agent dear' });
    await dialog.getByLabel('By').fill('2');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    await cap.getByText('$2.50 of $5.00').waitFor();
    await page.getByRole('region', { name: 'What caps did' }).getByText('cap of dear raised by 2 usd').waitFor();
    const { agents } = await repository.ov<{ agents: AgentView[] }>('status', '--all');
    expect(agents.map((agent) => agent.name).sort()).toEqual(['cheap', 'dear']);
  });

  test('the run is paused by a click and resumed by a click; an agent by the palette', async () => {
    const { page } = stage;
    await page.getByRole('button', { name: 'Pause run' }).click();
    const paused = page.getByRole('list', { name: 'Paused' });
    await paused.getByRole('button', { name: /^Resume run/ }).click();
    await paused.waitFor({ state: 'detached' });
    await goTo(page, 'Fleet');
    await fleetRow(page, 'cheap').click();
    await runCommand(page, 'Pause agent');
    await goTo(page, 'Costs');
    await paused.getByText('cheap is paused').waitFor();
    await runCommand(page, 'Resume agent');
    await paused.waitFor({ state: 'detached' });
    await goTo(page, 'Fleet');
    await seeState(page, 'cheap', 'resting');
  });

  test('the rows are copied as CSV', async () => {
    const { page } = stage;
    await goTo(page, 'Costs');
    await page.getByRole('button', { name: 'Copy as CSV' }).click();
    await page.getByText('Copied 2 rows as CSV.').waitFor();
  });
});
