import type { App, Session, WebContents } from 'electron';
import { APP_ORIGIN } from '../../contract/shell.ts';

/** Permissions that our own page may have; all others are refused (engineering.md 3.1 #13). */
const ALLOWED_PERMISSIONS: ReadonlySet<string> = new Set(['clipboard-sanitized-write', 'notifications']);

/** True when a page of this origin may have this permission. */
export function isPermissionAllowed(permission: string, origin: string): boolean {
  return ALLOWED_PERMISSIONS.has(permission) && originOf(origin) === APP_ORIGIN;
}

/** True for the addresses a window of ours may load: the interface needs no network (engineering.md 3.1 #14). */
export function isRequestAllowed(address: string): boolean {
  if (address.startsWith('data:') || address.startsWith('devtools:')) return true;
  if (address.startsWith('blob:')) return originOf(address.slice('blob:'.length)) === APP_ORIGIN;
  return originOf(address) === APP_ORIGIN;
}

/** Scheme and host of an address. `URL.origin` is `null` for schemes that are not the web's, hence by hand. */
function originOf(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  return `${url.protocol}//${url.host}`;
}

/** Installs the rules of a session: permissions, devices, network, downloads (engineering.md 3.1 #13 to #15). */
export function secureSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(isPermissionAllowed(permission, details.requestingUrl));
  });
  session.setPermissionCheckHandler((_contents, permission, origin) => isPermissionAllowed(permission, origin));
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isRequestAllowed(details.url) }));
  session.on('will-download', (event) => event.preventDefault());
}

/**
 * Installs the rules of every page that is ever created: it never navigates, never opens a window, never holds a
 * webview (engineering.md 3.1 #5, #10, #11). Links leave through `openLink`, which has rules of its own.
 */
export function secureContents(app: Pick<App, 'on'>, openLink: (address: string) => void): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-frame-navigate', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      openLink(url);
      return { action: 'deny' };
    });
  });
}
