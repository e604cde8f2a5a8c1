import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { currentFace } from '../support/faces.ts';
import { goTo, runCommand } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

describe(`Settings in ${currentFace()}`, () => {
  const stage = useStage();
  const part = (name: string) => stage.page.getByRole('navigation', { name: 'Settings' }).getByRole('button', { name });
  const file = (name = 'config.yaml') => join(stage.repository.root, '.overstory', name);
  const told = (text: string) => stage.page.getByText(text, { exact: true }).first().waitFor();

  test('runtimes of this machine are listed, and checked again', async () => {
    const { page } = stage;
    await goTo(page, 'Settings');
    const rehearsal = page.getByRole('listitem', { name: 'rehearsal' });
    await rehearsal.getByText('default', { exact: true }).waitFor();
    await rehearsal.getByText('ready').first().waitFor();
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.getByRole('button', { name: 'Check again' }).waitFor();
  });

  test('a role gets a model by the keyboard, and the file keeps its comments', async () => {
    const { page } = stage;
    const before = await readFile(file(), 'utf8');
    await part('Roles').press('Enter');
    const model = page.getByRole('textbox', { name: 'Model of builder' });
    await model.fill('opus');
    await page.keyboard.press('Enter');
    await told('Kept: it holds for agents slung from now on.');
    const text = await readFile(file(), 'utf8');
    expect(text.startsWith(before.trimEnd())).toBe(true);
    expect(text).toContain('models:\n  builder: opus\n');
    await model.fill('');
    await page.keyboard.press('Enter');
    await expect.poll(() => readFile(file(), 'utf8')).toBe(before);
  });

  test('what this machine sets wins, and is changed where it stands', async () => {
    const { page } = stage;
    await page.getByRole('radio', { name: 'config.local.yaml' }).click();
    const runtime = page.getByRole('combobox', { name: 'Runtime of scout' });
    await runtime.selectOption('rehearsal');
    await expect.poll(() => readFile(file('config.local.yaml'), 'utf8')).toContain('scout: rehearsal');
    await page.getByRole('radio', { name: 'config.yaml', exact: true }).click();
    await runtime.selectOption('');
    await expect.poll(() => readFile(file('config.local.yaml'), 'utf8')).not.toContain('scout');
  });

  test('a cap is set and in force at once', async () => {
    const { page } = stage;
    await runCommand(page, 'Settings: Caps');
    const cap = page.getByRole('textbox', { name: 'Cap in turns for a day, all together' });
    await cap.fill('40');
    await page.keyboard.press('Tab');
    await told('Kept: it holds at once.');
    await goTo(page, 'Costs');
    await page.getByRole('list', { name: 'Caps' }).getByText('0 of 40 turns').waitFor();
    await page.getByRole('button', { name: 'Set caps' }).click();
    await expect.poll(() => cap.inputValue()).toBe('40');
  });

  test('quality gates are edited together', async () => {
    const { page } = stage;
    await part('Quality gates').click();
    const count = await page.getByRole('textbox', { name: /^name of gate/ }).count();
    await page.getByRole('button', { name: 'Add a gate' }).click();
    for (const [field, text] of [
      ['name', 'Smoke'],
      ['command', 'true'],
      ['description', 'it starts'],
    ] as const)
      await page.getByRole('textbox', { name: `${field} of gate ${count + 1}` }).fill(text);
    await page.getByRole('button', { name: 'Keep gates' }).press('Enter');
    await expect.poll(() => readFile(file(), 'utf8')).toContain('command: "true"');
    await page.getByRole('button', { name: 'Add a gate' }).click();
    await page.getByRole('button', { name: 'Keep gates' }).click();
    await page.getByRole('alert').getByText('must be non-empty text').waitFor();
    await page.getByRole('button', { name: 'Take back' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  test('what would have rung in the last day follows the rules and the switches', async () => {
    const { page, repository } = stage;
    await part('Notifications').click();
    await page.getByText('Nothing would have rung.').waitFor();
    await repository.sling('asker', {
      start: [{ ask: { subject: 'Which colour?', question: 'Red or blue?', options: ['red', 'blue'] } }],
    });
    await page.getByRole('button', { name: '1 needs you' }).waitFor();
    const rings = page.getByRole('list', { name: 'Notifications of the last 24 hours' });
    await page.getByRole('button', { name: 'Look again' }).click();
    await rings.getByText('asker needs a decision: Which colour?').waitFor();
    await page.getByRole('switch', { name: 'Decision gates and caps' }).press('Space');
    await rings.getByText('switched off').waitFor();
    expect(await readFile(file(), 'utf8')).toMatch(/off:\n +- gate\n/);
    await page.getByRole('switch', { name: 'Decision gates and caps' }).click();
    await rings.getByText('switched off').waitFor({ state: 'detached' });
  });

  test('looks and terminals follow at once', async () => {
    const { page } = stage;
    await part('Appearance').click();
    await page.getByRole('radio', { name: 'light' }).click();
    await page.locator('html[data-theme="light"]').waitFor();
    await page.getByRole('radio', { name: 'light' }).press('ArrowLeft');
    await page.locator('html[data-theme="dark"]').waitFor();
    await page.getByRole('switch', { name: 'Reduce motion' }).press('Space');
    await page.locator('html[data-still]').waitFor();
    await part('Terminal').click();
    await page.getByLabel('Text size').fill('15');
    await page.keyboard.press('Enter');
    await page.getByRole('switch', { name: 'Screen-reader mode' }).click();
    await page.getByRole('switch', { name: 'Screen-reader mode', checked: true }).waitFor();
    await part('Keys').click();
    await page.getByRole('listitem', { name: 'Command palette' }).first().waitFor();
  });

  test('any setting is found by name and changed by the keyboard; a wrong value says why', async () => {
    const { page } = stage;
    await part('All settings').click();
    await page.getByRole('searchbox', { name: 'Filter settings' }).fill('maxDepth');
    await page.getByRole('grid', { name: 'All settings' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'agents.maxDepth' });
    await dialog.getByLabel('Value').fill('-1');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('agents.maxDepth is -1, but it must be').waitFor();
    await dialog.getByLabel('Value').fill('3');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    const { setting } = await stage.repository.ov<{ setting: { value: number } }>('config', 'get', 'agents.maxDepth');
    expect(setting.value).toBe(3);
  });

  test('a change by hand appears, and a file that cannot be read is told of', async () => {
    const { page } = stage;
    const good = await readFile(file(), 'utf8');
    await writeFile(file(), good.replace(/maxDepth: \d+/, 'maxDepth: 7'));
    await page.getByRole('grid', { name: 'All settings' }).getByText('7', { exact: true }).waitFor();
    await writeFile(file(), 'runtime: [\n');
    await page.getByRole('alert').getByText('is not valid YAML').waitFor();
    await writeFile(file(), good);
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });
});
