/**
 * `npm run screenshots [-- demo empty fifty]`: photographs every screen of the room into docs/screenshots: of the demo's run at
 * telling moments, of an empty project, and of fifty agents with long names and text from right to left, also in a small
 * window. Screens are taken from the rail, so that a new one comes by itself. Pictures of an earlier run are replaced.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import type { RoomClient } from '../contract/room.ts';
import { fleetRow, goTo, openFolder, type ScreenName, threadRow } from '../e2e/support/screen.ts';
import { startDemoRun } from '../main/core/demo/demoProject.ts';
import { requireNodeApi } from '../main/platform/nodeApiGuard.ts';
import { AT_WORK, LONG_NAME } from './lib/fifty/cast.ts';
import { type PhotoRoom, type PictureSize, type Theme, withPhotoRoom } from './lib/photoRoom.ts';
import { seedFifty, seedGroups } from './lib/photoSeed.ts';
import { stop } from './lib/run.ts';

const USUAL = { width: 1280, height: 800 } as const;
/** The least a window is used at. */
const SMALL = { width: 960, height: 600 } as const;
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

/** Milliseconds between two looks at who is at work. */
const LOOK_MS = 200;

/** Of the seeded room (lib/photoSeed.ts): a merge that would lose lines, one in conflict, two that would collide, a mail. */
const HELD = 'fast-start';
const CONFLICTED = 'payment-split';
const COLLISION = 'payment-matcher and line-rounding: 1 file in conflict';
const RIGHT_TO_LEFT = 'draft.csv';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

requireNodeApi('screenshots');
process.env.NODE_ENV ??= 'production';
const PARTS = { demo, empty, fifty } as const;
const asked = process.argv.slice(2);
try {
  for (const [name, part] of Object.entries(PARTS)) if (asked.length === 0 || asked.includes(name)) await part();
} catch (error) {
  stop('screenshots', error);
}

async function demo(): Promise<void> {
  await withPhotoRoom({ say, size: USUAL, pace: PACE, patienceMs: MOMENT_MS }, async (room) => {
    const { client } = room;
    const started = await startDemoRun(client);
    if (!started.ok) throw new Error(started.error.message);
    await question(room);
    await answer(client);
    await merged(client, MID_RUN);
    await board(room);
    await room.takeWallboard('wallboard');
    await merged(client, NEARLY_ALL);
    await timeline(room);
    await room.takeScreens('demo', USUAL);
  });
}

async function empty(): Promise<void> {
  await withPhotoRoom({ say, size: USUAL, pace: '0', patienceMs: MOMENT_MS }, async (room) => {
    await room.page
      .getByRole('region', { name: 'Agent programs on this machine' })
      .getByRole('listitem')
      .first()
      .waitFor();
    await room.takeScreens('empty', USUAL, ['dark']);
    await room.takeScreens('empty', SMALL, ['light']);
  });
}

