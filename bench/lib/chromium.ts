import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import type { BenchContext } from './measure.ts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--no-first-run'];

/** Starts a browser that ends with the measure; null, and a line that says so, where there is none. */
export async function launchBrowser(context: BenchContext): Promise<Browser | null> {
  const executablePath = [process.env.CHROMIUM ?? '', ...PLACES].find((path) => path !== '' && existsSync(path));
  if (executablePath === undefined) {
    context.say('  no Chromium here: the browser is not measured');
    return null;
  }
  const launched = await chromium.launch({ executablePath, args: FLAGS });
  context.defer(() => launched.close());
  return launched;
}
