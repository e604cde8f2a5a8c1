import { join } from 'node:path';
import { startEngine } from '../lib/engine.ts';
import { type Measure, row } from '../lib/measure.ts';
import { must } from '../lib/must.ts';
import { benchProject } from '../lib/project.ts';
import { interleave, median, p99 } from '../lib/stats.ts';

/** Slinging an agent, its first turn held back by a paused fleet, beside the one git command that cannot be saved. */
export const sling: Measure = {
  name: 'sling',
  title: 'agents.sling beyond raw `git worktree add`, and processes it starts',
  async run(context) {
    const project = await benchProject(context);
    const engine = await startEngine(context, project.root);
    const client = await engine.client();
    must(await client.call('fleet.pause', { paused: true }));
    must(await client.call('agents.sling', { taskId: 'warm', name: 'warm' }));
    await project.git('worktree', 'add', '-q', '-b', 'plain/warm', join(project.root, '..', 'plain-warm'), 'main');
    await project.git('worktree', 'remove', '--force', join(project.root, '..', 'plain-warm'));
    await engine.ask('spawned');
    const rounds = context.pick(25, 8);
    const times = await interleave(rounds, {
      ours: async (round) =>
        void must(await client.call('agents.sling', { taskId: `T-${round}`, name: `agent-${round}` })),
      git: (round) =>
        project.git(
          'worktree',
          'add',
          '-q',
          '-b',
          `plain/${round}`,
          join(project.overstory, 'tmp', `plain-${round}`),
          'main',
        ),
    });
    const { programs } = await engine.ask('spawned');
    return [
      row({
        name: 'sling, p50',
        ours: median(times.ours),
        reference: median(times.git),
        unit: 'ms',
        goal: { of: 'beyond', is: 'atMost', value: 20 },
        note: `ref: git worktree add; p99 ${p99(times.ours).toFixed(0)} ms against ${p99(times.git).toFixed(0)} ms; 103 files`,
      }),
      row({
        name: 'processes a sling starts',
        ours: programs.length / rounds,
        unit: '',
        note: 'overstory: 12',
      }),
    ];
  },
};
