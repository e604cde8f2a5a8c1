import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Flow, floodThroughHost } from '../lib/flood.ts';
import { type BenchContext, type Measure, type Row, row } from '../lib/measure.ts';
import { plainPty } from '../lib/plainPty.ts';
import { type BenchProject, benchProject } from '../lib/project.ts';
import { median } from '../lib/stats.ts';

const LINE = `${'The quick brown fox jumps over the lazy dog, 0123456789. '.repeat(2).slice(0, 99)}\n`;

/** Bytes through the pty host to a viewer on its socket, beside a bare node-pty that throws them away. Not recorded: `recording` says what that costs. */
export const pty: Measure = {
  name: 'pty',
  title: 'pty throughput to a viewer, 1 and 8 terminals, beside a plain reader of node-pty; processor time',
  async run(context) {
    const project = await benchProject(context, { 'README.md': '# Bench\n' });
    const rows: Row[] = [];
    for (const [count, megabytes, least] of [
      [1, context.pick(48, 8), 0.85],
      [8, context.pick(8, 1.5), 0.7],
    ] as const) {
      rows.push(...(await measure(context, project, count, megabytes, least)));
    }
    return rows;
  },
};

async function measure(
  context: BenchContext,
  project: BenchProject,
  count: number,
  megabytes: number,
  least: number,
): Promise<Row[]> {
  const lines = Math.floor((megabytes * 1_000_000) / (LINE.length + 1));
  // The terminal turns each line feed into two bytes.
  const bytesEach = lines * (LINE.length + 1);
  const file = join(project.overstory, `flood-${count}.txt`);
  await writeFile(file, LINE.repeat(lines));
  const total = (bytesEach * count) / 1_000_000;
  const ours: Flow[] = [];
  const plain: Flow[] = [];
  for (let round = 0; round < context.pick(4, 2); round += 1) {
    const name = `flood-${count}-${round}`;
    ours.push(await floodThroughHost(project, { name, count, file, bytesEach, recorded: false }));
    plain.push(await plainPty<Flow>(context, ['throughput', count, file, bytesEach]));
  }
  const speed = (flows: readonly Flow[]): number => median(flows.map((flow) => total / (flow.ms / 1_000)));
  const cost = (flows: readonly Flow[]): number => median(flows.map((flow) => flow.cpuMs / total));
  const terminals = count === 1 ? '1 terminal' : `${count} terminals`;
  return [
    row({
      name: `pty throughput, ${terminals}`,
      ours: speed(ours),
      reference: speed(plain),
      unit: 'MB/s',
      goal: { of: 'ratio', is: 'atLeast', value: least },
      note: `ref: node-pty alone; ${total.toFixed(0)} MB of text a round`,
    }),
    row({
      name: `processor time of the pty host, ${terminals}`,
      ours: cost(ours),
      reference: cost(plain),
      unit: 'ms/MB',
      goal: { of: 'ours', is: 'atMost', value: 8 },
      note: 'screen model and socket included, recording off; ref only reads',
    }),
  ];
}
