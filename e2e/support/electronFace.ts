import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { prepareTestElectron } from '../../scripts/testElectron/prepare.ts';
import { type ConsoleGuard, guardConsole } from './consoleGuard.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** A running desktop room. */
export interface ElectronFace {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly console: ConsoleGuard;
  /** Folder of its settings, of its own for every launch unless one is handed in. */
  readonly userData: string;
  /** Quits; agents that work go on in the background, which is what its question is answered with. */
  close(): Promise<void>;
}

/**
 * Starts the built desktop on the test Electron. Its engine runs under this Node, as with `npm start`.
 * @param project repository to open; none shows the start screen.
 */
export async function launchElectron(
  options: { readonly project?: string; readonly userData?: string; readonly pace?: string } = {},
): Promise<ElectronFace> {
  const electron = await prepareTestElectron((line) => process.stderr.write(`${line}\n`));
  const userData = options.userData ?? (await mkdtemp(join(tmpdir(), 'ocr-desktop-')));
  const environment = Object.entries({
    ...process.env,
    OVERSTORY_NODE: process.execPath,
    OVERSTORY_REHEARSAL_PACE: options.pace ?? '0',
  });
  const app = await _electron.launch({
    executablePath: electron.executable,
    args: [
      join(ROOT, 'dist/main/electron.js'),
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--user-data-dir=${userData}`,
      ...(options.project === undefined ? [] : [options.project]),
    ],
    cwd: ROOT,
    env: Object.fromEntries(environment.filter((pair): pair is [string, string] => pair[1] !== undefined)),
  });
  const console = guardConsole(app.context());
  const page = await app.firstWindow();
  return {
    app,
    page,
    console,
    userData,
    async close() {
      await app.evaluate(({ dialog }) => {
        // The first button, "Keep running in background", without anybody there to press it.
        dialog.showMessageBox = async () => ({ response: 0, checkboxChecked: false });
      });
      await app.close();
      if (options.userData === undefined) await rm(userData, { recursive: true, force: true });
    },
  };
}
