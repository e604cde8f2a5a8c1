/**
 * `npm run screenshots`: carries the demo's run through a browser room and photographs the five screens at telling
 * moments, dark and light, in two sizes, into docs/screenshots.
 */
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { RoomClient } from '../contract/room.ts';
import { launchChromium } from '../e2e/support/chromiumFace.ts';
import { startEngine } from '../e2e/support/engineProcess.ts';
import { killTree } from '../e2e/support/processes.ts';
import { fleetRow, goTo, openFolder, type ScreenName, threadRow } from '../e2e/support/screen.ts';
import { connectToLiveEngine } from '../main/core/lease/engineClient.ts';
import { requireNodeApi } from '../main/platform/nodeApiGuard.ts';
import { findPtyHost } from '../main/pty-host/client.ts';
import { buildParts } from './build/buildParts.ts';
import { ROOT } from './build/layout.ts';
import { createSampleProject, readSpecText } from './demo/sampleProject.ts';
import { BACKLOG, OTHER_SPECS, TASKS } from './demo/specs.ts';
import { stop } from './lib/run.ts';

const FOLDER = join(ROOT, 'docs/screenshots');
const SIZES = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;
const THEMES = ['dark', 'light'] as const;
/** Pace of the rehearsals: slow enough for a series of pictures of one moment. */
const PACE = '6';
/** The builder whose terminal is shown while it works. */
const WRITER = 'csv-writer';
/** Milliseconds a moment of the run may take to come. */
const MOMENT_MS = 180_000;
/** Merged tasks at which the board has cards in most columns. */
const MID_RUN = 2;
/** Merged tasks at which the timeline has nearly everything on it. */
const NEARLY_ALL = 5;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

requireNodeApi('screenshots');
process.env.NODE_ENV ??= 'production';
try {
  await takeAll();
} catch (error) {
  stop('screenshots', error);
}

async function takeAll(): Promise<void> {
  await buildParts({ say, strict: true });
  await mkdir(FOLDER, { recursive: true });
  const home = await realpath(await mkdtemp(join(tmpdir(), 'ocr-screens-')));
  const project = join(home, 'billing-service');
  await createSampleProject(project, async () => {});
  const engine = await startEngine(project, { pace: PACE });
  const room = await launchChromium(engine.link, { size: SIZES[0] });
  const { page } = room;
  page.setDefaultTimeout(MOMENT_MS);
  try {
    const client = await connect(project);
    await startRun(client);
    await question(page);
    await answer(client);
    await merged(client, MID_RUN);
    await board(page);
    await merged(client, NEARLY_ALL);
    await timeline(page);
    client.close();
  } finally {
    await room.close();
    await engine.stop();
    const host = await findPtyHost(project);
    if (host !== null) await killTree(host.pid);
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

async function connect(project: string): Promise<RoomClient> {
  const client = await connectToLiveEngine(project);
  if (!client.ok) throw new Error(client.error.message);
  if (client.value === null) throw new Error('the engine ended right after its start');
  return client.value;
}

async function startRun(client: RoomClient): Promise<void> {
  const create = async (task: (typeof TASKS)[number] | (typeof BACKLOG)[number], column: 'ready' | 'backlog') => {
    const { id, title, files, priority } = task;
    const created = await client.call('tasks.create', { id, title, files: [...files], priority, column });
    if (!created.ok) throw new Error(created.error.message);
  };
  for (const task of TASKS) await create(task, 'ready');
  for (const task of BACKLOG) await create(task, 'backlog');
  for (const id of [...TASKS.map((task) => task.id), ...OTHER_SPECS])
    await client.call('tasks.writeSpec', { id, body: await readSpecText(id) });
  const started = await client.call('coordinator.start', {
    spec: join(ROOT, 'scripts/demo/specs/coordinator.md'),
    objective: 'Exports and imports of invoices: six tasks in two streams.',
  });
  if (!started.ok) throw new Error(started.error.message);
}

/** Waits until so many tasks are on the main branch. */
function merged(client: RoomClient, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${count} tasks were not merged in time`)), MOMENT_MS);
    const end = client.subscribe('merges', ({ byId }) => {
      if (Object.values(byId).filter((merge) => merge.status === 'merged').length < count) return;
      clearTimeout(timer);
      // Not from within the callback of the very subscription that is being made.
      setImmediate(() => end());
      resolve();
    });
  });
}

/** One agent asks while others work: the queue, a builder's terminal, the thread with the gate. */
async function question(page: Page): Promise<void> {
  const item = page.getByRole('region', { name: 'Attention' }).getByRole('listitem').first();
  await item.waitFor();
  const subject = ((await item.getAttribute('aria-label')) ?? '').replace(/^[^:]*: /, '');
  await fleetRow(page, WRITER).click();
  await take(page, 'Fleet');
  await goTo(page, 'Terminals');
  await page.getByRole('tablist', { name: 'Terminals' }).getByRole('tab', { name: WRITER }).click();
  await page
    .getByRole('group', { name: `Terminal of ${WRITER}` })
    .getByText('quotes doubled')
    .first()
    .waitFor();
  await take(page, 'Terminals');
  await goTo(page, 'Mail');
  await openFolder(page, 'All mail');
  await threadRow(page, subject).click();
  await take(page, 'Mail');
}

async function board(page: Page): Promise<void> {
  await goTo(page, 'Board');
  await take(page, 'Board');
}

async function answer(client: RoomClient): Promise<void> {
  const open = await client.snapshot('attention');
  if (!open.ok) throw new Error(open.error.message);
  for (const { id, options } of Object.values(open.value.byId)) {
    const [first] = options;
    if (first !== undefined) await client.call('attention.answer', { id, answer: first });
  }
}

async function timeline(page: Page): Promise<void> {
  await goTo(page, 'Timeline');
  await page.getByRole('button', { name: 'Show all of it' }).click();
  await take(page, 'Timeline');
}

/** Photographs the screen in front in every size and theme. */
async function take(page: Page, screen: ScreenName): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      // Taking a picture makes the page draw what it knows, the next one shows it: charts follow a theme one frame late.
      await page.screenshot();
      const name = `${screen.toLowerCase()}-${theme}-${size.width}x${size.height}.png`;
      await page.screenshot({ path: join(FOLDER, name), animations: 'disabled' });
      say(name);
    }
  }
  await page.setViewportSize(SIZES[0]);
}
