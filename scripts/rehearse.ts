/**
 * `npm run rehearse [-- --leads 4] [-- --builders 4]`: a whole fleet without any AI: a coordinator, leads, builders and
 * reviewers on one repository, unattended. Every branch touches one file all share, so that merges have something to
 * resolve. Exit code 0 only if the run completes by itself, every branch is on main with its tests green, and no mail is a
 * dead letter. Prints the after-run report.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RoomClient } from '../contract/room.ts';
import { reportLines } from '../main/cli/reportLines.ts';
import { initProject } from '../main/core/config/init.ts';
import { connectToLiveEngine } from '../main/core/lease/engineClient.ts';
import { systemClock } from '../main/platform/clock.ts';
import { requireNodeApi } from '../main/platform/nodeApiGuard.ts';
import { findPtyHost } from '../main/pty-host/client.ts';
import { buildParts } from './build/buildParts.ts';
import { DIST, ROOT } from './build/layout.ts';
import { builderSpec, coordinatorSpec, firstFiles, leadSpec, reviewerSpec } from './demo/fleetSpecs.ts';
import { run, runOrThrow, stop } from './lib/run.ts';

/** Milliseconds without any change until the run counts as stuck. */
const STUCK_MS = 180_000;
/** Milliseconds between looks at how many processes there are. */
const LOOK_MS = 250;

const PROJECT = join(ROOT, '.demo', 'fleet');
const say = (line: string): void => void process.stdout.write(`${line}\n`);

requireNodeApi('rehearse');
process.env.NODE_ENV ??= 'production';
process.env.OVERSTORY_REHEARSAL_PACE ??= '0.3';
try {
  process.exitCode = await rehearse(countOf('--leads', 4), countOf('--builders', 4));
} catch (error) {
  stop('rehearse', error);
}

function countOf(flag: string, usual: number): number {
  const at = process.argv.indexOf(flag);
  const count = at < 0 ? usual : Number(process.argv[at + 1]);
  if (!Number.isInteger(count) || count < 1 || count > 20)
    throw new Error(`${flag} must be a whole number from 1 to 20`);
  return count;
}

async function rehearse(leads: number, builders: number): Promise<number> {
  await buildParts({ say });
  await makeProject(leads);
  await ov(['serve', '--background', '--project', PROJECT]);
  const live = await connectToLiveEngine(PROJECT);
  if (!live.ok || live.value === null) throw new Error('the engine ended right after its start');
  const client = live.value;
  const runId = await begin(client, leads, builders);
  say(`Run ${runId}: a coordinator, ${leads} leads, ${leads * builders} builders, ${leads} reviewers in ${PROJECT}`);
  const peak = { processes: 0 };
  const stuck = await untilComplete(client, runId, peak);
  // The coordinator's last turn is still ending when it completes the run.
  await delay(1_000);
  const report = await client.call('runs.report', { runId });
  if (!report.ok) throw new Error(report.error.message);
  say('');
  for (const line of reportLines(report.value)) say(line);
  say(`processes of the project at most: ${peak.processes}`);
  const verdict = stuck ?? (await judge(report.value, leads * builders));
  await ov(['serve', '--stop', '--project', PROJECT]);
  client.close();
  say(verdict === null ? '\nRehearsal passed.' : `\nRehearsal failed: ${verdict}`);
  return verdict === null ? 0 : 1;
}

async function ov(args: readonly string[]): Promise<void> {
  await runOrThrow(process.execPath, ['--disable-warning=ExperimentalWarning', join(DIST, 'main/ov.cjs'), ...args], {
    cwd: ROOT,
    env: process.env,
  });
}

