import { setTimeout as sleep } from 'node:timers/promises';
import { startEngine } from '../lib/engine.ts';
import { type Measure, row } from '../lib/measure.ts';
import { must } from '../lib/must.ts';
import { descendants, processUse } from '../lib/processes.ts';
import { benchProject } from '../lib/project.ts';
import { agentNames, seedAgents, withStores } from '../lib/seed.ts';
import { now } from '../lib/stats.ts';

const AGENTS = 50;
/** Milliseconds after the start of everything before the watch begins: start-up is no idling. */
const SETTLE_MS = 1_500;
/** Milliseconds between two looks at the process table. */
const SCAN_MS = 100;

/** A room at rest: fifty agents with real worktrees and terminals between their turns, one face looking on. */
export const idle: Measure = {
  name: 'idle',
  title: 'idle with 50 worktrees: processes started a second, git starts, processor time of engine and pty host',
  async run(context) {
    const project = await benchProject(context, { 'README.md': '# Bench\n' });
    const names = agentNames(AGENTS);
    for (const name of names) {
      const path = `${project.overstory}/worktrees/${name}`;
      await project.git('worktree', 'add', '-q', '-b', `overstory/${name}/task-${name}`, path, 'main');
    }
    await withStores(project.overstory, (stores) => seedAgents(stores, project.overstory, names, 'between_turns'));
    const { client: host, pid: hostPid } = await project.host();
    for (const name of names) {
      const id = `agent:${name}`;
      const size = { cols: 120, rows: 32 };
      must(await host.call('terminals.open', { id, kind: 'agent', agent: name, title: name, cwd: project.root, size }));
      must(await host.call('terminals.feed', { id, source: 's', offset: 0, end: 9, data: 'resting\r\n' }));
    }
    const engine = await startEngine(context, project.root);
    const face = await engine.webClient();
    for (const topic of ['status', 'agents', 'timeline', 'terminals'] as const) face.subscribe(topic, () => {});
    await sleep(SETTLE_MS);

    const pids = [engine.pid, hostPid];
    await engine.ask('spawned');
    const before = await Promise.all(pids.map(processUse));
    const known = await descendants(pids);
    const seen = new Map<number, string>();
    const started = now();
    const watchMs = context.pick(20_000, 4_000);
    while (now() - started < watchMs) {
      await sleep(SCAN_MS);
      for (const [pid, name] of await descendants(pids)) if (!known.has(pid)) seen.set(pid, name);
    }
    const seconds = (now() - started) / 1_000;
    const after = await Promise.all(pids.map(processUse));
    const { programs } = await engine.ask('spawned');
    const cpu = after.reduce((sum, use, index) => sum + (use?.cpuMs ?? Number.NaN) - (before[index]?.cpuMs ?? 0), 0);
    // The kernel's own count: a child that ended and was waited for shows, however short it lived between two scans.
    const reaped = after.filter((use, index) => use?.reapedFaults !== before[index]?.reapedFaults).length;
    const starts = Math.max(seen.size, programs.length, reaped);
    const gits = Math.max(
      programs.filter((program) => /(^|\/)git$/.test(program)).length,
      [...seen.values()].filter((name) => name.startsWith('git')).length,
    );
    const what = `${AGENTS} worktrees, ${seconds.toFixed(0)} s`;
    return [
      row({
        name: 'idle: git starts',
        ours: gits,
        unit: '',
        goal: { of: 'ours', is: 'atMost', value: 0 },
        note: `${what}; rivals 19 to 44 process starts a second`,
      }),
      row({
        name: 'idle: process starts a second',
        ours: starts / seconds,
        unit: '/s',
        goal: { of: 'ours', is: 'atMost', value: 1 },
        note:
          starts === 0
            ? '/proc scan, spawn events and reaped children agree: none'
            : [...seen.values(), ...programs].join(' '),
      }),
      row({
        name: 'idle: processor time of engine and pty host',
        ours: cpu / seconds / 10,
        unit: '% of a core',
        goal: { of: 'ours', is: 'atMost', value: 1 },
        note: `${what}, one face watching; overstory 14.6 % with 200 agents`,
      }),
    ];
  },
};
