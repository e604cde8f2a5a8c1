import { spawn } from 'node:child_process';
import diagnostics from 'node:diagnostics_channel';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ok } from '../../contract/result.ts';
import { NO_CHANGES } from '../../main/core/changes.ts';
import { defaultConfig } from '../../main/core/config/schema.ts';
import { openStores, type Stores } from '../../main/core/stores.ts';
import type { ActiveTurn } from '../../main/core/turns/activeTurn.ts';
import { createWatchdog } from '../../main/core/watchdog/watchdogService.ts';
import { timestamp } from '../../main/platform/clock.ts';
import { type BenchContext, type Measure, type Row, row } from '../lib/measure.ts';
import { must } from '../lib/must.ts';
import { benchProject } from '../lib/project.ts';
import { agentNames, type SeededAgent, seedAgents } from '../lib/seed.ts';
import { median, now, worst } from '../lib/stats.ts';

const SESSIONS = [10, 50, 200] as const;
/** Files of each worktree: a quiet agent's are looked at. */
const FILES = 40;

/**
 * One whole look of the watchdog at agents that are all in a turn, each with a live process, a worktree and a terminal,
 * and all of them silent: nothing is saved by their being at rest, and every file is looked at.
 */
export const watchdogTick: Measure = {
  name: 'watchdogTick',
  title: 'one tick of the watchdog with 10, 50 and 200 agents in a turn: time, growth, processes started',
  async run(context) {
    const rows: Row[] = [];
    const perSession: number[] = [];
    for (const sessions of SESSIONS) {
      const found = await measure(context, sessions);
      perSession.push(found.p50 / sessions);
      rows.push(
        row({
          name: `watchdog tick, ${sessions} agents in a turn`,
          ours: found.p50,
          unit: 'ms',
          note: `worst ${found.worst.toFixed(1)} ms, ${found.cpuMs.toFixed(1)} ms processor time, loop held ${found.heldMs.toFixed(1)} ms at most`,
        }),
      );
      if (sessions === 200)
        rows.push(
          row({
            name: 'watchdog tick: processes started',
            ours: found.started,
            unit: '',
            goal: { of: 'ours', is: 'atMost', value: 0 },
            note: `${found.ticks} ticks over ${sessions} agents; a git for each would be ${sessions} a tick`,
          }),
        );
    }
    rows.push(
      row({
        name: 'watchdog tick: cost of an agent, 200 to 10',
        ours: perSession.at(-1) ?? Number.NaN,
        reference: perSession[0] ?? Number.NaN,
        unit: 'ms',
        goal: { of: 'ratio', is: 'atMost', value: 1.5 },
        note: 'linear growth is a ratio of 1',
      }),
    );
    return rows;
  },
};

async function measure(context: BenchContext, sessions: number) {
  const project = await benchProject(context, { 'README.md': '# Bench\n' });
  const stores = must(await openStores(project.overstory));
  context.defer(() => stores.close());
  const agents = await seedAgents(stores, project.overstory, agentNames(sessions), 'in_turn');
  const turns = new Map<string, ActiveTurn>();
  const pids = new Map<string, number>();
  for (const agent of agents) {
    await fillWorktree(agent);
    turns.set(agent.name, startTurn(stores, agent));
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    context.defer(() => void child.kill('SIGKILL'));
    pids.set(agent.name, child.pid ?? 0);
  }
  const config = defaultConfig(project.root);
  const watchdog = createWatchdog({
    clock: { now: () => Date.now() },
    log: () => {},
    config: () => config,
    overstoryDirectory: project.overstory,
    projectRoot: project.root,
    stores,
    engine: {
      activeTurn: (name) => turns.get(name) ?? null,
      activeTurns: () => turns.values(),
      isBusy: (name) => turns.has(name),
      interrupt: async () => {},
      reconcile: async () => {},
    },
    terminal: (name) => ({
      running: true,
      pid: pids.get(name) ?? null,
      tag: turns.get(name)?.turn.turnId ?? null,
      bytes: 1,
    }),
    endTerminal: async () => ok({}),
    takenOver: () => false,
    held: () => null,
    asks: () => null,
    paused: () => false,
    nudge: async () => ok({ delivered: true }),
    ask: async () => ok({ text: 'extend' }),
    wake() {},
    changes: NO_CHANGES,
    onFindings() {},
    publish() {},
    onTick() {},
  });
  // The first looks fill caches and read what each agent last sent.
  for (let round = 0; round < 3; round += 1) await watchdog.tick();

  let started = 0;
  const count = (): void => {
    started += 1;
  };
  diagnostics.subscribe('child_process', count);
  context.defer(() => void diagnostics.unsubscribe('child_process', count));
  const held = monitorEventLoopDelay({ resolution: 1 });
  held.enable();
  const cpuBefore = process.cpuUsage();
  const ticks = context.pick(40, 10);
  const times: number[] = [];
  for (let round = 0; round < ticks; round += 1) {
    const from = now();
    await watchdog.tick();
    times.push(now() - from);
  }
  held.disable();
  const cpu = process.cpuUsage(cpuBefore);
  await watchdog.stop();
  return {
    p50: median(times),
    worst: worst(times),
    cpuMs: (cpu.user + cpu.system) / 1_000 / ticks,
    heldMs: held.max / 1e6,
    started,
    ticks,
  };
}

/** A worktree as `git worktree add` leaves one, as far as times are looked at. */
async function fillWorktree({ worktree }: SeededAgent): Promise<void> {
  await mkdir(join(worktree, '.git', 'logs'), { recursive: true });
  await mkdir(join(worktree, 'src'), { recursive: true });
  for (const name of ['HEAD', 'index', 'logs/HEAD']) await writeFile(join(worktree, '.git', name), 'x');
  for (let file = 0; file < FILES; file += 1) await writeFile(join(worktree, 'src', `f${file}.ts`), '');
}

/** A stand-in for the engine's running turn: the watchdog reads these fields and no others. */
function startTurn(stores: Stores, agent: SeededAgent): ActiveTurn {
  const turn = must(
    stores.turns.start({
      turnId: `${agent.name}-1`,
      agentName: agent.name,
      sessionId: agent.sessionId,
      runId: null,
      prompt: '',
      logDirectory: '/nowhere',
      startedAt: timestamp(Date.now() - 60_000),
      resumeId: null,
      model: null,
    }),
  );
  return { turn, quietUntil: 0, doing: null } as unknown as ActiveTurn;
}