async function makeProject(leads: number): Promise<void> {
  const host = await findPtyHost(PROJECT);
  await ov(['serve', '--stop', '--project', PROJECT]).catch(() => {
    // No engine, or no project yet: nothing to end.
  });
  if (host !== null) process.kill(host.pid, 'SIGKILL');
  await rm(PROJECT, { recursive: true, force: true });
  for (const folder of ['parts', 'streams']) await mkdir(join(PROJECT, folder), { recursive: true });
  for (const [name, text] of Object.entries(firstFiles(leads))) await writeFile(join(PROJECT, name), text);
  const git = (...args: string[]) => runOrThrow('git', args, { cwd: PROJECT });
  await git('init', '-q', '-b', 'main');
  await git('config', 'user.name', 'Rehearsal');
  await git('config', 'user.email', 'rehearsal@localhost');
  await git('config', 'commit.gpgsign', 'false');
  await git('add', '.');
  await git('commit', '-qm', 'An empty list of parts');
  const done = await initProject(PROJECT, { clock: systemClock, runtime: 'rehearsal', name: 'fleet' });
  if (!done.ok) throw new Error(done.error.message);
  const settings = [
    'agents:',
    '  staggerDelayMs: 0',
    '  maxConcurrent: 60',
    '  maxAgentsPerLead: 25',
    'project:',
    '  qualityGates:',
    '    - { name: Tests, command: node --test, description: all tests pass }',
    '',
  ];
  await writeFile(join(PROJECT, '.overstory', 'config.local.yaml'), settings.join('\n'));
}

async function begin(client: RoomClient, leads: number, builders: number): Promise<string> {
  const write = async (id: string, body: string): Promise<void> => {
    const written = await client.call('tasks.writeSpec', { id, body });
    if (!written.ok) throw new Error(written.error.message);
  };
  for (let lead = 1; lead <= leads; lead += 1) {
    await write(`STREAM-${lead}`, leadSpec(lead, builders));
    await write(`REVIEW-${lead}`, reviewerSpec(lead));
    for (let part = 1; part <= builders; part += 1) await write(`PART-${lead}-${part}`, builderSpec(lead, part));
  }
  const spec = join(PROJECT, '.overstory', 'specs', 'coordinator.md');
  await writeFile(spec, coordinatorSpec(leads, builders));
  const started = await client.call('coordinator.start', { spec, objective: `${leads} streams of ${builders} parts.` });
  if (!started.ok) throw new Error(started.error.message);
  return started.value.runId ?? '';
}

/** Follows the run to its end. Gives the reason when it does not get there. */
async function untilComplete(client: RoomClient, runId: string, peak: { processes: number }): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  let changedAt = performance.now();
  const touch = (): void => {
    changedAt = performance.now();
  };
  const stops = [
    client.subscribe('agents', touch),
    client.subscribe('merges', touch),
    client.subscribe('runs', (runs) => {
      const status = runs.byId[runId]?.status;
      if (status === 'completed') resolve(null);
      if (status === 'failed') resolve('the run failed');
    }),
  ];
  client.onClose((reason) => resolve(`the engine is gone (${reason})`));
  const watch = setInterval(async () => {
    if (performance.now() - changedAt > STUCK_MS) resolve(`nothing happened for ${STUCK_MS / 1_000} s`);
    peak.processes = Math.max(peak.processes, await processesOf(PROJECT));
  }, LOOK_MS);
  const outcome = await promise;
  clearInterval(watch);
  for (const end of stops) end();
  return outcome;
}

/** Processes whose environment or folder names the project; 0 where the system has no /proc. */
async function processesOf(project: string): Promise<number> {
  const pids = await readdir('/proc').catch(() => []);
  const texts = await Promise.all(
    pids.filter((name) => /^\d+$/.test(name)).map((pid) => readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')),
  );
  return texts.filter((text) => text.includes(`OVERSTORY_PROJECT_ROOT=${project}`)).length;
}

/** What is asked of the run. Null when it holds. */
async function judge(
  report: {
    readonly merges: { readonly merged: number; readonly open: number };
    readonly mail: { readonly deadLetters: number };
  },
  branches: number,
): Promise<string | null> {
  if (report.merges.merged !== branches) return `${report.merges.merged} of ${branches} branches are merged`;
  if (report.merges.open > 0) return `${report.merges.open} merges are open`;
  if (report.mail.deadLetters > 0) return `${report.mail.deadLetters} mails are dead letters`;
  const listed = await run(
    process.execPath,
    ['--input-type=module', '-e', "console.log((await import('./index.mjs')).parts.length)"],
    {
      cwd: PROJECT,
    },
  );
  if (listed.stdout.trim() !== String(branches)) return `main lists ${listed.stdout.trim()} of ${branches} parts`;
  const tests = await run(process.execPath, ['--test'], { cwd: PROJECT });
  const passed = /^ℹ pass (\d+)$/m.exec(tests.stdout)?.[1] ?? '0';
  say(`tests on main: ${passed} passed, exit code ${tests.code}`);
  return tests.code === 0 ? null : 'the tests fail on main';
}
