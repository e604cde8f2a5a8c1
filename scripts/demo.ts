/**
 * `npm run demo [-- --once] [-- --resume]`: carries a whole run through the room without any AI. A coordinator, two leads,
 * builders, a reviewer and a merger rehearse on a sample project: six tasks, one question to the operator, one agent that
 * dies and is resumed, one conflict that tier 2 resolves. Exit code 0 only if all six tasks are on main and its tests pass.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RoomClient } from '../contract/room.ts';
import { startDemoRun } from '../main/core/demo/demoProject.ts';
import { TASKS } from '../main/core/demo/demoTasks.ts';
import { connectToLiveEngine } from '../main/core/lease/engineClient.ts';
import { findLiveEngine } from '../main/core/lease/engineInfo.ts';
import { requireNodeApi } from '../main/platform/nodeApiGuard.ts';
import { buildParts } from './build/buildParts.ts';
import { DIST, ROOT } from './build/layout.ts';
import { Progress } from './demo/progress.ts';
import { createSampleProject } from './demo/sampleProject.ts';
import { findElectron, hasDisplay } from './lib/environment.ts';
import { run, runOrThrow, stop } from './lib/run.ts';

/** Milliseconds after which an unattended demo answers the question itself. */
const ANSWER_AFTER_MS = 2_000;
/** Milliseconds without any change until the demo gives up and says where it stands. */
const STUCK_MS = 120_000;
/** Pace of the rehearsal agents: slow enough to watch, quick when nobody does. */
const PACE = { watched: '1.6', unattended: '0.3' };

const PROJECT = join(ROOT, '.demo', 'billing-service');
const say = (line: string): void => void process.stdout.write(`${line}\n`);

requireNodeApi('demo');
process.env.NODE_ENV ??= 'production';
try {
  process.exitCode = await demo(new Set(process.argv.slice(2)));
} catch (error) {
  stop('demo', error);
}

async function demo(flags: ReadonlySet<string>): Promise<number> {
  const once = flags.has('--once') || process.stdout.isTTY !== true;
  const resume = flags.has('--resume');
  process.env.OVERSTORY_REHEARSAL_PACE ??= once ? PACE.unattended : PACE.watched;
  await buildParts({ say });
  if (!resume) await createSampleProject(PROJECT, (args) => ov(args));
  await ov(['serve', '--background', '--project', PROJECT]);
  const client = await connect();
  if (resume) say(`Going on with the run in ${PROJECT}`);
  else await startRun(client);
  await openRoom(client, once);
  const outcome = await watchRun(client, once);
  await printSummary(client);
  const verdict = outcome ?? (await judge());
  if (once) await ov(['serve', '--stop', '--project', PROJECT]);
  else
    say(
      'The engine goes on in the background; end it with "npm run ov -- serve --stop --project .demo/billing-service".',
    );
  client.close();
  say(
    verdict === null
      ? '\nDemo passed: six tasks merged, the tests of the sample pass on main.'
      : `\nDemo failed: ${verdict}`,
  );
  return verdict === null ? 0 : 1;
}

async function ov(args: readonly string[]): Promise<void> {
  await runOrThrow(process.execPath, ['--disable-warning=ExperimentalWarning', join(DIST, 'main/ov.cjs'), ...args], {
    cwd: ROOT,
    env: process.env,
  });
}

async function connect(): Promise<RoomClient> {
  const client = await connectToLiveEngine(PROJECT);
  if (!client.ok) throw new Error(client.error.message);
  if (client.value === null)
    throw new Error('the engine ended right after its start: see .demo/billing-service/.overstory/logs');
  return client.value;
}

async function startRun(client: RoomClient): Promise<void> {
  const started = await startDemoRun(client);
  if (!started.ok) throw new Error(started.error.message);
  say(`Run ${started.value.runId} in ${PROJECT}`);
}

/** The desktop when there is a display and an Electron, else the browser room's link. Nobody is waited for. */
async function openRoom(client: RoomClient, once: boolean): Promise<void> {
  const electron = once || !hasDisplay() ? null : findElectron();
  if (electron !== null) {
    const args = [join(DIST, 'main/electron.js'), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), PROJECT];
    spawn(electron.executable, args, {
      cwd: ROOT,
      detached: true,
      stdio: 'ignore',
      env: { ...process.env, OVERSTORY_NODE: process.execPath },
    }).unref();
    say('The room opens in a window.');
    return;
  }
  const link = await client.call('engine.browserLink', {});
  say(link.ok ? `Room: ${link.value.url}` : `No browser room: ${link.error.message}`);
}

