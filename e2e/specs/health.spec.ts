import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { currentFace } from '../support/faces.ts';
import { goTo, runCommand, treeItem } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

describe(`Health in ${currentFace()}`, () => {
  const stage = useStage({
    settings: 'watchdog:\n  tier0IntervalMs: 1000\n',
    // A defect for the doctor to find.
    prepare: (repository) => rm(join(repository.root, '.overstory', 'specs'), { recursive: true, force: true }),
  });
  const tab = (name: string): Locator => stage.page.getByRole('tab', { name });
  const mode = (rule: string, name: string): Locator =>
    stage.page.getByRole('radiogroup', { name: `Mode of ${rule}`, exact: true }).getByRole('radio', { name });
  const isChosen = (radio: Locator): Promise<string | null> => radio.getAttribute('aria-checked');
  const lines = (): Locator => stage.page.getByRole('listbox', { name: 'Log' }).getByRole('option');
  const rules = async (): Promise<Record<string, string>> => {
    const { rules: listed } = await stage.repository.ov<{ rules: { rule: string; mode: string }[] }>(
      'watchdog',
      'rules',
    );
    return Object.fromEntries(listed.map((one) => [one.rule, one.mode]));
  };

  test('a rule is changed by mouse and by keyboard, and the command line sees it', async () => {
    const { page } = stage;
    await goTo(page, 'Health');
    await mode('End a silent turn', 'Shadow').click();
    await expect.poll(() => isChosen(mode('End a silent turn', 'Shadow'))).toBe('true');
    await mode('End a silent turn', 'Shadow').focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => isChosen(mode('End a silent turn', 'Off'))).toBe('true');
    await expect.poll(rules).toMatchObject({ endTurn: 'off', nudge: 'live', endLoop: 'shadow' });
    await mode('End a silent turn', 'Live').click();
    await expect.poll(rules).toMatchObject({ endTurn: 'live' });
  });

  test('a limit is set by keyboard, refused when it makes no sense, and taken back by mouse', async () => {
    const { page, repository } = stage;
    const field = page.getByRole('textbox', { name: 'Stalled after' });
    const held = async (): Promise<number | undefined> => {
      const { limits } = await repository.ov<{ limits: { name: string; value: number }[] }>('watchdog', 'limit');
      return limits.find((limit) => limit.name === 'staleThresholdMs')?.value;
    };
    await expect.poll(() => field.inputValue()).not.toBe('');
    const before = await field.inputValue();
    await field.fill('120');
    await field.press('Enter');
    await expect.poll(held).toBe(120_000);
    await field.fill('9000');
    await field.press('Enter');
    await page.getByText(/must be greater than staleThresholdMs/).waitFor();
    await expect.poll(() => field.inputValue()).toBe('120');
    await page.getByRole('button', { name: /^Stalled after: back to/ }).click();
    await expect.poll(() => field.inputValue()).toBe(before);
  });

  test('the doctor finds a planted defect and mends it', async () => {
    const { page } = stage;
    await tab('Watchdog').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    const found = page.getByRole('listitem', { name: 'Required subdirectories' });
    await found.getByText('folders of the scaffold are missing').waitFor();
    await found.getByRole('button', { name: 'Fix Required subdirectories' }).click();
    await page.getByText('Required subdirectories: made specs').waitFor();
    await found.waitFor({ state: 'detached' });
    await page.getByRole('checkbox', { name: 'Show what is fine' }).press('Space');
    await found.getByText('agents, agent-defs, worktrees, specs, logs').waitFor();
    await page.getByRole('button', { name: 'Look again' }).press('Enter');
    await found.getByText('agents, agent-defs, worktrees, specs, logs').waitFor();
  });

  test('a drill runs to its end, every step seen, and touches no agent', async () => {
    const { page } = stage;
    await tab('Fire drills').click();
    await page.getByRole('button', { name: 'Start the drill: A turn crashes' }).click();
    const drill = page.getByRole('article', { name: 'Drill: A turn crashes' });
    await drill.getByText('5 of 5 steps seen').waitFor({ timeout: 90_000 });
    await drill.getByText('passed', { exact: true }).waitFor();
    await expect.poll(() => drill.getByText('seen', { exact: true }).count()).toBe(5);
    await drill.getByText('What was written meanwhile').click();
    await drill
      .getByText(/turnStart/)
      .first()
      .waitFor();
    await expect.poll(() => page.getByRole('tree', { name: 'Agents' }).getByRole('treeitem').count()).toBe(0);
  });

  test('a drill is started from the palette and cancelled by keyboard', async () => {
    const { page } = stage;
    await runCommand(page, 'Fire drill: an agent repeats');
    const drill = page.getByRole('article', { name: 'Drill: An agent repeats itself' });
    await drill.getByRole('button', { name: 'Cancel' }).press('Enter');
    await drill.getByText('cancelled', { exact: true }).waitFor({ timeout: 60_000 });
  });

  test('and by mouse', async () => {
    const { page } = stage;
    const start = page.getByRole('button', { name: 'Start the drill: An agent repeats itself' });
    await start.click();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await expect.poll(() => start.isEnabled(), { timeout: 50_000 }).toBe(true);
    await stage.did(['drill.crash', 'drill.loop', 'drill.cancel'], 'mouse');
    await stage.did(['drill.loop', 'drill.cancel'], 'keyboard');
  });

  test("the engine's figures are there", async () => {
    const { page } = stage;
    await tab('Engine').click();
    await page.getByText('held by this engine').waitFor();
    await page.getByRole('row', { name: /^events\.db/ }).waitFor();
  });

  test('logs are filtered, searched, walked and opened; those of an agent are read from its turns', async () => {
    const { page, repository } = stage;
    await repository.sling('writer', { start: [{ say: 'Words for the log.' }, { taskDone: 'Done.' }] });
    await treeItem(page, 'writer').getByText('done', { exact: true }).waitFor();
    await runCommand(page, 'Health: logs');
    await lines().filter({ hasText: 'engine started' }).waitFor();
    await page.getByRole('textbox', { name: 'Search the log' }).fill('watchdog rule');
    await lines().filter({ hasText: 'watchdog rule endTurn is off now' }).waitFor();
    await lines().filter({ hasText: 'engine started' }).waitFor({ state: 'detached' });
    await page.getByRole('combobox', { name: 'Level' }).selectOption('error');
    await page.getByText('No line fits').waitFor();
    await page.getByRole('textbox', { name: 'Search the log' }).fill('');
    await page.getByRole('combobox', { name: 'Level' }).selectOption('debug');
    await page.getByRole('listbox', { name: 'Log' }).focus();
    await page.keyboard.press('Home');
    const line = page.getByRole('region', { name: 'Line', exact: true });
    await line.getByText(/engine started/).waitFor();
    await line.getByRole('button', { name: 'Close the line' }).click();
    await line.waitFor({ state: 'detached' });
    // The list of agents is read when the tab opens.
    await page.getByRole('combobox', { name: 'Log of' }).selectOption('writer');
    await lines().filter({ hasText: 'Words for the log.' }).first().waitFor();
  });

  test("what the watchdog did opens the agent's why", async () => {
    const { page, repository } = stage;
    await repository.ov('watchdog', 'limit', 'staleThresholdMs', '1000');
    await repository.ov('watchdog', 'limit', 'zombieThresholdMs', '3600000');
    await repository.sling('sleeper', { start: ['hang'] });
    await tab('Watchdog').click();
    const did = page.getByRole('grid', { name: 'What the watchdog did' });
    const row = did.getByRole('row').filter({ hasText: 'sleeper' }).last();
    await row.getByText('marked stalled').waitFor({ timeout: 120_000 });
    await row.click();
    await page.getByRole('region', { name: 'Evidence' }).getByText('stalled').first().waitFor();
  });
});
