import { existsSync } from 'node:fs';
import { chromium, type Page } from 'playwright-core';

/** Where Debian and others put the browser; `CHROMIUM` names another place. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A running browser with one page. */
export interface ChromiumFace {
  readonly page: Page;
  close(): Promise<void>;
}

/** Opens the system's Chromium at a link (environment.md). */
export async function launchChromium(link: string): Promise<ChromiumFace> {
  const executablePath = [process.env.CHROMIUM ?? '', ...PLACES].find((path) => path !== '' && existsSync(path));
  if (executablePath === undefined)
    throw new Error('no Chromium here: install Debian\'s "chromium" or name one by CHROMIUM');
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--no-first-run'],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(link);
  return { page, close: () => browser.close() };
}
