import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCREENS } from '../../renderer/stores/preferences.ts';
import { openBaselines } from './baselines.ts';
import { cutOut } from './comparePictures.ts';
import { openPictureWindow, type PictureWindow, photograph, type Size } from './pictureWindow.ts';

const THEMES = ['dark', 'light'] as const;
/** Pixels. The room as on a small laptop, without and with room for the inspector; the gallery tall, so that nothing scrolls. */
const ROOM: Size = { width: 1_200, height: 700 };
const SMALL: Size = { width: 960, height: 600 };
const GALLERY: Size = { width: 980, height: 3_400 };

const baselines = openBaselines();
let window: PictureWindow;
beforeAll(async () => {
  window = await openPictureWindow();
});
afterAll(async () => {
  await window.close();
});

describe.each(THEMES)('%s', (theme) => {
  test('every component of the gallery looks as it did', async () => {
    await window.open('gallery', theme, GALLERY);
    const gallery = window.page.getByRole('main', { name: 'Component gallery' });
    await gallery.getByRole('region').first().waitFor();
    const problems: string[] = [];
    const all = await photograph(window.page);
    for (const part of await gallery.getByRole('region').all()) {
      // A part holds no region of its own; the heading is its name.
      const title = await part.getByRole('heading').first().innerText();
      const box = await part.boundingBox();
      if (box === null || box.y + box.height > GALLERY.height) throw new Error(`${title} does not fit the picture`);
      const name = `gallery-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}-${theme}`;
      await baselines.check(name, cutOut(all, box)).catch((error: Error) => problems.push(error.message));
    }
    expect(problems).toEqual([]);
  });

  test.each(SCREENS)('%s looks as it did', async (screen) => {
    await window.open(screen, theme, ROOM);
    await window.page.getByRole('navigation', { name: 'Screens' }).waitFor();
    await baselines.check(`${screen}-${theme}`, await photograph(window.page));
  });

  test.each(['merge-conflicts', 'merge-radar', 'health-doctor', 'settings-keys'])(
    'the part %s looks as it did',
    async (scene) => {
      await window.open(scene, theme, ROOM);
      await window.page.getByRole('navigation', { name: 'Screens' }).waitFor();
      await baselines.check(`${scene}-${theme}`, await photograph(window.page));
    },
  );

  test('the fleet in a small window', async () => {
    await window.open('fleet', theme, SMALL);
    await window.page.getByRole('main').waitFor();
    await baselines.check(`fleet-small-${theme}`, await photograph(window.page));
  });

  test('the fleet of an empty room, in a small window', async () => {
    await window.open('fleet-empty', theme, SMALL);
    await window.page.getByRole('main').waitFor();
    await baselines.check(`fleet-empty-${theme}`, await photograph(window.page));
  });

  test.each([
    ['palette', 'Control+k', 'Command palette'],
    ['keys', 'Shift+?', 'Keyboard shortcuts'],
  ] as const)('the dialog of the %s', async (name, keys, title) => {
    await window.open('mail', theme, SMALL);
    await window.page.getByRole('main').waitFor();
    await window.page.keyboard.press(keys);
    const dialog = window.page.getByRole('dialog', { name: title });
    await dialog.waitFor();
    await baselines.check(`${name}-${theme}`, await photograph(dialog));
  });
});

test('every baseline is the picture of something', async () => {
  expect(await baselines.unused()).toEqual([]);
});
