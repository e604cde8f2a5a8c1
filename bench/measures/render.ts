import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { favourPages, launchBrowser } from '../lib/chromium.ts';
import { type Commit, FRAME_MS, placeCommitProbe } from '../lib/commitProbe.ts';
import { startEngine } from '../lib/engine.ts';
import { type BenchContext, type Measure, type Row, row } from '../lib/measure.ts';
import { must } from '../lib/must.ts';
import { placeProbe } from '../lib/pageProbe.ts';
import { plainEnvironment } from '../lib/processes.ts';
import { buildProfilingPage } from '../lib/profilingBuild.ts';
import { type BenchProject, benchProject } from '../lib/project.ts';
import { agentNames } from '../lib/seed.ts';
import { median, p95, p99, worst } from '../lib/stats.ts';
import { seedStreams } from '../lib/streams.ts';
import { loadEvents } from '../lib/timelinePage.ts';

const AGENTS = 50;
/** Events the Timeline holds while it is measured. */
const EVENTS = 10_000;
const SCREENS = ['fleet', 'terminals', 'mail', 'board', 'timeline', 'merge', 'costs', 'health', 'settings'] as const;
type ScreenName = (typeof SCREENS)[number];
const SHELLS = 4;
/** About 20 lines a second, in colour. */
const SHELL_LINES = `i=0; while sleep 0.05; do i=$((i+1)); printf '\\033[32mline %d\\033[0m with some more words behind it, as agents print\\n' $i; done`;
/** Milliseconds between two mails. */
const MAIL_EVERY_MS = 250;
/** Milliseconds until a screen that was just opened has settled. */
const SETTLE_MS = 1_000;

interface Watched {
  readonly screen: ScreenName;
  /** While the screen stood there. */
  readonly commits: readonly Commit[];
  /** While it was brought. */
  readonly opening: readonly Commit[];
  readonly frames: readonly number[];
}

/** What React does to a page on which 50 agents work: state, mail, events and terminals all move. */
export const render: Measure = {
  name: 'render',
  title: 'React commits and frames of every screen while 50 agents stream, in a real page (profiling build of React)',
  async run(context) {
    const browser = await launchBrowser(context);
    if (browser === null) return [];
    const pageFolder = await buildProfilingPage(context);
    const project = await benchProject(context);
    const names = agentNames(AGENTS);
    const streams = await seedStreams(context, project, names, { mails: 1_000, toolCalls: EVENTS, turns: 5 });
    await openShells(project);
    const engine = await startEngine(context, project.root, pageFolder);
    const stopMail = await sendMails(context, await engine.client(), names);
    streams.start();

    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await placeCommitProbe(page);
    await page.goto((await engine.ask('link')).url);
    await page.getByText('agent-01', { exact: true }).first().waitFor();
    await placeProbe(page);
    const favoured = await favourPages(browser);
    // With the inspector of one of the agents at work.
    await page.getByRole('treeitem').filter({ hasText: 'agent-03' }).first().click();
    const watched: Watched[] = [];
    for (const screen of SCREENS) watched.push(await watch(context, page, screen));
    await stopMail();
    const { written } = await streams.stop();
    context.say(`  ${written} log lines, ${watched.reduce((sum, one) => sum + one.commits.length, 0)} commits`);
    return rowsOf(watched, favoured);
  },
};

async function openShells(project: BenchProject): Promise<void> {
  const { client } = await project.host();
  for (let index = 1; index <= SHELLS; index += 1) {
    const id = `shell:build-${index}`;
    const size = { cols: 120, rows: 32 };
    must(await client.call('terminals.open', { id, kind: 'shell', agent: null, title: id, cwd: project.root, size }));
    must(
      await client.call('terminals.shell', {
        id,
        argv: ['sh', '-c', SHELL_LINES],
        cwd: project.root,
        env: plainEnvironment(),
      }),
    );
  }
}

