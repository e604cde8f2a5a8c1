import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../lib/chromium.ts';
import { startEngine } from '../lib/engine.ts';
import { type BenchContext, type Measure, type Row, row } from '../lib/measure.ts';
import { must } from '../lib/must.ts';
import { heldMegabytes, placeProbe } from '../lib/pageProbe.ts';
import { plainEnvironment } from '../lib/processes.ts';
import { type BenchProject, benchProject } from '../lib/project.ts';
import { agentNames, seedAgents, withStores } from '../lib/seed.ts';
import { median, p95, p99, worst } from '../lib/stats.ts';

const AGENTS = 50;
const HIDDEN_FLOODS = 8;
const STREAMS = [1, 8, 24] as const;
/** Terminals a page keeps live at most (renderer/terminal/terminalPool.ts); those beyond are parked. */
const LIVE = 8;
const LINES = 1_000;
/** Milliseconds between an echo and the next key: at least, and what chance adds, so that keys come at any moment of a frame. */
const REST_MS = { least: 25, more: 35 } as const;
const SIZE = { cols: 120, rows: 32 };
const KEYS = 'abcdefghijklmnopqrstuvw';
const MIRROR = 'shell:mirror';
/** The line a full terminal ends with. */
const LAST = `line ${LINES} of it`;
/** A thousand lines, and from then on about 50 lines a second. */
const STREAM = `i=0; while [ $i -lt ${LINES} ]; do i=$((i+1)); printf '\\033[32mline %d of it\\033[0m with some more words behind it, as agents print\\n' $i; done; printf ready; while sleep 0.02; do echo "and one more line of a stream"; done`;

/** Terminals as a person meets them: typed into, streamed at, parked and shown again in a real page of a room of 50 agents. */
export const terminalPage: Measure = {
  name: 'terminal-page',
  title:
    'terminals in a real page with 50 agents: key echo until painted, heap with 1, 8 and 24 streams, parked cost, reveal, frames',
  async run(context) {
    const browser = await launchBrowser(context);
    if (browser === null) return [];
    const project = await benchProject(context);
    await withStores(project.overstory, (stores) =>
      seedAgents(stores, project.overstory, agentNames(AGENTS), 'between_turns'),
    );
    const engine = await startEngine(context, project.root);
    const open = async (preferences: Record<string, unknown>): Promise<Page> => {
      const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
      // The one key of the page's preferences (renderer/stores/preferences.ts).
      await page.addInitScript(
        (kept) => localStorage.setItem('overstory.room', kept),
        JSON.stringify({
          screen: 'terminals',
          inspectorFolded: ['terminals'],
          ...preferences,
        }),
      );
      await page.goto((await engine.ask('link')).url);
      return page;
    };
    return [...(await echoes(context, project, open)), ...(await holdings(context, project, open))];
  },
};

type Open = (preferences: Record<string, unknown>) => Promise<Page>;

async function start(project: BenchProject, id: string, script: string): Promise<void> {
  const { client } = await project.host();
  must(
    await client.call('terminals.open', { id, kind: 'shell', agent: null, title: id, cwd: project.root, size: SIZE }),
  );
  must(
    await client.call('terminals.shell', {
      id,
      argv: ['sh', '-c', script],
      cwd: project.root,
      env: plainEnvironment(),
    }),
  );
}

async function end(project: BenchProject, ids: readonly string[]): Promise<void> {
  const { client } = await project.host();
  for (const id of ids) must(await client.call('terminals.close', { id, force: true }));
}

/** Shows a tab and waits until these words of its terminal are painted; gives the milliseconds. */
async function reveal(page: Page, id: string, words: string): Promise<number> {
  return page.evaluate(
    async ([terminal, wanted]) => {
      const tab = document.getElementById(`terminal-tab-${terminal}`);
      if (tab === null) throw new Error(`${terminal} has no tab`);
      const shown = window.probe.until(terminal, wanted);
      tab.click();
      return shown;
    },
    [id, words] as const,
  );
}

/** Types keys one after the other; gives what the probe measured of each. */
async function type(page: Page, keys: number): Promise<readonly number[]> {
  const before = await page.evaluate(() => window.probe.echoes.length);
  for (let key = 1; key <= keys; key += 1) {
    // Never the key before: what overwrites the same letter would change nothing in sight.
    await page.keyboard.press(KEYS[key % KEYS.length] ?? 'k');
    await page.waitForFunction((count) => window.probe.echoes.length >= count, before + key, { polling: 5 });
    await sleep(REST_MS.least + Math.random() * REST_MS.more);
  }
  return page.evaluate((from) => window.probe.echoes.slice(from), before);
}

