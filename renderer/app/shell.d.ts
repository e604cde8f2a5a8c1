import type { DesktopShell } from '../../contract/shell.ts';

declare global {
  interface Window {
    /** Put there by the preload of the desktop app; absent in a browser. */
    readonly shell?: DesktopShell;
  }
}
