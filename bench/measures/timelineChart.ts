import type { Page } from 'playwright-core';
import type { NewEvent } from '../../main/core/events/eventRow.ts';
import { timestamp } from '../../main/platform/clock.ts';
import { favourPages, launchBrowser } from '../lib/chromium.ts';
import { startEngine } from '../lib/engine.ts';
import { type Measure, type Row, row } from '../lib/measure.ts';
import { placeProbe } from '../lib/pageProbe.ts';
import { benchProject } from '../lib/project.ts';
import { agentNames, seedAgents, withStores } from '../lib/seed.ts';
import { median, p95, p99, worst } from '../lib/stats.ts';
import { loadEvents } from '../lib/timelinePage.ts';

const LANES = 50;
const EVENTS = 10_000;
/** Milliseconds a frame at 60 Hz has. */
const FRAME_MS = 16;
/** Pixels of the chart's height in which all lanes are in sight, beside what else stands on the page. */
const VIEWPORT = { width: 1_600, height: 1_950 };

declare global {
  interface Window {
    /** Milliseconds of each frame's work in which the chart was drawn. */
    draws: number[];
  }
}

/** The Timeline's chart with everything in sight, dragged and zoomed as by a person. */
export const timelineChart: Measure = {
  name: 'timeline-chart',
  title: `drawing a frame of the Timeline while it is moved and zoomed, ${LANES} lanes, 10,000 events in sight`,
  async run(context) {
    const browser = await launchBrowser(context);
    if (browser === null) return [];
    const project = await benchProject(context);
    const names = agentNames(LANES);
    await withStores(project.overstory, async (stores) => {
      await seedAgents(stores, project.overstory, names, 'between_turns');
      for (let from = 0; from < EVENTS; from += 500)
        stores.events.insertMany(Array.from({ length: 500 }, (_, index) => eventAt(from + index, names)));
    });
    const engine = await startEngine(context, project.root);
    const page = await browser.newPage({ viewport: VIEWPORT });
    await placeDrawProbe(page);
    await page.goto((await engine.ask('link')).url);
    await page.click('nav [data-screen="timeline"]');
    await placeProbe(page);
    await loadEvents(page, EVENTS);
    await page.getByRole('button', { name: 'Show all of it' }).click();
    const favoured = await favourPages(browser);
    const steps = context.pick(240, 80);
    const moved = await watched(page, () => drag(page, steps));
    const zoomed = await watched(page, () => zoom(page, steps));
    const how = favoured ? 'the page before all other work of the machine' : 'waiting for a processor included';
    const drawn = (name: string, { draws, frames }: Watched): Row =>
      row({
        name: `timeline, a frame while ${name}, ${LANES} lanes, ${EVENTS / 1_000}k events, p95`,
        ours: p95(draws),
        unit: 'ms',
        goal: { of: 'ours', is: 'atMost', value: FRAME_MS },
        note: `drawing only: p50 ${median(draws).toFixed(1)}, p99 ${p99(draws).toFixed(1)}, max ${worst(draws).toFixed(1)} ms of ${draws.length}, ${how}; time between frames p95 ${p95(frames).toFixed(1)} ms (software graphics)`,
      });
    return [drawn('moving', moved), drawn('zooming', zoomed)];
  },
};

/** What each agent does in turn: a turn of tool calls with a mail, a question, and now and then a failure or a merge. */
const ROUND: readonly Pick<NewEvent, 'eventType' | 'toolName' | 'data' | 'level'>[] = [
  { eventType: 'turn_start', data: '{"number":1}' },
  { eventType: 'tool_start', toolName: 'Read' },
  { eventType: 'tool_start', toolName: 'Edit' },
  { eventType: 'tool_start', toolName: 'Bash' },
  { eventType: 'tool_end', level: 'error', data: '{"isError":true}' },
  { eventType: 'mail_sent' },
  { eventType: 'tool_start', toolName: 'Edit' },
  { eventType: 'turn_end', data: '{"summary":"turn ended","durationMs":9000}' },
  { eventType: 'custom', data: '{"type":"state","state":"needsYou"}' },
  { eventType: 'custom', data: '{"type":"merge","summary":"merged"}' },
];

/** The event of an index, oldest first, spread over the last hour and over all agents. */
function eventAt(index: number, names: readonly string[]): NewEvent {
  const round = Math.floor(index / names.length);
  const to = names[(index * 7 + round) % names.length] ?? '';
  return {
    data: `{"to":"${to}","subject":"Report ${index}"}`,
    ...(ROUND[round % ROUND.length] ?? { eventType: 'progress' }),
    agentName: names[index % names.length] ?? '',
    createdAt: timestamp(Date.now() - Math.floor((3_600_000 * (EVENTS - index)) / EVENTS)),
  };
}

interface Watched {
  readonly draws: readonly number[];
  readonly frames: readonly number[];
}

/** Times the work of each frame that clears a canvas, as drawing the chart does first. Must be called before the page is loaded. */
async function placeDrawProbe(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.draws = [];
    let cleared = false;
    const clear = CanvasRenderingContext2D.prototype.clearRect;
    CanvasRenderingContext2D.prototype.clearRect = function (...box) {
      cleared = true;
      clear.apply(this, box);
    };
    const request = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (callback) =>
      request((time) => {
        cleared = false;
        const start = performance.now();
        callback(time);
        if (cleared) window.draws.push(performance.now() - start);
      });
  });
}

async function watched(page: Page, work: () => Promise<void>): Promise<Watched> {
  await page.evaluate(() => {
    window.draws = [];
  });
  let frames: number[] = [];
  let on = true;
  const watching = (async () => {
    while (on) frames = [...frames, ...(await page.evaluate(() => window.probe.frames(500))).slice(2)];
  })();
  await work();
  on = false;
  await watching;
  return { draws: await page.evaluate(() => window.draws), frames };
}

/** Where the pointer works: the middle of the chart. */
async function middle(page: Page): Promise<{ readonly x: number; readonly y: number }> {
  const box = await page.locator('[role="application"][aria-label^="Lanes"]').boundingBox();
  if (box === null) throw new Error('the Timeline has no chart');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** To and fro by a quarter of the width, so that nearly everything stays in sight. */
async function drag(page: Page, steps: number): Promise<void> {
  const { x, y } = await middle(page);
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let step = 1; step <= steps; step += 1) await page.mouse.move(x + 250 * Math.sin(step / 10), y);
  await page.mouse.move(x, y);
  await page.mouse.up();
}

/** Five notches in and five out, again and again. */
async function zoom(page: Page, steps: number): Promise<void> {
  const { x, y } = await middle(page);
  await page.mouse.move(x, y);
  for (let step = 0; step < steps; step += 1) await page.mouse.wheel(0, Math.floor(step / 5) % 2 === 0 ? -60 : 60);
}
