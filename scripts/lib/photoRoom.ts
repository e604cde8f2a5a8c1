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

/** Width and height of a window in CSS pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export interface PhotoRoom {
  readonly page: Page;
  readonly client: RoomClient;
  /** Photographs what is in front at this size, dark and light, as `<name>-<theme>-<width>x<height>.png`. */
  take(name: string, size: PictureSize): Promise<void>;
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
  const project = join(home, 'billing-service');
  await createSampleProject(project, async () => {});
  await options.prepare?.(project);
  const engine = await startEngine(project, { pace: options.pace });
  const room = await launchChromium(engine.link, { size: options.size });
  const { page } = room;
  page.setDefaultTimeout(options.patienceMs);
  try {
    const client = await connect(project);
    await work({
      page,
      client,
      async take(name, size) {
        await page.setViewportSize(size);
        for (const theme of THEMES) {
          await page.emulateMedia({ colorScheme: theme });
          // Taking a picture makes the page draw what it knows, the next one shows it: charts follow a theme one frame late.
          await page.screenshot();
          const file = `${name}-${theme}-${size.width}x${size.height}.png`;
          await page.screenshot({ path: join(FOLDER, file), animations: 'disabled' });
          options.say(file);
        }
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
