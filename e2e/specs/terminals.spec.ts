import { describe, expect, test } from 'vitest';
import { currentFace } from '../support/faces.ts';
import { untilOpened } from '../support/repository.ts';
import { goTo, seeState, terminalOf, treeItem } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

describe(`Terminals in ${currentFace()}`, () => {
  const stage = useStage();
  const shows = async (name: string, words: string): Promise<void> => {
    await expect.poll(() => terminalOf(stage.page, name).innerText()).toContain(words);
  };
  const tab = (name: string) => stage.page.getByRole('tablist', { name: 'Terminals' }).getByRole('tab', { name });

  test('without agents it says what will be here', async () => {
    const { page } = stage;
    await goTo(page, 'Terminals');
    await page.getByText('No terminal is open').waitFor();
  });

  test('an agent’s transcript is drawn while it works', async () => {
    const { page, repository } = stage;
    await repository.sling('worker', {
      start: [
        { say: 'I look around first.' },
        { read: 'README.md' },
        untilOpened('worker'),
        { write: { path: 'export.txt', content: 'csv\n' } },
        { say: 'The export is written.' },
      ],
      on: { any: [{ say: 'Heard: {{mail.body}}' }] },
    });
    await tab('worker').click();
    await shows('worker', 'I look around first.');
    await shows('worker', 'README.md');
    await expect.poll(() => terminalOf(page, 'worker').innerText()).not.toContain('The export is written.');
    await repository.open('worker');
    await shows('worker', 'The export is written.');
    await treeItem(page, 'worker').getByText('resting', { exact: true }).waitFor();
  });

  test('what is written under it reaches the agent', async () => {
    const { page } = stage;
    const field = page.getByRole('textbox', { name: 'Write to worker' });
    await field.fill('Use tabs, please.');
    await page.keyboard.press('Enter');
    await shows('worker', 'Heard: Use tabs, please.');
    await field.fill('Never mind.');
    await page.keyboard.press('ControlOrMeta+Enter');
    await shows('worker', 'Heard: Never mind.');
    await expect.poll(() => field.inputValue()).toBe('');
  });

  test('the transcript is there again after the page is loaded anew, once', async () => {
    const { page } = stage;
    await page.reload();
    await shows('worker', 'Heard: Never mind.');
    const text = await terminalOf(page, 'worker').innerText();
    expect(text.match(/The export is written\./g)).toHaveLength(1);
  });

  test('a closed tab of an agent opens again with its transcript', async () => {
    const { page } = stage;
    await page.getByTitle('Close worker', { exact: true }).click();
    await tab('worker').waitFor({ state: 'detached' });
    await treeItem(page, 'worker').dblclick();
    await tab('worker').waitFor();
    await shows('worker', 'Heard: Never mind.');
  });

  test('words are found in a terminal', async () => {
    const { page } = stage;
    await terminalOf(page, 'worker').click();
    await page.keyboard.press('ControlOrMeta+f');
    await page.getByRole('textbox', { name: 'Search in the terminal' }).fill('export');
    await page.getByText(/^\d+ of \d+$/).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('search').waitFor({ state: 'detached' });
  });

  test('a shell in a worktree types and echoes', async () => {
    const { page, repository } = stage;
    await treeItem(page, 'worker').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Shell in worktree' }).click();
    await tab('shell · worker').waitFor();
    await terminalOf(page, 'shell · worker').click();
    await page.keyboard.type('echo "sum $((20+22))"; pwd\n');
    await shows('shell · worker', 'sum 42');
    // Long paths wrap; what wraps is joined again.
    const text = (await terminalOf(page, 'shell · worker').innerText()).replaceAll(/\s/g, '');
    expect(text).toContain(`${repository.root}/.overstory/worktrees/worker`);
  });

  test('colours of all kinds are drawn', async () => {
    const { page } = stage;
    await page.keyboard.type(
      "printf '\\033[38;2;10;200;30mtrue\\033[0m \\033[38;5;208mindexed\\033[0m \\033[31mnamed\\033[0m\\n'\n",
    );
    await shows('shell · worker', 'true indexed named');
    const colourOf = (word: string): Promise<string> =>
      terminalOf(page, 'shell · worker')
        .getByText(word, { exact: true })
        .evaluate((element) => getComputedStyle(element).color);
    const colours = new Set([await colourOf('true'), await colourOf('indexed'), await colourOf('named')]);
    expect(colours.size).toBe(3);
    // Contrast may be raised against the ground, but green stays the strongest part of it.
    const [red = 0, green = 0, blue = 0] = (await colourOf('true')).match(/\d+/g)?.map(Number) ?? [];
    expect(green).toBeGreaterThan(Math.max(red, blue));
  });

  test('a shell keeps what it shows over loading the page again, and goes on', async () => {
    const { page } = stage;
    await page.reload();
    await tab('shell · worker').click();
    await shows('shell · worker', 'sum 42');
    await terminalOf(page, 'shell · worker').click();
    await page.keyboard.type('echo "sum $((1+1))"\n');
    await shows('shell · worker', 'sum 2');
  });

  test('a shell that ended is opened again, a running one is closed after a question', async () => {
    const { page } = stage;
    await page.keyboard.type('exit 3\n');
    await page.getByText('Ended with exit code 3.').waitFor();
    await page.getByRole('button', { name: 'Open again' }).click();
    await page.getByText('Ended with exit code 3.').waitFor({ state: 'detached' });
    await terminalOf(page, 'shell · worker').click();
    await page.keyboard.type('echo "sum $((50+5))"\n');
    await shows('shell · worker', 'sum 55');
    await page.getByTitle('Close shell · worker', { exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Close shell · worker?' });
    await dialog.getByRole('button', { name: 'Close shell' }).click();
    await tab('shell · worker').waitFor({ state: 'detached' });
  });

  test('two terminals stand side by side', async () => {
    const { page, repository } = stage;
    await repository.sling('helper', { start: [{ say: 'I help.' }] });
    await goTo(page, 'Fleet');
    await seeState(page, 'helper', 'resting');
    await goTo(page, 'Terminals');
    await tab('worker').click();
    await page.keyboard.press('ControlOrMeta+\\');
    await shows('worker', 'The export is written.');
    await shows('helper', 'I help.');
    await page.keyboard.press('ControlOrMeta+Alt+w');
    await expect.poll(() => page.getByRole('tabpanel').count()).toBe(1);
  });

  test('a focused terminal is left by F6, and the tabs are walked by arrows', async () => {
    const { page } = stage;
    await tab('worker').click();
    await terminalOf(page, 'worker').click();
    await page.keyboard.press('F6');
    await expect.poll(() => tab('worker').evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => tab('helper').getAttribute('aria-selected')).toBe('true');
  });
});
