import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Page } from 'playwright-core';
import { findLiveEngine } from '../../main/core/lease/engineInfo.ts';
import { isAlive } from '../../main/platform/processes.ts';
import { findPtyHost } from '../../main/pty-host/client.ts';
import { prepareTestElectron } from '../../scripts/testElectron/prepare.ts';
import { FLAGS, findChromium, launchBrowser } from '../lib/chromium.ts';
import { startDisplay } from '../lib/display.ts';
import { startEngine } from '../lib/engine.ts';
import { type BenchContext, type Measure, type Row, row } from '../lib/measure.ts';
import { descendants, endChild, plainEnvironment, proportionalMegabytes } from '../lib/processes.ts';
import { type BenchProject, benchProject, temporaryFolder } from '../lib/project.ts';
import { agentNames, seedAgents, withStores } from '../lib/seed.ts';
import { median, now, worst } from '../lib/stats.ts';

const ROOT = join(import.meta.dirname, '../..');
const AGENTS = 50;
/** Milliseconds until a started program must have said what is waited for. */
const PATIENCE_MS = 60_000;

/** From a command to a room that answers, as a browser page and as a desktop window. */
export const startup: Measure = {
  name: 'startup',
  title: 'npm start until its link, the link until the Fleet answers, the desktop window until usable, its memory',
  async run(context) {
    const project = await benchProject(context);
    await withStores(project.overstory, (stores) =>
      seedAgents(stores, project.overstory, agentNames(AGENTS), 'between_turns'),
    );
    return [...(await browserRows(context, project)), ...(await desktopRows(context, project))];
  },
};

/** Waits inside a page until the Fleet's first agent is there and answers a click; gives milliseconds since 1970. */
async function answered(page: Page): Promise<number> {
  return page.evaluate(async (patience) => {
    const until = performance.now() + patience;
    const row = () =>
      [...document.querySelectorAll<HTMLElement>('[role="grid"][aria-label="Fleet"] [role="row"]')].find((one) =>
        one.textContent.includes('agent-01'),
      );
    while (row()?.getAttribute('aria-selected') !== 'true') {
      if (performance.now() > until) throw new Error('the Fleet never answered');
      row()?.click();
      // Two frames: what a click changes is on screen then.
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    }
    return performance.timeOrigin + performance.now();
  }, PATIENCE_MS);
}

/** A user folder of its own for everything a round starts. */
async function environment(context: BenchContext, extra: Record<string, string> = {}): Promise<Record<string, string>> {
  const userFolder = await temporaryFolder(context);
  return plainEnvironment({
    XDG_DATA_HOME: userFolder,
    XDG_CONFIG_HOME: userFolder,
    NODE_ENV: 'production',
    OVERSTORY_REHEARSAL_PACE: '0',
    ...extra,
  });
}

