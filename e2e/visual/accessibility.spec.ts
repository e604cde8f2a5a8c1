import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCREENS } from '../../renderer/stores/preferences.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { openPictureWindow, type PictureWindow } from './pictureWindow.ts';

const SIZE = { width: 1_200, height: 700 } as const;

let window: PictureWindow;
beforeAll(async () => {
  window = await openPictureWindow();
});
afterAll(async () => {
  await window.close();
});

async function see(scene: string, theme: string): Promise<void> {
  await window.open(scene, theme, SIZE);
  await window.page.getByRole('main').waitFor();
}

describe.each(['dark', 'light'])('%s', (theme) => {
  test.each(SCREENS.flatMap((screen) => (theme === 'dark' ? [screen, `${screen}-empty`] : [screen])))(
    'nothing is wrong with %s',
    async (scene) => {
      await see(scene, theme);
      expect(await accessibilityProblems(window.page)).toEqual([]);
    },
  );

  test('nothing is wrong with the gallery', async () => {
    await see('gallery', theme);
    expect(await accessibilityProblems(window.page)).toEqual([]);
  });

  test('nothing is wrong with palette, dialog and menu while they are open', async () => {
    await see('fleet', theme);
    const { page } = window;
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Command palette' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('treeitem', { name: /csv-writer/ }).click({ button: 'right' });
    await page.getByRole('menu').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});
