import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import type { BenchContext } from './measure.ts';
import { execute } from './processes.ts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** Switches of every browser the bench starts. */
export const FLAGS = ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--no-first-run'];

/** The system's Chromium, or the one that `CHROMIUM` names; null, and a line that says so, where there is none. */
export function findChromium(context: BenchContext): string | null {
  const path = [process.env.CHROMIUM ?? '', ...PLACES].find((one) => one !== '' && existsSync(one));
  if (path === undefined) context.say('  no Chromium here: the browser is not measured');
  return path ?? null;
}

/** Starts a browser that ends with the measure; null where there is none. */
export async function launchBrowser(context: BenchContext): Promise<Browser | null> {
  const executablePath = findChromium(context);
  if (executablePath === null) return null;
  const launched = await chromium.launch({ executablePath, args: FLAGS });
  context.defer(() => launched.close());
  return launched;
}

/**
 * Puts the threads that run pages before all other work of the machine, so that what a page's script takes is its own
 * work and not its waiting for a processor. Gives false where that is not allowed: it takes a superuser.
 */
export async function favourPages(browser: Browser): Promise<boolean> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  try {
    for (const { type, id } of processInfo)
      if (type === 'renderer') await execute('chrt', ['--rr', '--pid', '1', String(id)], '/');
    return true;
  } catch {
    // Not allowed, or no such program: the rows say which of both was measured.
    return false;
  }
}
