import type { Page } from 'playwright-core';
import { launchChromium } from './chromiumFace.ts';
import { launchElectron } from './electronFace.ts';
import { startEngine } from './engineProcess.ts';
import { currentFace, type Face } from './faces.ts';

/** A room on a repository in the face of this run: what specs that run in both faces start with. */
export interface Room {
  readonly face: Face;
  readonly page: Page;
  close(): Promise<void>;
}

/**
 * Opens the room of a repository that is set up. Both faces look at one `ov serve` of their own: the browser by its link,
 * the desktop by attaching to it.
 */
export async function launchRoom(projectRoot: string, face: Face = currentFace()): Promise<Room> {
  const engine = await startEngine(projectRoot);
  try {
    const opened =
      face === 'electron' ? await launchElectron({ project: projectRoot }) : await launchChromium(engine.link);
    return {
      face,
      page: opened.page,
      async close() {
        await opened.close();
        await engine.stop();
      },
    };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}
