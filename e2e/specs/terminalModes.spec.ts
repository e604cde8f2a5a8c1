import { describe, expect, test } from 'vitest';
import { currentFace } from '../support/faces.ts';
import { goTo, runCommand, terminalOf } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

describe(`Terminal modes in ${currentFace()}`, () => {
  const stage = useStage();
  const shows = async (name: string, words: string): Promise<void> => {
    await expect.poll(() => terminalOf(stage.page, name).innerText()).toContain(words);
  };
  /** The only shell in sight, whichever of them it is. */
  const shell = () => stage.page.getByRole('group', { name: /^Terminal of shell/ });
  const shellShows = (words: string) => expect.poll(() => shell().innerText()).toContain(words);
  const tab = (name: string) => stage.page.getByRole('tablist', { name: 'Terminals' }).getByRole('tab', { name });
  const panels = () => stage.page.getByRole('tabpanel');
  /** What the page would put on the clipboard, in its order; the machine's own clipboard is left alone. */
  const copied = (): Promise<string[]> =>
    stage.page.evaluate(() => (window as unknown as { copied: string[] }).copied ?? []);
  const watchClipboard = () =>
    stage.page.evaluate(() => {
      const texts: string[] = [];
      Object.assign(window, { copied: texts });
      navigator.clipboard.writeText = async (text) => void texts.push(text);
    });
  const openShell = async (): Promise<void> => {
    const { page } = stage;
    const before = await page.getByRole('tab').count();
    await page.getByRole('button', { name: 'New shell' }).click();
    await page.getByRole('menuitem', { name: 'Shell in the project' }).click();
    await expect.poll(() => page.getByRole('tab').count()).toBe(before + 1);
  };
  /** Lets a program that is not the shell ask, as an agent's would. */
  const typeLine = (line: string) => stage.page.keyboard.type(`${line}\n`);

  test('the screen is divided and joined by keyboard, and comes back so after loading again', async () => {
    const { page } = stage;
    await goTo(page, 'Terminals');
    await page.getByRole('button', { name: 'Open a shell' }).click();
    await tab('shell').waitFor();
    await openShell();
    await openShell();
    await page.keyboard.press('ControlOrMeta+\\');
    await expect.poll(() => panels().count()).toBe(2);
    await page.keyboard.press('ControlOrMeta+Alt+\\');
    await expect.poll(() => panels().count()).toBe(3);
    await page.getByRole('separator', { name: 'Width of the left terminals' }).waitFor();
    await page.getByRole('separator', { name: 'Height of the upper terminals' }).waitFor();
    await page.reload();
    await expect.poll(() => panels().count()).toBe(3);
  });

  test('the keyboard goes from pane to pane, and a pane is closed by mouse', async () => {
    const { page } = stage;
    const inUse = () =>
      page.getByRole('tab').evaluateAll((tabs) => tabs.findIndex((one) => one.ariaSelected === 'true'));
    const first = await inUse();
    await page.keyboard.press('ControlOrMeta+Alt+ArrowDown');
    await expect.poll(inUse).not.toBe(first);
    await page.keyboard.press('ControlOrMeta+Alt+ArrowUp');
    await expect.poll(inUse).toBe(first);
    await panels().nth(2).getByRole('button', { name: 'Close this pane' }).click();
    await expect.poll(() => panels().count()).toBe(2);
  });

  test('what is typed goes to every terminal of a broadcast, until Escape', async () => {
    const { page } = stage;
    await runCommand(page, 'Type into several terminals');
    const dialog = page.getByRole('dialog', { name: 'Type into several terminals' });
    await dialog.getByRole('button', { name: 'Type into 3' }).click();
    await page.getByText('what you type goes to 3 terminals').waitFor();
    await typeLine('echo "all $((6*7))"');
    for (const pane of [0, 1]) await expect.poll(() => panels().nth(pane).innerText()).toContain('all 42');
    await page.keyboard.press('Escape');
    await page.getByText('what you type goes to 3 terminals').waitFor({ state: 'detached' });
    await typeLine('echo "one $((6*8))"');
    await expect
      .poll(async () => (await panels().allInnerTexts()).filter((text) => text.includes('one 48')).length)
      .toBe(1);
    await runCommand(page, 'End the split');
    await expect.poll(() => panels().count()).toBe(1);
    await shellShows('one 48');
  });

  test('a selection is made and copied by keyboard', async () => {
    const { page } = stage;
    await watchClipboard();
    await shell().click();
    await typeLine("clear; printf 'alpha beta gamma\\n'");
    await shellShows('alpha beta gamma');
    await page.keyboard.press('ControlOrMeta+Shift+m');
    await page.getByText('Copy mode', { exact: true }).waitFor();
    for (const key of ['g', 'w', 'v', 'w', 'ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key);
    await page.getByText('4 selected').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Copy mode', { exact: true }).waitFor({ state: 'detached' });
    await expect.poll(copied).toEqual(['beta']);
    await typeLine('echo "still $((2+3))"');
    await shellShows('still 5');
    await page.keyboard.press('ControlOrMeta+Shift+m');
    await page.keyboard.press('Escape');
    await page.getByText('Copy mode', { exact: true }).waitFor({ state: 'detached' });
  });

  test('a program gets the clipboard only after a person agreed, and is not asked about again once refused', async () => {
    const { page } = stage;
    await watchClipboard();
    const ask = (text: string) => typeLine(`printf '\\033]52;c;${Buffer.from(text).toString('base64')}\\007'`);
    const dialog = page.getByRole('dialog', { name: /^Let shell.* use the clipboard\?$/ });
    await ask('from a program');
    await dialog.getByText('from a program').waitFor();
    await dialog.getByRole('button', { name: 'Copy' }).click();
    await expect.poll(copied).toEqual(['from a program']);
    await shell().click();
    await ask('once more');
    await dialog.getByRole('button', { name: 'Refuse' }).click();
    await dialog.waitFor({ state: 'detached' });
    await shell().click();
    await ask('nagging');
    await typeLine('echo "after $((1+8))"');
    await shellShows('after 9');
    await expect.poll(() => dialog.count()).toBe(0);
    expect(await copied()).toEqual(['from a program']);
  });

  test('an agent’s turns are read, folded by keyboard and beside its terminal', async () => {
    const { page, repository } = stage;
    await repository.sling('worker', {
      start: [{ say: 'I write the export.' }, { write: { path: 'export.txt', content: 'a\nb\n' } }, { say: 'Done.' }],
    });
    await tab('worker').click();
    await page.getByRole('button', { name: 'Show agents as' }).click();
    await page.getByRole('menuitem', { name: 'Transcript', exact: true }).click();
    const tree = page.getByRole('tree', { name: 'Transcript of worker' });
    await tree.getByText('Done.', { exact: true }).waitFor();
    await tree.getByRole('treeitem', { name: /Turn 1/ }).waitFor();
    await tree.getByText('+2').waitFor();
    await tree.focus();
    await page.keyboard.press('-');
    await expect.poll(() => tree.getByRole('treeitem').count()).toBe(1);
    await page.keyboard.press('ArrowRight');
    await tree.getByText('I write the export.', { exact: true }).waitFor();
    await page.keyboard.press('ControlOrMeta+Alt+r');
    await shows('worker', 'I write the export.');
    await tree.waitFor();
    await page.keyboard.press('ControlOrMeta+Alt+r');
    await tree.waitFor({ state: 'detached' });
    await shows('worker', 'Done.');
  });
});
