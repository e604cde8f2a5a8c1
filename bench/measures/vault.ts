import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_VAULT } from '../../main/core/config/vaultSettings.ts';
import { createGit } from '../../main/core/git/git.ts';
import { createSnapshotKeeper } from '../../main/core/vault/snapshotKeeper.ts';
import { systemClock } from '../../main/platform/clock.ts';
import { type Measure, row } from '../lib/measure.ts';
import { must } from '../lib/must.ts';
import { execute } from '../lib/processes.ts';
import { temporaryFolder } from '../lib/project.ts';
import { interleave, median, p95 } from '../lib/stats.ts';

/** Files of the repository, and of them changed when a snapshot is taken (issue: "20,000-file repo with 50 changed files"). */
const FILES = 20_000;
const CHANGED = 50;
const FOLDERS = 200;

/** Snapshots of a large worktree beside the one thing every snapshot has to know: what git status says. */
export const vault: Measure = {
  name: 'vault',
  title: 'a snapshot of a worktree of 20,000 files, 50 of them changed, beside git status',
  async run(context) {
    const root = await temporaryFolder(context);
    const plain = (...args: string[]): Promise<string> => execute('git', args, root);
    await plain('init', '-q', '-b', 'main');
    await plain('config', 'user.name', 'Bench');
    await plain('config', 'user.email', 'bench@localhost');
    await plain('config', 'gc.auto', '0');
    const place = (index: number): string => join(root, `src/part${index % FOLDERS}/file${index}.ts`);
    for (let folder = 0; folder < FOLDERS; folder += 1)
      await mkdir(join(root, `src/part${folder}`), { recursive: true });
    for (let index = 0; index < FILES; index += 1) await writeFile(place(index), `export const value${index} = 1;\n`);
    await plain('add', '.');
    await plain('commit', '-qm', 'start');

    const keeper = createSnapshotKeeper({ git: createGit(root), clock: systemClock, limits: () => DEFAULT_VAULT });
    const take = async (): Promise<boolean> => {
      const request = { agentName: null, worktree: root, reason: 'manual', detail: 'bench' } as const;
      return must(await keeper.take(request)).taken;
    };
    await take();
    const rounds = context.pick(25, 7);
    const status = (): Promise<string> => plain('status', '--porcelain', '--untracked-files=all');
    // The same files change each round, before either side is timed.
    const times: Record<'status' | 'snapshot' | 'unchanged', number[]> = { status: [], snapshot: [], unchanged: [] };
    for (let round = 0; round < rounds; round += 1) {
      for (let index = 0; index < CHANGED; index += 1) await appendFile(place(index * 7), `// ${round}\n`);
      const one = await interleave(1, {
        status,
        async snapshot() {
          if (!(await take())) throw new Error('the snapshot was not taken');
        },
      });
      const again = await interleave(1, {
        async unchanged() {
          if (await take()) throw new Error('an unchanged state was stored twice');
        },
      });
      times.status.push(...one.status);
      times.snapshot.push(...one.snapshot);
      times.unchanged.push(...again.unchanged);
    }
    const compared = (ours: readonly number[]): string =>
      `ref: git status; p95 ${p95(ours).toFixed(0)} ms against ${p95(times.status).toFixed(0)} ms`;
    return [
      row({
        name: 'vault snapshot, 20,000 files, 50 changed, p50',
        ours: median(times.snapshot),
        reference: median(times.status),
        unit: 'ms',
        goal: { of: 'ratio', is: 'atMost', value: 2 },
        note: compared(times.snapshot),
      }),
      row({
        name: 'vault snapshot of an unchanged state, p50',
        ours: median(times.unchanged),
        reference: median(times.status),
        unit: 'ms',
        note: compared(times.unchanged),
      }),
    ];
  },
};