async function echoes(context: BenchContext, project: BenchProject, open: Open): Promise<Row[]> {
  const keys = context.pick(120, 40);
  const floods = Array.from({ length: HIDDEN_FLOODS }, (_, index) => `shell:flood-${index}`);
  await start(project, MIRROR, 'stty raw -echo; printf ready; exec cat');
  for (const id of floods) await start(project, id, 'printf ready; sleep 1000000');

  const ready = async (page: Page) => {
    await page.waitForSelector(`[data-terminal="${MIRROR}"] .xterm-rows`);
    await placeProbe(page);
    await page.evaluate((id) => window.probe.until(id, 'ready'), MIRROR);
    await page.click(`[data-terminal="${MIRROR}"]`);
    await page.evaluate((id) => window.probe.watch(id), MIRROR);
  };
  const page = await open({ terminalFront: MIRROR });
  await page.waitForSelector(`[data-terminal="${MIRROR}"] .xterm-rows`);
  await placeProbe(page);
  // Each was looked at once, as by a person who walks through the tabs, and is hidden again.
  for (const id of floods) await reveal(page, id, 'ready');
  await reveal(page, MIRROR, 'ready');
  await ready(page);
  await type(page, 10);
  const alone = [...(await type(page, keys))];
  await end(project, floods);
  for (const id of floods) await start(project, id, 'exec yes "a line of a terminal that floods"');
  await sleep(500);
  const hidden = await type(page, keys);
  await page.close();

  await end(project, floods.slice(1));
  const [flood = ''] = floods;
  const beside = await open({
    terminalFront: MIRROR,
    terminalLayout: {
      split: 'right',
      first: { pane: 0, terminal: MIRROR },
      second: { pane: 1, terminal: flood },
    },
  });
  await ready(beside);
  await sleep(500);
  const visible = await type(beside, keys);
  const frames = (await beside.evaluate(() => window.probe.frames(3_000))).slice(2);
  await end(project, [flood]);
  await sleep(500);
  const still = (await beside.evaluate(() => window.probe.frames(2_000))).slice(2);
  await beside.close();
  await end(project, [MIRROR]);
  const tail = (times: readonly number[]) => `p50 ${median(times).toFixed(1)}, p99 ${p99(times).toFixed(1)} ms`;
  return [
    row({ name: 'key echo painted, nothing else, p95', ours: p95(alone), unit: 'ms', note: tail(alone) }),
    row({
      name: `key echo painted, ${HIDDEN_FLOODS} hidden floods, p95`,
      ours: p95(hidden),
      reference: p95(alone),
      unit: 'ms',
      goal: { of: 'ours', is: 'atMost', value: 20 },
      note: `ref: nothing else; ${tail(hidden)}; best published 31 ms`,
    }),
    row({
      name: 'key echo painted, 1 visible flood, p95',
      ours: p95(visible),
      reference: p95(alone),
      unit: 'ms',
      goal: { of: 'ours', is: 'atMost', value: 20 },
      note: `ref: nothing else; ${tail(visible)}; best published 48.5 ms`,
    }),
    row({
      name: 'time between frames, 1 visible flood, p95',
      ours: p95(frames),
      reference: p95(still),
      unit: 'ms',
      note: `ref: the same page at rest; worst ${worst(frames).toFixed(0)} ms; DOM renderer, no graphics processor`,
    }),
  ];
}

async function holdings(context: BenchContext, project: BenchProject, open: Open): Promise<Row[]> {
  const ids = Array.from(
    { length: Math.max(...STREAMS) },
    (_, index) => `shell:stream-${String(index).padStart(2, '0')}`,
  );
  const bare = await open({ screen: 'fleet' });
  await bare.waitForFunction(() => document.body.innerText.includes('agent-01'));
  const room = await heldMegabytes(bare);
  await bare.close();

  const rows: Row[] = [];
  for (const id of ids) await start(project, id, STREAM);
  const page = await open({ terminalFront: ids[0] });
  await page.waitForSelector(`[data-terminal="${ids[0]}"] .xterm-rows`);
  await placeProbe(page);
  const held = new Map<number, number>();
  for (const [index, id] of ids.entries()) {
    await reveal(page, id, 'one more line');
    if (STREAMS.some((count) => count === index + 1)) held.set(index + 1, await heldMegabytes(page));
  }
  for (const count of STREAMS) {
    rows.push(
      row({
        name: `renderer heap, ${count} streaming ${count === 1 ? 'terminal' : 'terminals'}, ${AGENTS} agents`,
        ours: held.get(count) ?? Number.NaN,
        reference: room,
        unit: 'MB',
        ...(count === 24 ? { goal: { of: 'ours', is: 'atMost', value: 250 } as const } : {}),
        note: `after a collection, cells included; ref: the same room on the Fleet screen${count === 24 ? '; best published 376 MB' : ''}`,
      }),
    );
  }
  const most = Math.max(...STREAMS);
  rows.push(
    row({
      name: 'a parked terminal in the renderer',
      ours: Math.max(0, (held.get(most) ?? 0) - (held.get(LIVE) ?? 0)) / (most - LIVE),
      unit: 'MB',
      goal: { of: 'ours', is: 'atMost', value: 1 },
      note: `what ${most - LIVE} terminals beyond the ${LIVE} live ones add, each`,
    }),
  );
  await end(project, ids);

  const full = Array.from({ length: LIVE + 3 }, (_, index) => `shell:full-${String(index).padStart(2, '0')}`);
  const [quiet] = STREAM.split('; while sleep');
  for (const id of full) await start(project, id, `${quiet}; printf ' ${LAST}'; sleep 1000000`);
  for (const id of full) await page.waitForSelector(`[id="terminal-tab-${id}"]`);
  const times: number[] = [];
  // Round and round: each is shown again after all the others were, so none of them is live any more.
  for (let round = 0; round <= context.pick(4, 2); round += 1) {
    for (const id of full) {
      const shown = await reveal(page, id, LAST);
      if (round > 0) times.push(shown);
      await sleep(50);
    }
  }
  await page.close();
  await end(project, full);
  rows.push(
    row({
      name: `reveal of a parked terminal, ${LINES} lines, p50`,
      ours: median(times),
      unit: 'ms',
      goal: { of: 'ours', is: 'atMost', value: 80 },
      note: `click until painted; p95 ${p95(times).toFixed(0)} ms of ${times.length}; published about 170 ms`,
    }),
  );
  return rows;
}
