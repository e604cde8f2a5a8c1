import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Document } from 'yaml';
import { WATCHDOG_RULES } from '../../../contract/evidence.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { type RoomClient, roomContract } from '../../../contract/room.ts';
import { PRODUCT_VERSION } from '../../../contract/version.ts';
import type { Channel } from '../../../contract/wire/channel.ts';
import { connectClient } from '../../../contract/wire/client.ts';
import { createMemoryPair } from '../../../contract/wire/memoryChannel.ts';
import { systemClock } from '../../platform/clock.ts';
import { isSameProcess } from '../../platform/processes.ts';
import { nodeScheduler } from '../../platform/scheduler.ts';
import { ensurePtyHost, findPtyHost } from '../../pty-host/client.ts';
import { initProject } from '../config/init.ts';
import { createGit } from '../git/git.ts';
import { isMissing } from '../util/files.ts';
import type { DrillPlan, Modes } from './drillPlan.ts';

/** An engine of the sandbox: this process's own code on another project. */
export interface SandboxEngine {
  /** Serves a client that may do everything. */
  connect(channel: Channel): void;
  close(): Promise<void>;
}

/** Starts one; the engine hands this in, so that drills know nothing of how it is put together. */
export type StartSandbox = (projectRoot: string) => Promise<Result<SandboxEngine>>;

/** A project of its own below `.overstory/drills`, with an engine that shares nothing with the project's. */
export interface Sandbox {
  readonly root: string;
  readonly client: RoomClient;
  /** Ends everything that runs in it, and removes it. */
  dispose(): Promise<void>;
}

/** Milliseconds between two looks of the sandbox's watchdog, and between two levels of its ladder. */
const TICK_MS = 1_000;
const NUDGE_MS = 1_500;
/** Milliseconds its terminal host is given to leave. */
const LEAVE_MS = 30_000;

export function drillFolder(overstory: string): string {
  return join(overstory, 'drills');
}

/** Makes the sandbox of one drill: repository, settings, engine, client. */
export async function openSandbox(
  overstory: string,
  id: string,
  plan: DrillPlan,
  modes: Modes,
  start: StartSandbox,
): Promise<Result<Sandbox>> {
  const root = join(drillFolder(overstory), id);
  await mkdir(root, { recursive: true });
  const made = await makeProject(root, plan, modes);
  if (!made.ok) {
    await clearSandbox(root);
    return made;
  }
  const engine = await start(root);
  if (!engine.ok) {
    await clearSandbox(root);
    return engine;
  }
  const dispose = async (): Promise<void> => {
    await engine.value.close();
    await clearSandbox(root);
  };
  const [here, there] = createMemoryPair();
  engine.value.connect(there);
  const client = await connectClient({
    contract: roomContract,
    channel: here,
    hello: { build: PRODUCT_VERSION },
    scheduler: nodeScheduler,
  });
  if (client.ok) return ok({ root, client: client.value, dispose });
  await dispose();
  return client;
}

async function makeProject(root: string, plan: DrillPlan, modes: Modes): Promise<Result<null>> {
  const git = createGit(root);
  const steps: readonly (readonly string[])[] = [
    ['init', '--quiet', '--initial-branch=main'],
    ['config', 'user.name', 'Fire drill'],
    ['config', 'user.email', 'drill@localhost'],
    ['config', 'commit.gpgSign', 'false'],
    ['config', 'core.hooksPath', '/dev/null'],
    ['add', 'README.md'],
    ['commit', '--quiet', '--message', 'A sandbox'],
  ];
  await writeFile(join(root, 'README.md'), '# A sandbox for a fire drill\n');
  for (const args of steps) {
    const done = await git(args);
    if (done.code !== 0) return fail('worktree', `the sandbox cannot be made: git ${args[0]}: ${done.stderr.trim()}`);
  }
  const prepared = await initProject(root, { clock: systemClock, name: 'drill', runtime: 'rehearsal', tools: [] });
  if (!prepared.ok) return prepared;
  await writeFile(join(root, '.overstory', 'config.local.yaml'), settingsText(plan, modes));
  return ok(null);
}

/** Settings of a sandbox: the project's own rules, and times in which a person can watch. */
export function settingsText(plan: Pick<DrillPlan, 'staleMs'>, modes: Modes): string {
  const named = (mode: string): string[] => WATCHDOG_RULES.filter((rule) => modes[rule] === mode);
  return new Document({
    agents: { staggerDelayMs: 0 },
    watchdog: {
      tier0Enabled: true,
      tier0IntervalMs: TICK_MS,
      tier1Enabled: false,
      tier2Enabled: false,
      staleThresholdMs: plan.staleMs,
      zombieThresholdMs: 2 * plan.staleMs,
      nudgeIntervalMs: NUDGE_MS,
      maxEscalationLevel: 3,
    },
    controlRoom: {
      maxTurnAttempts: 2,
      watchdog: {
        live: named('live'),
        shadow: named('shadow'),
        off: named('off'),
        refreshMs: TICK_MS,
        loopRounds: 4,
        loopMinimumMs: 1_500,
      },
      radar: { enabled: false },
    },
  }).toString();
}

/** Ends the terminal host of a sandbox with all that runs under it, and removes the folder. Safe to call at any time. */
export async function clearSandbox(root: string): Promise<void> {
  const host = await findPtyHost(root);
  if (host !== null) {
    const connected = await ensurePtyHost({ projectRoot: root });
    if (connected.ok) {
      await connected.value.client.call('host.shutdown', { force: true });
      connected.value.client.close();
    }
    const deadline = performance.now() + LEAVE_MS;
    while (performance.now() < deadline && (await isSameProcess(host))) await delay(20);
    // One that does not answer owns only processes of the sandbox.
    if (await isSameProcess(host)) process.kill(host.pid, 'SIGKILL');
  }
  await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** Clears away what an engine left that was killed in the middle of a drill. @returns how many. */
export async function clearLeftSandboxes(overstory: string): Promise<number> {
  const folder = drillFolder(overstory);
  const names = await readdir(folder).catch((error: unknown) => {
    // No drill has ever been held.
    if (isMissing(error)) return null;
    throw error;
  });
  if (names === null) return 0;
  for (const name of names) await clearSandbox(join(folder, name));
  await rm(folder, { recursive: true, force: true });
  return names.length;
}
