import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { currentFace } from '../support/faces.ts';
import { goTo, terminalOf } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

describe(`Windows of one terminal in ${currentFace()}`, () => {
  const stage = useStage();
  const shows = (page: Page, words: string) =>
    expect.poll(() => terminalOf(page, 'shell').innerText()).toContain(words);
  /** Does something and gives the window it opens. */
  const opened = async (act: () => Promise<void>): Promise<Page> => {
    const coming = stage.page.context().waitForEvent('page');
    await act();
    return coming;
  };

  test('a terminal goes into a window of its own, with what it shows, and is typed into there', async () => {
    const { page } = stage;
    await goTo(page, 'Terminals');
    await page.getByRole('button', { name: 'Open a shell' }).click();
    await terminalOf(page, 'shell').click();
    await page.keyboard.type('echo "before $((1+2))"\n');
    await shows(page, 'before 3');
    const window = await opened(() => page.getByRole('button', { name: 'Open in a window of its own' }).click());
    await page.getByText('In a window of its own', { exact: true }).waitFor();
    await shows(window, 'before 3');
    await terminalOf(window, 'shell').click();
    await window.keyboard.type('echo "inside $((3+4))"\n');
    await shows(window, 'inside 7');
    await expect.poll(() => window.getByRole('navigation', { name: 'Screens' }).count()).toBe(0);
  });

  test('it is brought back with what was typed meanwhile', async () => {
    const { page } = stage;
    const window = page
      .context()
      .pages()
      .find((other) => other !== page);
    if (window === undefined) throw new Error('the terminal has no window');
    const closed = window.waitForEvent('close');
    await page.getByRole('button', { name: 'Bring it back' }).click();
    await closed;
    await shows(page, 'inside 7');
  });

  test('by keyboard as well, and it comes back when its window is closed', async () => {
    const { page } = stage;
    await terminalOf(page, 'shell').click();
    const window = await opened(() => page.keyboard.press('ControlOrMeta+Alt+n'));
    await shows(window, 'inside 7');
    await page.getByText('In a window of its own', { exact: true }).waitFor();
    await window.close();
    await shows(page, 'inside 7');
    await stage.did(['terminal.popOut'], 'mouse');
    await stage.did(['terminal.popOut'], 'keyboard');
  });
});
