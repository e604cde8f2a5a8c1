import { setTimeout as sleep } from 'node:timers/promises';
import { startEngine } from '../lib/engine.ts';
import { type BenchContext, type Measure, type Row, row } from '../lib/measure.ts';
import { processUse } from '../lib/processes.ts';
import { benchProject } from '../lib/project.ts';
import { agentNames, type History } from '../lib/seed.ts';
import { seedStreams } from '../lib/streams.ts';

const AGENTS = 50;

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
  const streams = await seedStreams(context, project, names, history);
  const engine = await startEngine(context, project.root);
  const face = await engine.webClient();
  let items = 0;
  face.subscribe('timeline', (_state, delta) => {
    items += delta?.append.length ?? 0;
  });
  for (const topic of ['status', 'agents', 'terminals'] as const) face.subscribe(topic, () => {});
  await sleep(1_000);

  streams.start();
  // Until every agent has begun, and what is compiled on first use is.
  await sleep(1_000);
  const before = await processUse(engine.pid);
  await engine.ask('loopStart');
  items = 0;
  streams.mark();
  const watchMs = context.pick(15_000, 3_000);
  await sleep(watchMs);
  const delay = await engine.ask('loopStop');
  const after = await processUse(engine.pid);
  const told = await streams.stop();
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
