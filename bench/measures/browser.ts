import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../lib/chromium.ts';
import { type BenchEngine, startEngine } from '../lib/engine.ts';
import { type BenchContext, type Measure, row } from '../lib/measure.ts';
import { benchProject } from '../lib/project.ts';
import { agentNames, seedAgents, withStores } from '../lib/seed.ts';
import { median, worst } from '../lib/stats.ts';

const BARE = '<!doctype html><title>bare</title><link rel="icon" href="data:,"><main>agent-01 and nothing else</main>';

interface Load {
  /** Milliseconds since the start of the navigation. */
  readonly paint: number;
  readonly usable: number;
  readonly heapMb: number;
}

/** The room in a browser: first paint, and the first agent on the page. */
export const browser: Measure = {
  name: 'browser',
  title: 'browser room: first paint and room usable, cold and warm, beside a bare page; renderer heap',
  async run(context) {
    const project = await benchProject(context);
    await withStores(project.overstory, (stores) =>
      seedAgents(stores, project.overstory, agentNames(24), 'between_turns'),
    );
    const engine = await startEngine(context, project.root);
    const bareUrl = await serveBare(context);
    const cold: Load[] = [];
    const warm: Load[] = [];
    const bare: Load[] = [];
    for (let round = 0; round < context.pick(6, 2); round += 1) {
      const launched = await launchBrowser(context);
      if (launched === null) return [];
      bare.push(await load(launched, bareUrl));
      const page = await newPage(launched);
      cold.push(await visit(page, await link(engine)));
      warm.push(await visit(page, await link(engine)));
      await launched.close();
    }
    const middle = (loads: readonly Load[], what: keyof Load): number => median(loads.map((one) => one[what]));
    const most = (loads: readonly Load[], what: keyof Load): string => worst(loads.map((one) => one[what])).toFixed(0);
    const line = (name: string, loads: readonly Load[], what: 'paint' | 'usable', value: number) =>
      row({
        name,
        ours: middle(loads, what),
        reference: middle(bare, what),
        unit: 'ms',
        goal: { of: 'ours', is: 'atMost', value },
        note: `ref: a page of one line; worst ${most(loads, what)} ms of ${loads.length}`,
      });
    return [
      line('browser, first paint, empty cache', cold, 'paint', 1_000),
      line('browser, room usable, empty cache', cold, 'usable', 1_500),
      line('browser, room usable, warm', warm, 'usable', 700),
      row({
        name: 'renderer heap, room of 24 resting agents',
        ours: middle(warm, 'heapMb'),
        reference: middle(bare, 'heapMb'),
        unit: 'MB',
        note: 'after a collection; ref: a page of one line',
      }),
    ];
  },
};

async function link(engine: BenchEngine): Promise<string> {
  return (await engine.ask('link')).url;
}

async function newPage(launched: Browser): Promise<Page> {
  return launched.newPage({ viewport: { width: 1280, height: 800 } });
}

async function load(launched: Browser, url: string): Promise<Load> {
  return visit(await newPage(launched), url);
}

/** Opens a link and waits, inside the page, until the first agent stands there. */
async function visit(page: Page, url: string): Promise<Load> {
  // A link differs from the last one in its fragment only, which by itself would load nothing.
  await page.goto('about:blank');
  await page.goto(url, { waitUntil: 'commit' });
  const usable = await page.waitForFunction(
    () => (document.body?.innerText.includes('agent-01') ? performance.now() : false),
    undefined,
    { polling: 'raf', timeout: 30_000 },
  );
  const usableAt = (await usable.jsonValue()) as number;
  const paint = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
  );
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return { paint, usable: usableAt, heapMb: usedSize / 1_000_000 };
}

async function serveBare(context: BenchContext): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
    response.end(BARE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
