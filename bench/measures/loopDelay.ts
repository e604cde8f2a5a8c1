import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { turnFiles } from '../../main/core/turns/turnFiles.ts';
import { timestamp } from '../../main/platform/clock.ts';
import type { LoopDelay } from '../children/messages.ts';
import { firstMessage, startEngine } from '../lib/engine.ts';
import { type BenchContext, type Measure, type Row, row } from '../lib/measure.ts';
import { must } from '../lib/must.ts';
import { endChild, plainEnvironment, processUse, startScript } from '../lib/processes.ts';
import { benchProject } from '../lib/project.ts';
import { agentNames, type History, seedAgents, seedHistory, withStores } from '../lib/seed.ts';

const AGENTS = 50;
/** Lines a second of one agent: a runtime prints three for a step, and fifty agents that all take two steps a second are a busy fleet. */
const LINES_A_SECOND = 6;

/** Event-loop delay of an engine that follows fifty running turns, adopted as after a restart, with a face looking on. */
export const loopDelay: Measure = {
  name: 'loop-delay',
  title: 'event-loop delay of the engine while 50 agents stream, in a new project and an hour into a run',
  async run(context) {
    return [
      // The easier case is left out of a quick run.
      ...(context.quick ? [] : await stream(context, 'new project', { mails: 0, toolCalls: 0, turns: 0 })),
      ...(await stream(context, 'an hour in', {
        mails: context.pick(2_000, 1_000),
        // A step of each agent every four seconds for an hour.
        toolCalls: 45_000,
        turns: context.pick(20, 5),
      })),
    ];
  },
};

async function stream(context: BenchContext, when: string, history: History): Promise<Row[]> {
  const project = await benchProject(context, { 'README.md': '# Bench\n' });
  const names = agentNames(AGENTS);
  const { client: host } = await project.host();
  const logs = await withStores(project.overstory, async (stores) => {
    const agents = await seedAgents(stores, project.overstory, names, 'in_turn');
    seedHistory(stores, names, history);
    const startedAt = Date.now();
    return Promise.all(
      agents.map(async (agent) => {
        const files = turnFiles(project.overstory, agent.name, startedAt);
        const turnId = `${agent.name}-running`;
        await mkdir(files.directory, { recursive: true });
        await writeFile(files.stdout, '');
        must(
          stores.turns.start({
            turnId,
            agentName: agent.name,
            sessionId: agent.sessionId,
            runId: null,
            prompt: 'Go on.',
            logDirectory: files.directory,
            startedAt: timestamp(startedAt),
            resumeId: null,
            model: null,
          }),
        );
        const id = `agent:${agent.name}`;
        const size = { cols: 120, rows: 32 };
        must(
          await host.call('terminals.open', {
            id,
            kind: 'agent',
            agent: agent.name,
            title: id,
            cwd: project.root,
            size,
          }),
        );
        // Stands for the runtime's process; what it prints comes from one writer for all.
        must(
          await host.call('terminals.run', {
            id,
            argv: ['sleep', '600'],
            cwd: project.root,
            env: plainEnvironment(),
            stdinFile: null,
            stdoutFile: null,
            stderrFile: null,
            exitFile: files.exit,
            tag: turnId,
          }),
        );
        return files.stdout;
      }),
    );
  });
  const writers = startScript(
    join(import.meta.dirname, '../children/logWriters.ts'),
    [String(LINES_A_SECOND), ...logs],
    project.root,
  );
  context.defer(() => endChild(writers));
  await firstMessage(writers);
  const engine = await startEngine(context, project.root);
  const face = await engine.webClient();
  let items = 0;
  face.subscribe('timeline', (_state, delta) => {
    items += delta?.append.length ?? 0;
  });
  for (const topic of ['status', 'agents', 'terminals'] as const) face.subscribe(topic, () => {});
  await sleep(1_000);

  writers.send('start');
  // Until every agent has begun, and what is compiled on first use is.
  await sleep(1_000);
  const before = await processUse(engine.pid);
  await engine.ask('loopStart');
  items = 0;
  writers.send('mark');
  const watchMs = context.pick(15_000, 3_000);
  await sleep(watchMs);
  const delay = await engine.ask('loopStop');
  const after = await processUse(engine.pid);
  writers.send('stop');
  const told = await firstMessage<{ delay: LoopDelay; written: number }>(writers);
  await engine.stop();
  const cpu = ((after?.cpuMs ?? Number.NaN) - (before?.cpuMs ?? 0)) / watchMs;
  const rate = `${Math.round(told.written / (watchMs / 1_000))} log lines a second, ${items} timeline items reached the face`;
  return [
    row({
      name: `engine loop delay, ${AGENTS} streams, ${when}, p99`,
      ours: delay.p99,
      reference: told.delay.p99,
      unit: 'ms',
      goal: { of: 'ours', is: 'atMost', value: 20 },
      note: `ref: the idle loop of the writing process at the same time; max ${delay.max.toFixed(0)} ms against ${told.delay.max.toFixed(0)} ms; published 210 ms`,
    }),
    row({
      name: `engine processor time, ${AGENTS} streams, ${when}`,
      ours: cpu * 100,
      unit: '% of a core',
      note: `${rate}; ${history.toolCalls} tool calls in the last hour before`,
    }),
  ];
}
