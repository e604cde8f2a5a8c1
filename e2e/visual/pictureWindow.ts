import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Locator, type Page } from 'playwright-core';
import { build } from 'vite';
import { ROOT } from '../../scripts/build/layout.ts';
import { prepareTestElectron } from '../../scripts/testElectron/prepare.ts';

/** Address of the page; it is answered from the build, nothing leaves the machine. */
const ORIGIN = 'http://pictures.test';

/** A window of the test Electron with nothing in it: always the same Chromium, whatever browser the machine has. */
const WINDOW = `const { app, BrowserWindow } = require('electron');
app.whenReady().then(() => new BrowserWindow({ useContentSize: true, webPreferences: { sandbox: true } }).loadURL('about:blank'));
`;

/** What makes text and colours the same on every machine. */
const SAME_EVERYWHERE = [
  '--force-device-scale-factor=1',
  '--force-color-profile=srgb',
  '--font-render-hinting=none',
  '--disable-lcd-text',
  '--disable-gpu',
  '--lang=en-US',
];

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The window pictures are taken in. */
export interface PictureWindow {
  readonly page: Page;
  /** Opens a scene (renderer/testing/visual/main.tsx) in a theme at a size. */
  open(scene: string, theme: string, size: Size): Promise<void>;
  close(): Promise<void>;
}

/** Builds the page of the pictures into a folder of its own and opens it in the test Electron. */
export async function openPictureWindow(): Promise<PictureWindow> {
  const folder = await mkdtemp(join(tmpdir(), 'ocr-pictures-'));
  const files = join(folder, 'page');
  await build({
    configFile: join(ROOT, 'scripts/build/visual.config.ts'),
    configLoader: 'native',
    logLevel: 'warn',
    mode: 'production',
    build: { outDir: files },
  });
  const main = join(folder, 'main.cjs');
  await writeFile(main, WINDOW);
  const app = await launch(main, folder);
  const page = await app.firstWindow();
  await page.route(`${ORIGIN}/**`, async (route) => {
    await route.fulfill({ path: join(files, new URL(route.request().url()).pathname) });
  });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  return {
    page,
    async open(scene, theme, size) {
      await page.setViewportSize(size);
      // Another address first: the scene stands behind the #, which alone loads nothing.
      await page.goto('about:blank');
      await page.goto(`${ORIGIN}/visual.html#${new URLSearchParams({ scene, theme })}`);
      // Out of the way: where the system's pointer happens to be must not light anything up.
      await page.mouse.move(0, 0);
      await page.evaluate(() => document.fonts.ready);
    },
    async close() {
      await app.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}

async function launch(main: string, folder: string): Promise<ElectronApplication> {
  const electron = await prepareTestElectron((line) => process.stderr.write(`${line}\n`));
  const environment = Object.entries({ ...process.env, TZ: 'UTC', LANG: 'C.UTF-8' });
  return await _electron.launch({
    executablePath: electron.executable,
    args: [
      main,
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--user-data-dir=${join(folder, 'profile')}`,
      ...SAME_EVERYWHERE,
    ],
    env: Object.fromEntries(environment.filter((pair): pair is [string, string] => pair[1] !== undefined)),
  });
}

/** Pictures taken in vain before something that never comes to rest is reported. */
const ATTEMPTS = 40;

/** Photographs what no longer changes: two pictures in a row are alike to the last byte. */
export async function photograph(target: Page | Locator): Promise<Buffer> {
  const take = async (): Promise<Buffer> => await target.screenshot({ animations: 'disabled', caret: 'hide' });
  let before = await take();
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const now = await take();
    if (now.equals(before)) return now;
    before = now;
  }
  throw new Error(`What is photographed did not come to rest in ${ATTEMPTS} pictures.`);
}