async function fifty(): Promise<void> {
  await withPhotoRoom({ say, size: USUAL, pace: '0', patienceMs: MOMENT_MS, prepare: seedFifty }, async (room) => {
    const { page, client } = room;
    await seedGroups(client);
    await atWork(client, AT_WORK.size);
    await client.call('radar.look', {});
    await fleetRow(page, LONG_NAME).click();
    await goTo(page, 'Mail');
    await openFolder(page, 'Operator');
    await threadRow(page, RIGHT_TO_LEFT).first().click();
    await room.take('right-to-left-mail', USUAL);
    await goTo(page, 'Terminals');
    await page.getByRole('tablist', { name: 'Terminals' }).getByRole('tab', { name: LONG_NAME }).click();
    await goTo(page, 'Merge');
    await queueEntry(page, HELD).click();
    const views = async (size: PictureSize, theme: Theme): Promise<void> => {
      await room.takeScreens('fifty', size, [theme]);
      const take = (name: string): Promise<void> => room.take(`fifty-${name}`, size, [theme]);
      await goTo(page, 'Merge');
      await queueEntry(page, CONFLICTED).click();
      await page.getByRole('tab', { name: /^Conflicts/ }).click();
      await page.getByRole('article', { name: /^Place 1 of/ }).waitFor();
      await take('conflicts');
      await page.getByRole('tab', { name: /^Collision radar/ }).click();
      const grid = page.getByRole('grid', { name: 'Collisions' });
      await grid.waitFor();
      await take('radar');
      await grid.getByRole('gridcell', { name: COLLISION }).click();
      await page.getByRole('region', { name: 'Predicted conflict' }).getByRole('article').first().waitFor();
      await take('radar-pair');
      await page.getByRole('button', { name: 'Close the pair' }).click();
      await page.getByRole('tab', { name: /^Queue/ }).click();
      await queueEntry(page, HELD).click();
      await goTo(page, 'Costs');
      await page.getByRole('radio', { name: 'task' }).click();
      await page.getByRole('grid', { name: 'Costs' }).evaluate((grid) => grid.scrollIntoView({ block: 'end' }));
      await take('costs-by-task');
      await page.getByRole('radio', { name: 'agent' }).click();
    };
    await views(USUAL, 'dark');
    await views(SMALL, 'light');
    await room.takeWallboard('fifty-wallboard');
  });
}

/** An entry of the merge queue. */
function queueEntry(page: Page, agent: string): Locator {
  return page.getByRole('listbox', { name: 'Merge queue' }).getByRole('option').filter({ hasText: agent });
}

/** Waits until so many rehearsals are in their turn, or through with it. */
async function atWork(client: RoomClient, count: number): Promise<void> {
  for (let waited = 0; waited < MOMENT_MS; waited += LOOK_MS) {
    const agents = await client.snapshot('agents');
    if (!agents.ok) throw new Error(agents.error.message);
    const rehearsals = Object.values(agents.value.byId).filter(({ runtime }) => runtime === 'rehearsal');
    if (rehearsals.filter(({ turn, unreadMail }) => turn !== null || unreadMail === 0).length >= count) return;
    await delay(LOOK_MS);
  }
  throw new Error(`${count} agents were not at work in time`);
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
async function question(room: PhotoRoom): Promise<void> {
  const { page } = room;
  const item = page.getByRole('region', { name: 'Attention' }).getByRole('listitem').first();
  await item.waitFor();
  const subject = ((await item.getAttribute('aria-label')) ?? '').replace(/^[^:]*: /, '');
  await fleetRow(page, WRITER).click();
  await take(room, 'Fleet');
  await goTo(page, 'Terminals');
  await page.getByRole('tablist', { name: 'Terminals' }).getByRole('tab', { name: WRITER }).click();
  await page
    .getByRole('group', { name: `Terminal of ${WRITER}` })
    .getByText('quotes doubled')
    .first()
    .waitFor();
  await take(room, 'Terminals');
  await goTo(page, 'Mail');
  await openFolder(page, 'All mail');
  await threadRow(page, subject).click();
  await take(room, 'Mail');
}

async function board(room: PhotoRoom): Promise<void> {
  const { page } = room;
  await goTo(page, 'Board');
  await take(room, 'Board');
}

async function answer(client: RoomClient): Promise<void> {
  const open = await client.snapshot('attention');
  if (!open.ok) throw new Error(open.error.message);
  for (const { id, options } of Object.values(open.value.byId)) {
    const [first] = options;
    if (first !== undefined) await client.call('attention.answer', { id, answer: first });
  }
}

async function timeline(room: PhotoRoom): Promise<void> {
  const { page } = room;
  await goTo(page, 'Timeline');
  await page.getByRole('button', { name: 'Show all of it' }).click();
  await take(room, 'Timeline');
}

/** Photographs the screen in front. */
async function take(room: PhotoRoom, screen: ScreenName): Promise<void> {
  await room.take(screen.toLowerCase(), USUAL);
}