/** The first line that matches. */
async function printed(child: ChildProcess, from: 'stdout' | 'stderr', pattern: RegExp): Promise<string> {
  const stream = child[from];
  if (stream === null) throw new Error('a program was started without pipes');
  return new Promise((found, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing like ${pattern} was printed`)), PATIENCE_MS);
    child.once('exit', () => reject(new Error(`a program ended before it printed ${pattern}`)));
    createInterface({ input: stream }).on('line', (line) => {
      const match = pattern.exec(line);
      if (match === null) return;
      clearTimeout(timer);
      found(match[0]);
    });
  });
}

/** Ends whatever engine and pty host a project has, so that the next start brings its own. */
async function endEngine(project: BenchProject): Promise<void> {
  const pids = [(await findLiveEngine(project.root))?.pid, (await findPtyHost(project.root))?.pid];
  for (const pid of pids) {
    if (pid === undefined) continue;
    process.kill(pid, 'SIGTERM');
    const deadline = now() + 5_000;
    while (isAlive(pid) && now() < deadline) await sleep(20);
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
}

async function browserRows(context: BenchContext, project: BenchProject): Promise<Row[]> {
  const nothing = await temporaryFolder(context);
  await writeFile(join(nothing, 'package.json'), JSON.stringify({ scripts: { start: 'node -e 0' } }));
  const links: number[] = [];
  const pages: number[] = [];
  const bare: number[] = [];
  const rounds = context.pick(5, 2);
  // The first round is not counted: it brings the build up to date.
  for (let round = -1; round < rounds; round += 1) {
    const env = await environment(context);
    const floor = now();
    await once(spawn('npm', ['start'], { cwd: nothing, env, stdio: 'ignore' }), 'exit');
    const floorMs = now() - floor;
    const started = now();
    // A process group of its own: npm and what it starts end together.
    const child = spawn('npm', ['start', '--', '--browser', project.root], {
      cwd: ROOT,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    context.defer(() => endGroup(child));
    const link = await printed(child, 'stdout', /http:\/\/127\.0\.0\.1:\d+\/\S*/);
    const linkMs = now() - started;
    const browser = await launchBrowser(context);
    if (browser === null) return [];
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const opened = Date.now();
    await page.goto(link, { waitUntil: 'commit' });
    const pageMs = (await answered(page)) - opened;
    await browser.close();
    await endGroup(child);
    await endEngine(project);
    if (round < 0) continue;
    bare.push(floorMs);
    links.push(linkMs);
    pages.push(pageMs);
  }
  const total = links.map((ms, index) => ms + (pages[index] ?? Number.NaN));
  return [
    row({
      name: 'npm start until its link is printed',
      ours: median(links),
      reference: median(bare),
      unit: 'ms',
      note: `ref: npm start of an empty program; no engine and no pty host ran; ${spread(links)}`,
    }),
    row({
      name: 'link opened until the Fleet answers, cold',
      ours: median(pages),
      unit: 'ms',
      goal: { of: 'ours', is: 'atMost', value: 1_500 },
      note: `${AGENTS} agents, a new browser profile; the first row is clicked and chosen on screen; ${spread(pages)}`,
    }),
    row({
      name: 'npm start until the Fleet answers, cold',
      ours: median(total),
      unit: 'ms',
      note: `both of the above; ${spread(total)}`,
    }),
  ];
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  process.kill(-child.pid, 'SIGTERM');
  await gone;
}

const spread = (times: readonly number[]): string =>
  `best ${Math.min(...times).toFixed(0)}, worst ${worst(times).toFixed(0)} ms of ${times.length}`;

interface Started {
  readonly ms: number;
  /** Of all its processes, and of the engine and pty host when they are there. */
  readonly megabytes: number;
}

async function desktopRows(context: BenchContext, project: BenchProject): Promise<Row[]> {
  const display = await startDisplay(context);
  const browser = findChromium(context);
  if (display === null || browser === null) return [];
  const electron = await prepareTestElectron(context.say);
  const cold: Started[] = [];
  const bare: Started[] = [];
  const rounds = context.pick(5, 2);
  for (let round = 0; round < rounds; round += 1) {
    bare.push(await startChromium(context, browser, display));
    cold.push(await startDesktop(context, project, electron.executable, display, await temporaryFolder(context)));
    await endEngine(project);
  }
  const profile = await temporaryFolder(context);
  const bareProfile = await temporaryFolder(context);
  const warm: Started[] = [];
  const least: number[] = [];
  const engine = await startEngine(context, project.root);
  // The first start of the profile is not counted.
  for (let round = -1; round < rounds; round += 1) {
    const window = await startBareElectron(context, electron.executable, display, bareProfile);
    const one = await startDesktop(context, project, electron.executable, display, profile);
    if (round < 0) continue;
    least.push(window);
    warm.push(one);
  }
  await engine.stop();
  const times = (starts: readonly Started[]): number[] => starts.map(({ ms }) => ms);
  const megabytes = (starts: readonly Started[]): number => median(starts.map((one) => one.megabytes));
  const what = electron.official ? '' : '; the Electron of the tests';
  return [
    row({
      name: 'desktop start until the Fleet answers, cold',
      ours: median(times(cold)),
      reference: median(times(bare)),
      unit: 'ms',
      goal: { of: 'ratio', is: 'atMost', value: 1.3 },
      note: `ref: bare Chromium until a page of one line is painted (850 to 920 ms on a machine at rest); new profile, no engine ran; ${spread(times(cold))}${what}`,
    }),
    row({
      name: 'desktop start until the Fleet answers, warm',
      ours: median(times(warm)),
      reference: median(least),
      unit: 'ms',
      goal: { of: 'ours', is: 'atMost', value: 700 },
      note: `known profile, the engine runs; ref: the same Electron until a window with a page of one line is painted; published 742 ms; ${spread(times(warm))}${what}`,
    }),
    row({
      name: `memory of the desktop with ${AGENTS} resting agents`,
      ours: megabytes(cold),
      reference: megabytes(bare),
      unit: 'MB',
      goal: { of: 'ratio', is: 'atMost', value: 1.2 },
      note: 'proportional set of all processes, engine and pty host included; ref: bare Chromium and an idle node',
    }),
  ];
}

/** Starts an Electron and takes hold of its first page. */
async function launch(
  context: BenchContext,
  executable: string,
  display: string,
  profile: string,
  program: readonly string[],
): Promise<{ readonly begun: number; readonly child: ChildProcess; readonly page: Page; end(): Promise<void> }> {
  const env = await environment(context, { DISPLAY: display, OVERSTORY_NODE: process.execPath });
  const [main = '', ...rest] = program;
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const args = [main, ...sandbox, `--user-data-dir=${profile}`, '--remote-debugging-port=0', ...rest];
  const begun = Date.now();
  const child = spawn(executable, args, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'pipe'] });
  context.defer(() => endChild(child, 10_000));
  const address = (await printed(child, 'stderr', /ws:\/\/127\.0\.0\.1:\d+\/\S+/)) as string;
  const connection = await chromium.connectOverCDP(address);
  const [shell] = connection.contexts();
  if (shell === undefined) throw new Error('the desktop has no windows');
  const page = shell.pages()[0] ?? (await shell.waitForEvent('page'));
  return {
    begun,
    child,
    page,
    async end() {
      await connection.close();
      await endChild(child, 10_000);
    },
  };
}

async function startDesktop(
  context: BenchContext,
  project: BenchProject,
  executable: string,
  display: string,
  profile: string,
): Promise<Started> {
  const program = [join(ROOT, 'dist/main/electron.js'), project.root];
  const { begun, child, page, end } = await launch(context, executable, display, profile, program);
  const ms = (await answeredAcrossLoads(page)) - begun;
  const megabytes = await held(project, child.pid ?? 0);
  await end();
  return { ms, megabytes };
}

/** The least there is: an Electron that opens a window with a page of one line, until that is painted; milliseconds. */
async function startBareElectron(
  context: BenchContext,
  executable: string,
  display: string,
  profile: string,
): Promise<number> {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, 'page.html'), '<!doctype html><title>bare</title><main>nothing else</main>');
  const program = join(folder, 'main.cjs');
  await writeFile(
    program,
    `const { app, BrowserWindow, Menu } = require('electron');
Menu.setApplicationMenu(null);
app.whenReady().then(() => new BrowserWindow({ width: 1280, height: 800 }).loadFile(${JSON.stringify(join(folder, 'page.html'))}));
`,
  );
  const { begun, page, end } = await launch(context, executable, display, profile, [program]);
  await page.waitForURL(/^(?!about:blank)/, { waitUntil: 'commit', timeout: PATIENCE_MS });
  const painted = await page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return performance.timeOrigin + performance.now();
  });
  await end();
  return painted - begun;
}

/** A window begins with an empty page: what waits in it is cut off when the room's own page comes. */
async function answeredAcrossLoads(page: Page): Promise<number> {
  await page.waitForURL(/^(?!about:blank)/, { waitUntil: 'commit', timeout: PATIENCE_MS });
  return answered(page);
}

async function held(project: BenchProject | null, pid: number): Promise<number> {
  const roots = [pid];
  if (project !== null) {
    const others = [(await findLiveEngine(project.root))?.pid, (await findPtyHost(project.root))?.pid];
    roots.push(...others.filter((one) => one !== undefined));
  }
  const pids = new Set([...roots, ...(await descendants(roots)).keys()]);
  let sum = 0;
  for (const one of pids) sum += await proportionalMegabytes(one);
  return sum;
}

/** Bare Chromium with a window, until its page tells that it was painted, beside a node that does nothing. */
async function startChromium(context: BenchContext, executable: string, display: string): Promise<Started> {
  const { promise: painted, resolve: paint } = Promise.withResolvers<number>();
  const server = createServer((request, response) => {
    if (request.url === '/painted') paint(Date.now());
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
    response.end(
      '<!doctype html><title>bare</title><link rel="icon" href="data:,"><main>nothing else</main><script>requestAnimationFrame(() => requestAnimationFrame(() => fetch("/painted")))</script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  context.defer(close);
  const env = await environment(context, { DISPLAY: display });
  const idle = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { env, stdio: 'ignore' });
  context.defer(() => endChild(idle));
  const profile = await temporaryFolder(context);
  const begun = Date.now();
  const child = spawn(
    executable,
    [
      ...FLAGS,
      `--user-data-dir=${profile}`,
      '--no-default-browser-check',
      `--app=http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    ],
    { env, stdio: 'ignore' },
  );
  context.defer(() => endChild(child));
  const late = sleep(PATIENCE_MS, null, { ref: false });
  const at = await Promise.race([painted, late]);
  if (at === null) throw new Error('bare Chromium never painted its page');
  const megabytes = (await held(null, child.pid ?? 0)) + (await proportionalMegabytes(idle.pid ?? 0));
  await endChild(child);
  await endChild(idle);
  close();
  return { ms: at - begun, megabytes };
}
