import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEngine } from '../lib/engine.ts';
import { type Measure, row } from '../lib/measure.ts';
import { must } from '../lib/must.ts';
import { execute } from '../lib/processes.ts';
import { benchProject, temporaryFolder } from '../lib/project.ts';
import { interleave, median, p95 } from '../lib/stats.ts';

const GOAL = { of: 'ratio', is: 'atMost', value: 2 } as const;

/** Predicting and doing clean merges of small branches, beside git alone in a copy of the same repository. */
export const merge: Measure = {
  name: 'merge',
  title: 'merges.predict and merges.run beside raw git merge-tree and git merge, small repository',
  async run(context) {
    const project = await benchProject(context);
    const rounds = context.pick(20, 6);
    const branch = (round: number): string => `overstory/agent-${round}/T-${round}`;
    for (let round = 0; round < rounds; round += 1) {
      await project.git('checkout', '-q', '-b', branch(round), 'main');
      await writeFile(join(project.root, `src/part1/file${round * 10 + 1}.ts`), `export const changed = ${round};\n`);
      await project.git('add', '--all', 'src');
      await project.git('commit', '-qm', `work ${round}`);
    }
    await project.git('checkout', '-q', 'main');
    const copy = join(await temporaryFolder(context), 'copy');
    await cp(project.root, copy, { recursive: true });
    const plainGit = (...args: string[]): Promise<string> => execute('git', args, copy);
    const engine = await startEngine(context, project.root);
    const client = await engine.client();

    const dry = await interleave(rounds, {
      ours: async (round) => void must(await client.call('merges.predict', { branch: branch(round) })),
      git: (round) => plainGit('merge-tree', '--write-tree', 'main', branch(round)),
    });
    await engine.ask('spawned');
    const real = await interleave(rounds, {
      async ours(round) {
        const merged = must(await client.call('merges.run', { branch: branch(round) }));
        if (merged.results[0]?.success !== true)
          throw new Error(`merge ${round} failed: ${merged.results[0]?.errorMessage}`);
      },
      git: (round) => plainGit('merge', '-q', '--no-ff', '--no-edit', branch(round)),
    });
    const { programs } = await engine.ask('spawned');
    return [
      row({
        name: 'merge dry run, p50',
        ours: median(dry.ours),
        reference: median(dry.git),
        unit: 'ms',
        goal: GOAL,
        note: `ref: git merge-tree; p95 ${p95(dry.ours).toFixed(0)} ms against ${p95(dry.git).toFixed(0)} ms`,
      }),
      row({
        name: 'merge, p50',
        ours: median(real.ours),
        reference: median(real.git),
        unit: 'ms',
        goal: GOAL,
        note: `ref: git merge; p95 ${p95(real.ours).toFixed(0)} ms against ${p95(real.git).toFixed(0)} ms; ${(programs.length / rounds).toFixed(1)} processes a merge`,
      }),
    ];
  },
};
