import { startEngine } from '../lib/engine.ts';
import { type Measure, row } from '../lib/measure.ts';
import { benchProject } from '../lib/project.ts';
import { agentNames, seedAgents, seedHistory, withStores } from '../lib/seed.ts';
import { median, p99 } from '../lib/stats.ts';

const GOAL = { of: 'ours', is: 'atMost', value: 1 } as const;

/** Reading state inside the engine process, with an hour's history in the stores. */
export const stateRead: Measure = {
  name: 'state-read',
  title: 'agents view and status read inside the engine, 50 agents, an hour of history: p99',
  async run(context) {
    const project = await benchProject(context);
    const names = agentNames(50);
    const toolCalls = context.pick(45_000, 15_000);
    const mails = context.pick(10_000, 3_000);
    await withStores(project.overstory, async (stores) => {
      await seedAgents(stores, project.overstory, names, 'between_turns');
      seedHistory(stores, names, { mails, toolCalls, turns: context.pick(20, 6) });
    });
    const engine = await startEngine(context, project.root);
    const times = await engine.ask('reads', context.pick(300, 80));
    const reference = p99(times.plain);
    const past = `${toolCalls} tool calls and ${mails} mails in the last hour`;
    const line = (name: string, samples: readonly number[], note: string) =>
      row({
        name,
        ours: p99(samples),
        reference,
        unit: 'ms',
        goal: GOAL,
        note: `p50 ${median(samples).toFixed(3)} ms; ${note}`,
      });
    return [
      line('agents topic snapshot in the engine, p99', times.snapshot, 'ref: SELECT of the session rows'),
      line('one agent view from the stores, p99', times.one, past),
      line('50 agent views from the stores, p99', times.rebuild, past),
      line('status view from the stores, p99', times.status, `${past}; read after every change of an agent or mail`),
    ];
  },
};
