import type { Page } from 'playwright-core';
import { launchChromium } from './chromiumFace.ts';
import type { ConsoleGuard } from './consoleGuard.ts';
import { collectDeeds } from './deeds.ts';
import { type ElectronFace, launchElectron } from './electronFace.ts';
import { type EngineProcess, startEngine } from './engineProcess.ts';
import { currentFace, type Face } from './faces.ts';

/** A room on a repository in the face of this run: what specs that run in both faces start with. */
export interface Room {
  readonly face: Face;
  readonly page: Page;
  readonly console: ConsoleGuard;
  /** Actions that ran in its pages so far, each with by what: `go.mail keyboard`. */
  readonly deeds: ReadonlySet<string>;
  readonly engine: EngineProcess;
  /** The desktop this room is a window of; null in the browser. */
  readonly desktop: ElectronFace | null;
  close(): Promise<void>;
}

export interface RoomOptions {
  readonly face?: Face;
  /** Multiplier of the rehearsal agents' pauses; 0 by default. */
  readonly pace?: string;
}

/** Milliseconds an action or an expected element may take. Rooms answer within one second; the rest is the machine's. */
const PATIENCE_MS = 60_000;

/**
 * Opens the room of a repository that is set up. Both faces look at one `ov serve` of their own: the browser by its link,
 * the desktop by attaching to it.
 */
export async function launchRoom(projectRoot: string, options: RoomOptions = {}): Promise<Room> {
  const face = options.face ?? currentFace();
  const engine = await startEngine(projectRoot, options);
  try {
    const desktop = face === 'electron' ? await launchElectron({ ...options, project: projectRoot }) : null;
    const opened = desktop ?? (await launchChromium(engine.link));
    opened.page.setDefaultTimeout(PATIENCE_MS);
    const deeds = await collectDeeds(opened.page.context(), opened.page);
    return {
      face,
      page: opened.page,
      console: opened.console,
      deeds,
      engine,
      desktop,
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
