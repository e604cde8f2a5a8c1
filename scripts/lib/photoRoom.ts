import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { RoomClient } from '../../contract/room.ts';
import { launchChromium } from '../../e2e/support/chromiumFace.ts';
import { startEngine } from '../../e2e/support/engineProcess.ts';
import { killTree } from '../../e2e/support/processes.ts';
import { connectToLiveEngine } from '../../main/core/lease/engineClient.ts';
import { findPtyHost } from '../../main/pty-host/client.ts';
import { buildParts } from '../build/buildParts.ts';
import { ROOT } from '../build/layout.ts';
import { createSampleProject } from '../demo/sampleProject.ts';

/** Where pictures are kept. */
const FOLDER = join(ROOT, 'docs/screenshots');
const THEMES = ['dark', 'light'] as const;
export type Theme = (typeof THEMES)[number];
/** A television. */
const WALL: PictureSize = { width: 1920, height: 1080 };

/** Width and height of a window in CSS pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export interface PhotoRoom {
  readonly page: Page;
  readonly client: RoomClient;
  /** Photographs what is in front at this size, dark and light or as told, as `<name>-<theme>-<width>x<height>.png`. */
  take(name: string, size: PictureSize, themes?: readonly Theme[]): Promise<void>;
  /** Photographs every screen of the rail, whichever there are, as `<prefix>-<screen>-…`. */
  takeScreens(prefix: string, size: PictureSize, themes?: readonly Theme[]): Promise<void>;
  /** Photographs the wallboard of this room. */
  takeWallboard(name: string, themes?: readonly Theme[]): Promise<void>;
}

export interface PhotoRoomOptions {
  readonly say: (line: string) => void;
  readonly size: PictureSize;
  /** Pace of the rehearsals. */
  readonly pace: string;
  /** Milliseconds the page may take to show what it is asked for. */
  readonly patienceMs: number;
  /** Changes the fresh sample project before its engine starts. */
  readonly prepare?: (project: string) => Promise<void>;
}

/** Opens a browser room on a fresh sample project, lets `work` photograph it, and leaves nothing running. */
export async function withPhotoRoom(
  options: PhotoRoomOptions,
  work: (room: PhotoRoom) => Promise<void>,
): Promise<void> {
  await buildParts({ say: options.say, strict: true });
  await mkdir(FOLDER, { recursive: true });
  const home = await realpath(await mkdtemp(join(tmpdir(), 'ocr-pictures-')));
  // A list of projects of its own: what else is on this machine is nobody's business.
  process.env.XDG_DATA_HOME = join(home, 'data');
  const project = join(home, 'billing-service');
  await createSampleProject(project, async () => {});
  await options.prepare?.(project);
  const engine = await startEngine(project, { pace: options.pace });
  const room = await launchChromium(engine.link, { size: options.size });
  const { page } = room;
  page.setDefaultTimeout(options.patienceMs);
  try {
    const client = await connect(project);
    const photograph = async (one: Page, name: string, size: PictureSize, themes: readonly Theme[]): Promise<void> => {
      await one.setViewportSize(size);
      for (const theme of themes) {
        await one.emulateMedia({ colorScheme: theme });
        // Taking a picture makes the page draw what it knows, the next one shows it: charts follow a theme one frame late.
        await one.screenshot();
        const file = `${name}-${theme}-${size.width}x${size.height}.png`;
        await one.screenshot({ path: join(FOLDER, file), animations: 'disabled' });
        options.say(file);
      }
    };
    await work({
      page,
      client,
      take: (name, size, themes = THEMES) => photograph(page, name, size, themes),
      async takeScreens(prefix, size, themes = THEMES) {
        const rail = page.getByRole('navigation', { name: 'Screens' }).locator('[data-screen]');
        for (let index = 0; index < (await rail.count()); index += 1) {
          const screen = await rail.nth(index).getAttribute('data-screen');
          await rail.nth(index).click();
          await page.mouse.move(0, size.height - 1);
          await settled(page);
          await photograph(page, `${prefix}-${screen}`, size, themes);
        }
      },
      async takeWallboard(name, themes = THEMES) {
        const link = await client.call('engine.browserLink', { scope: 'read', view: 'wallboard' });
        if (!link.ok) throw new Error(link.error.message);
        const wall = await page.context().newPage();
        await wall.goto(link.value.url);
        await wall.getByRole('region', { name: 'Agents' }).waitFor();
        await settled(wall);
        await photograph(wall, name, WALL, themes);
        await wall.close();
      },
    });
    client.close();
  } finally {
    await room.close();
    await engine.stop();
    const host = await findPtyHost(project);
    if (host !== null) await killTree(host.pid);
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

async function connect(project: string): Promise<RoomClient> {
  const client = await connectToLiveEngine(project);
  if (!client.ok) throw new Error(client.error.message);
  if (client.value === null) throw new Error('the engine ended right after its start');
  return client.value;
}

/** Waits until nothing on the page says that it is still loading. */
async function settled(page: Page): Promise<void> {
  for (const busy of await page.locator('[aria-busy="true"]').all()) await busy.waitFor({ state: 'detached' });
}