/** Follows the run until it is complete. Gives the reason when it does not get there. */
async function watchRun(client: RoomClient, once: boolean): Promise<string | null> {
  const progress = new Progress(say);
  const { promise: finished, resolve: finish } = Promise.withResolvers<string | null>();
  let changedAt = Date.now();
  const touch = (): void => {
    changedAt = Date.now();
  };
  const answering = new Set<string>();
  const stops = [
    client.subscribe('agents', (state) => {
      touch();
      progress.agents(state.byId);
    }),
    client.subscribe('merges', (state) => {
      touch();
      progress.merges(state.byId);
    }),
    client.subscribe('attention', (state) => {
      touch();
      progress.attention(state.byId);
      for (const item of Object.values(state.byId)) {
        const [answer] = item.options;
        if (!once || answer === undefined || answering.has(item.id)) continue;
        answering.add(item.id);
        void delay(ANSWER_AFTER_MS).then(async () => {
          const answered = await client.call('attention.answer', { id: item.id, answer });
          if (answered.ok) say(`${new Date().toTimeString().slice(0, 8)}  the demo answers: ${answer}`);
        });
      }
    }),
    client.subscribe('runs', (state) => {
      const newest = Object.values(state.byId).sort((one, other) => other.startedAt.localeCompare(one.startedAt))[0];
      if (newest?.status === 'completed') finish(null);
    }),
  ];
  client.onClose((reason) =>
    finish(`the engine is gone (${reason}); go on with "npm run demo -- --resume${once ? ' --once' : ''}"`),
  );
  const watch = setInterval(() => {
    if (once && Date.now() - changedAt > STUCK_MS) finish(`nothing happened for ${STUCK_MS / 1_000} s`);
  }, 1_000);
  const outcome = await finished;
  clearInterval(watch);
  for (const stopSubscription of stops) stopSubscription();
  // The coordinator's last turn is still ending when it completes the run.
  if (outcome === null) await delay(500);
  return outcome;
}

async function printSummary(client: RoomClient): Promise<void> {
  const [tasks, merges, agents] = await Promise.all([
    client.snapshot('tasks'),
    client.snapshot('merges'),
    client.snapshot('agents'),
  ]);
  if (!tasks.ok || !merges.ok || !agents.ok) return;
  const rows = TASKS.map((task) => {
    const merge = Object.values(merges.value.byId).find((one) => one.taskId === task.id);
    const agent = merge === undefined ? undefined : agents.value.byId[merge.agentName];
    return [
      task.id,
      merge?.status ?? 'not merged',
      merge?.resolvedTier ?? '-',
      agent?.name ?? '-',
      agent === undefined ? '-' : String(agent.turnCount),
      task.title,
    ];
  });
  const all = [['task', 'state', 'tier', 'agent', 'turns', 'title'], ...rows];
  const widths = all[0]?.map((_cell, column) => Math.max(...all.map((row) => (row[column] ?? '').length))) ?? [];
  say('');
  for (const row of all)
    say(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

/** What is asked of the demo: six merged branches, and the sample's own tests on its main branch. Null when it holds. */
async function judge(): Promise<string | null> {
  const live = await findLiveEngine(PROJECT);
  if (live === null) return 'the engine is gone';
  const branch = (await runOrThrow('git', ['symbolic-ref', '--short', 'HEAD'], { cwd: PROJECT })).stdout.trim();
  if (branch !== 'main') return `the sample is on ${branch}, not on main`;
  for (const task of TASKS) {
    const found = await runOrThrow(
      'git',
      ['for-each-ref', '--merged', 'main', '--format=%(refname:short)', `refs/heads/overstory/*/${task.id}`],
      { cwd: PROJECT },
    );
    if (found.stdout.trim() === '') return `${task.id} is not merged`;
  }
  const tests = await run(process.execPath, ['--test'], { cwd: PROJECT });
  const counted = /^ℹ pass (\d+)$/m.exec(tests.stdout)?.[1] ?? '0';
  say(`\nTests of the sample on main: ${counted} passed, exit code ${tests.code}`);
  return tests.code === 0 ? null : 'the tests of the sample fail on main';
}
