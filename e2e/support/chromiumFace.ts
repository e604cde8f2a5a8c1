import { existsSync } from 'node:fs';
import { chromium, type Page } from 'playwright-core';
import { type ConsoleGuard, guardConsole } from './consoleGuard.ts';

/** Where Debian and others put the browser; `CHROMIUM` names another place. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A running browser with one page. */
export interface ChromiumFace {
  readonly page: Page;
  readonly console: ConsoleGuard;
  close(): Promise<void>;
}

export interface ChromiumOptions {
  readonly size?: { readonly width: number; readonly height: number };
}

/** Opens the system's Chromium at a link (environment.md). */
export async function launchChromium(link: string, options: ChromiumOptions = {}): Promise<ChromiumFace> {
  const executablePath = [process.env.CHROMIUM ?? '', ...PLACES].find((path) => path !== '' && existsSync(path));
  if (executablePath === undefined)
    throw new Error('no Chromium here: install Debian\'s "chromium" or name one by CHROMIUM');
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--no-first-run'],
  });
  try {
    const context = await browser.newContext({ viewport: options.size ?? { width: 1280, height: 800 } });
    const console = guardConsole(context);
    const page = await context.newPage();
    await page.goto(link);
    return { page, console, close: () => browser.close() };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
