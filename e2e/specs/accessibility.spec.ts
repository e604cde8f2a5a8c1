import { describe, expect, test } from 'vitest';
import { SCREENS } from '../../renderer/stores/preferences.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { currentFace } from '../support/faces.ts';
import { useStage } from '../support/stage.ts';

describe(`accessibility in ${currentFace()}`, () => {
  const stage = useStage();

  /** What has the keyboard, by its role and name. */
  async function focused(): Promise<string> {
    return await stage.page.evaluate(() => {
      const element = document.activeElement;
      return element === null
        ? ''
        : `${element.getAttribute('role') ?? element.tagName} ${element.textContent?.trim() ?? ''}`;
    });
  }

  /** The screen the rail marks as the one in front. */
  async function currentScreen(): Promise<string> {
    const rail = stage.page.getByRole('navigation', { name: 'Screens' });
    return ((await rail.locator('[aria-current="page"]').textContent()) ?? '').toLowerCase();
  }

  describe.each(['dark', 'light'] as const)('in the %s theme', (theme) => {
    test('nothing is wrong with any screen', async () => {
      const { page } = stage;
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      const problems: string[] = [];
      for (const [index, screen] of SCREENS.entries()) {
        await page.keyboard.press(`ControlOrMeta+${index + 1}`);
        await expect.poll(currentScreen).toContain(screen);
        for (const problem of await accessibilityProblems(page)) problems.push(`${screen}: ${problem}`);
      }
      expect(problems).toEqual([]);
    });

    test('nothing is wrong with palette and dialogs, and the keyboard comes back from them', async () => {
      const { page } = stage;
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      const rail = page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Mail' });
      for (const [keys, title] of [
        ['ControlOrMeta+k', 'Command palette'],
        ['?', 'Keyboard shortcuts'],
      ] as const) {
        await rail.focus();
        const before = await focused();
        await page.keyboard.press(keys);
        const dialog = page.getByRole('dialog', { name: title });
        await dialog.waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'hidden' });
        await expect.poll(focused).toBe(before);
      }
    });
  });

  test('every screen is reached by the keyboard alone, and what has the keyboard is visible', async () => {
    const { page } = stage;
    for (const [index, screen] of SCREENS.entries()) {
      await page.keyboard.press(`ControlOrMeta+${index + 1}`);
      await expect.poll(currentScreen).toContain(screen);
      await page.keyboard.press('Tab');
      const unseen = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return 'nothing has the keyboard';
        return getComputedStyle(element).outlineStyle === 'none' ? element.outerHTML.slice(0, 200) : null;
      });
      expect(unseen, `the first stop on ${screen}`).toBeNull();
    }
  });

  test('at 200 % zoom of a small window every control can still be reached', async () => {
    const { page } = stage;
    const before = page.viewportSize();
    // 1280x800 at 200 % leaves 640x400 CSS pixels.
    await page.setViewportSize({ width: 640, height: 400 });
    for (const [index, screen] of SCREENS.entries()) {
      await page.keyboard.press(`ControlOrMeta+${index + 1}`);
      const lost = await page.evaluate(() => {
        const reachable = (element: Element): boolean => {
          element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
          const box = element.getBoundingClientRect();
          return box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
        };
        return [...document.querySelectorAll('button, input, select, textarea, [tabindex="0"]')]
          .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !reachable(element))
          .map((element) => element.outerHTML.slice(0, 120));
      });
      expect(lost, screen).toEqual([]);
    }
    await page.setViewportSize(before ?? { width: 1280, height: 800 });
  });
});
