import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_VAULT } from '../../main/core/config/vaultSettings.ts';
import { createGit, type Git } from '../../main/core/git/git.ts';
import { createRadarLook, type RadarMatrix, type Watched } from '../../main/core/radar/radarLook.ts';
import { type BenchContext, type Measure, row } from '../lib/measure.ts';
import { must } from '../lib/must.ts';
import { execute } from '../lib/processes.ts';
import { temporaryFolder } from '../lib/project.ts';
import { median, p95 } from '../lib/stats.ts';

/** Issue 4: "30 worktrees of a 20,000-file repository". */
const FILES = 20_000;
const FOLDERS = 200;
const WORKTREES = 30;
/** More of the same, which only the reference looks at: a worktree that git has seen before is quicker to look at. */
const SPARE = 4;
/** Files each worktree has committed, and has changed without committing; some of them are the neighbour's too. */
const COMMITTED = 20;
const UNCOMMITTED = 5;

const fileName = (index: number): string => `src/part${index % FOLDERS}/file${index}.ts`;
const content = (index: number, line: string): string =>
  `${Array.from({ length: 12 }, (_, number) => `export const value${index}_${number} = ${number};`).join('\n')}\n${line}\n`;

/** The first whole matrix, and what one changed file costs afterwards. */
export const radar: Measure = {
  name: 'radar',
  title: 'predicted conflicts between 30 worktrees of 20,000 files, uncommitted work included',
  async run(context) {
    const { root, worktrees, spare } = await seed(context);
    const statusOf = async (path: string): Promise<number> => {
      const began = performance.now();
      await execute('git', ['status', '--porcelain', '--untracked-files=all'], path);
      return performance.now() - began;
    };
    const coldStatus: number[] = [];
    for (const { path } of spare) coldStatus.push(await statusOf(path));
    let processes = 0;
    const counted: Git = (args, options) => {
      processes += 1;
      return createGit(root)(args, options);
    };
    const radar = createRadarLook({ git: counted, scratch: join(root, '.radar'), limits: () => DEFAULT_VAULT });
    context.defer(() => radar.close());
    const look = async (changed: readonly string[]): Promise<Looked> => {
      processes = 0;
      const began = performance.now();
      const matrix = must(await radar.look(worktrees, new Set(changed), 'main'));
      return { matrix, milliseconds: performance.now() - began, processes };
    };
    context.say('  first matrix');
    const first = await look([]);
    if (first.matrix.pairs.length === 0) throw new Error('the seeded worktrees must conflict somewhere');
    const idle = await look([]);

    // One by one, as the radar without a memory and a process for all would do it.
    const [one, other] = [first.matrix.worktrees[0]?.state?.head ?? '', first.matrix.worktrees[1]?.state?.head ?? ''];
    const single: number[] = [];
    for (let round = 0; round < context.pick(15, 5); round += 1) {
      const began = performance.now();
      // A conflict makes git end with 1.
      await createGit(root)(['merge-tree', '--write-tree', one, other]);
      single.push(performance.now() - began);
    }
    const updates: Looked[] = [];
    for (let round = 0; round < context.pick(15, 4); round += 1) {
      const worktree = worktrees[round % WORKTREES];
      if (worktree === undefined) throw new Error('there are worktrees');
      await appendFile(join(worktree.path, fileName(round * 3)), `// round ${round}\n`);
      updates.push(await look([worktree.name]));
    }
    const status: number[] = [];
    for (let round = 0; round < context.pick(15, 4); round += 1) {
      status.push(await statusOf(worktrees[round % WORKTREES]?.path ?? root));
    }
    const pairs = (WORKTREES * (WORKTREES + 1)) / 2;
    const times = updates.map((update) => update.milliseconds);
    return [
      row({
        name: 'radar, first matrix of 30 worktrees',
        ours: first.milliseconds,
        reference: pairs * median(single) + WORKTREES * median(coldStatus),
        unit: 'ms',
        goal: { of: 'ratio', is: 'atMost', value: 1 },
        note: `ref: git status for each worktree and git merge-tree for each of ${pairs} pairs; ${first.processes} processes, ${first.matrix.mergedPairs} pairs really merged, ${first.matrix.pairs.length} conflict`,
      }),
      row({
        name: 'radar, update after one changed file, p50',
        ours: median(times),
        reference: median(status),
        unit: 'ms',
        goal: { of: 'ours', is: 'atMost', value: 1_000 },
        note: `ref: git status of that worktree; p95 ${p95(times).toFixed(0)} ms; at most ${Math.max(...updates.map((update) => update.processes))} processes`,
      }),
      row({
        name: 'radar, look without a change, processes',
        ours: idle.processes,
        unit: 'processes',
        goal: { of: 'ours', is: 'atMost', value: 2 },
        note: `${idle.milliseconds.toFixed(0)} ms; the service does not even look then`,
      }),
    ];
  },
};

interface Looked {
  readonly matrix: RadarMatrix;
  readonly milliseconds: number;
  readonly processes: number;
}

interface Seeded {
  readonly root: string;
  readonly worktrees: readonly Watched[];
  readonly spare: readonly Watched[];
}

/** The repository by one fast-import, the worktrees by git itself. */
async function seed(context: BenchContext): Promise<Seeded> {
  const root = await temporaryFolder(context);
  const git = (...args: string[]): Promise<string> => execute('git', args, root);
  await git('init', '-q', '-b', 'main');
  await git('config', 'user.name', 'Bench');
  await git('config', 'user.email', 'bench@localhost');
  await git('config', 'gc.auto', '0');
  context.say('  seeding 20,000 files');
  await fastImport(root);
  const worktrees: Watched[] = [];
  const folder = await temporaryFolder(context);
  for (let index = 0; index < WORKTREES + SPARE; index += 1) {
    const name = `agent-${index}`;
    const path = join(folder, name);
    await git('worktree', 'add', '-q', path, `work/${index}`);
    // Five files nobody else has but the last, which the neighbour changes too.
    for (let file = 0; file < UNCOMMITTED; file += 1) {
      const number = file === 0 ? Math.floor(index / 2) : 1_000 + index * UNCOMMITTED + file;
      await writeFile(join(path, fileName(number)), content(number, `// uncommitted of ${name}`));
    }
    worktrees.push({ name, path });
    if (index % 10 === 9) context.say(`  ${index + 1} worktrees`);
  }
  return { root, worktrees: worktrees.slice(0, WORKTREES), spare: worktrees.slice(WORKTREES) };
}

async function fastImport(root: string): Promise<void> {
  const child = spawn('git', ['fast-import', '--quiet'], { cwd: root, stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = once(child, 'close');
  const file = (index: number, text: string): string =>
    `M 100644 inline ${fileName(index)}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
  const begin = (ref: string, mark: number, from: string): string =>
    `commit ${ref}\nmark :${mark}\ncommitter Bench <bench@localhost> 1700000000 +0000\ndata 4\nwork\n${from}`;
  let text = begin('refs/heads/main', 1, '');
  for (let index = 0; index < FILES; index += 1) text += file(index, content(index, '// as it was'));
  for (let index = 0; index < WORKTREES + SPARE; index += 1) {
    text += begin(`refs/heads/work/${index}`, index + 2, 'from :1\n');
    for (let changed = 0; changed < COMMITTED; changed += 1) {
      // Every fourth file is one that others change as well.
      const number = changed % 4 === 0 ? 5_000 + (index % 6) * 10 + changed : 6_000 + index * COMMITTED + changed;
      text += file(number, content(number, `// work of ${index}`));
    }
  }
  child.stdin.end(text);
  const [code] = await ended;
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
}
