import type { App, Protocol } from 'electron';

/** Scheme and host of our own pages: `app://control/...` (engineering.md 3.1 #7). */
export const APP_SCHEME = 'app';
export const APP_HOST = 'control';

/**
 * Everything that must happen before `ready`: sandbox for every renderer, our scheme's privileges, the single instance
 * (engineering.md 3.1 #1, #7, #19). Returns false when another instance runs: it has been told, this one must end.
 */
export function prepareApp(app: App, protocol: Protocol): boolean {
  // As root Chromium has no sandbox to offer and starts only with this switch; forcing one then kills every child process.
  // The windows ask for theirs all the same, which keeps Node out of their preloads.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  protocol.registerSchemesAsPrivileged([
    {
      scheme: APP_SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ]);
  return app.requestSingleInstanceLock();
}

/** What a command line asks of the desktop: a project folder, a deep link, or neither. */
export interface LaunchRequest {
  readonly path: string | null;
  readonly link: string | null;
}

/**
 * Reads Electron's arguments. Packaged: everything after the executable; from a checkout: after the app's own path.
 * Switches belong to Chromium and are skipped; `--` only separates.
 */
export function readLaunch(argv: readonly string[], packaged: boolean): LaunchRequest {
  const values = argv.slice(1).filter((argument) => !argument.startsWith('-'));
  if (!packaged) values.shift();
  const link = values.find((value) => value.startsWith('overstory://')) ?? null;
  const path = values.find((value) => !value.startsWith('overstory://')) ?? null;
  return { path, link };
}