/** Sends mail between agents and to the person until the returned function is called. */
async function sendMails(
  context: BenchContext,
  client: {
    call(name: 'mail.send', input: { to: string; from: string; subject: string; body: string }): Promise<unknown>;
  },
  names: readonly string[],
): Promise<() => Promise<void>> {
  const { promise: ended, resolve: end } = Promise.withResolvers<'end'>();
  context.defer(() => end('end'));
  const sending = (async () => {
    for (let count = 0; (await Promise.race([ended, sleep(MAIL_EVERY_MS)])) !== 'end'; count += 1) {
      const from = names[count % names.length] ?? 'agent-01';
      const to = count % 2 === 0 ? 'operator' : (names[(count * 7 + 1) % names.length] ?? 'operator');
      await client.call('mail.send', { from, to, subject: `Report ${count}`, body: 'The tests pass. I go on.' });
    }
  })();
  return async () => {
    end('end');
    await sending;
  };
}

async function watch(context: BenchContext, page: Page, screen: ScreenName): Promise<Watched> {
  await page.evaluate(() => void window.commits.take());
  await page.click(`nav [data-screen="${screen}"]`);
  // On a busy machine a terminal may come later than that.
  if (screen === 'terminals') await page.waitForSelector('.xterm-rows > div:not(:empty)');
  await sleep(SETTLE_MS);
  const opening = await page.evaluate(() => window.commits.take());
  if (screen === 'timeline') {
    await loadEvents(page, EVENTS);
    await sleep(SETTLE_MS);
    await page.evaluate(() => void window.commits.take());
  }
  const frames = await page.evaluate((during) => window.probe.frames(during), context.pick(6_000, 2_000));
  const commits = await page.evaluate(() => window.commits.take());
  return { screen, commits, opening, frames: frames.slice(2) };
}

const times = (commits: readonly Commit[]): number[] => commits.map(({ ms }) => ms);
const slow = (commits: readonly Commit[]): Commit[] => commits.filter(({ ms }) => ms > FRAME_MS);

function words(commits: readonly Commit[]): string {
  const ms = times(commits);
  const [heaviest] = [...slow(commits)].sort((one, other) => other.ms - one.ms);
  const who = heaviest === undefined ? '' : `, the worst rendered for ${heaviest.renderMs.toFixed(1)} ms`;
  return `p50 ${median(ms).toFixed(1)}, p95 ${p95(ms).toFixed(1)}, max ${worst(ms).toFixed(1)} ms of ${ms.length}, ${slow(commits).length} over ${FRAME_MS} ms${who}`;
}

function rowsOf(watched: readonly Watched[], favoured: boolean): Row[] {
  const all = watched.flatMap(({ commits }) => commits);
  const frames = watched.flatMap((one) => one.frames);
  const openings = watched.map(({ screen, opening }) => ({ screen, ms: worst(times(opening)) }));
  const longest = [...openings].sort((one, other) => other.ms - one.ms)[0];
  const late = frames.filter((gap) => gap > 1.5 * (1_000 / 60)).length;
  return [
    ...watched.map(({ screen, commits }) =>
      row({
        name: `commits of ${screen}, ${AGENTS} agents streaming, p99`,
        ours: p99(times(commits)),
        unit: 'ms',
        goal: { of: 'ours', is: 'atMost', value: FRAME_MS },
        note: words(commits),
      }),
    ),
    row({
      name: `commits over ${FRAME_MS} ms, all screens`,
      ours: slow(all).length,
      unit: 'commits',
      goal: { of: 'ours', is: 'atMost', value: 0 },
      note: `of ${all.length}: p50 ${median(times(all)).toFixed(1)}, p95 ${p95(times(all)).toFixed(1)}, p99 ${p99(times(all)).toFixed(1)}, max ${worst(times(all)).toFixed(1)} ms; profiling build of React, ${favoured ? 'the page before all other work of the machine' : 'waiting for a processor included'}; renderings without a change are counted by renderer/app/renderBudget.test.tsx (goal 0)`,
    }),
    row({
      name: 'commit that brings a screen, worst',
      ours: longest?.ms ?? Number.NaN,
      unit: 'ms',
      note: openings.map(({ screen, ms }) => `${screen} ${ms.toFixed(0)}`).join(', '),
    }),
    row({
      name: `time between frames, ${AGENTS} agents streaming, p95`,
      ours: p95(frames),
      unit: 'ms',
      note: `p50 ${median(frames).toFixed(1)}, p99 ${p99(frames).toFixed(1)}, max ${worst(frames).toFixed(0)} ms; ${((100 * late) / frames.length).toFixed(1)} % later than one and a half; software graphics`,
    }),
  ];
}
