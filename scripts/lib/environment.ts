import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** True when a window could be shown: a display server on Linux, always on macOS and Windows. */
export function hasDisplay(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
): boolean {
  if (platform === 'darwin' || platform === 'win32') return true;
  return (environment.DISPLAY ?? '') !== '' || (environment.WAYLAND_DISPLAY ?? '') !== '';
}

/** Path of Electron's executable below its folder. */
export function electronExecutable(folder: string, platform: string = process.platform): string {
  if (platform === 'darwin') return join(folder, 'Electron.app/Contents/MacOS/Electron');
  return join(folder, platform === 'win32' ? 'electron.exe' : 'electron');
}

/**
 * Executable of an Electron that is here already: the folder named by `ELECTRON_OVERRIDE_DIST_PATH`, else the binary of
 * the installed package; null when there is none. Looks at files only: the package's own entry would start a download.
 */
export function findElectron(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): { readonly executable: string; readonly folder: string } | null {
  const override = environment.ELECTRON_OVERRIDE_DIST_PATH ?? '';
  const folder = override === '' ? packageFolder() : override;
  if (folder === null) return null;
  const executable = electronExecutable(folder);
  return existsSync(executable) ? { executable, folder } : null;
}

function packageFolder(): string | null {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('electron/package.json')), 'dist');
  } catch {
    // Not installed, for instance after `npm ci --omit=dev`: the browser room needs none.
    return null;
  }
}
