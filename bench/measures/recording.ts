import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { screenAt } from '../../main/core/recordings/playedScreen.ts';
import { readTerminal } from '../../main/core/recordings/segments.ts';
import { recordingsFolder, terminalFolder } from '../../main/platform/castFiles.ts';
import { type Flow, floodThroughHost, terminalsOf } from '../lib/flood.ts';
import { type BenchContext, type Measure, type Row, removeFolder, row } from '../lib/measure.ts';
import { type BenchProject, benchProject } from '../lib/project.ts';
import { median, now } from '../lib/stats.ts';

/** Coloured lines, as programs write them: escapes are what makes a recording larger than its output. */
const LINE = `\x1b[3${1}m${'The quick brown fox'}\x1b[0m jumps over \x1b[1mthe lazy dog\x1b[0m, ${'0123456789. '.repeat(4)}\n`;

/** The same flood through the same pty host, with recording on and off in turns, and finding a second in what came of it. */
export const recording: Measure = {
  name: 'recording',
  title: 'pty throughput with recording beside without, 1 and 8 terminals; processor time; drawing a recorded moment',
  async run(context) {
    const project = await benchProject(context, { 'README.md': '# Bench\n' });
    const text = await mkdtemp(join(tmpdir(), 'bench-recording-'));
    context.defer(() => removeFolder(text));
    const rows: Row[] = [];
    for (const [count, megabytes] of [
      [1, context.pick(48, 12)],
      [8, context.pick(8, 2)],
    ] as const) {
      const lines = Math.floor((megabytes * 1_000_000) / LINE.length);
      const file = join(text, `${count}.txt`);
      await writeFile(file, LINE.repeat(lines));
      rows.push(...(await compare(context, project, count, file, lines * (LINE.length + 1))));
    }
    rows.push(await finding(context, project));
    return rows;
  },
};

async function compare(
  context: BenchContext,
  project: BenchProject,
  count: number,
  file: string,
  bytesEach: number,
): Promise<Row[]> {
  const flows: Record<'on' | 'off', Flow[]> = { on: [], off: [] };
  for (let round = 0; round < context.pick(5, 3); round += 1) {
    // Who is first changes, so that neither always finds the warmer machine.
    for (const which of round % 2 === 0 ? (['on', 'off'] as const) : (['off', 'on'] as const))
      flows[which].push(
        await floodThroughHost(project, {
          name: nameOf(count, round, which),
          count,
          file,
          bytesEach,
          recorded: which === 'on',
        }),
      );
  }
  const megabytes = (bytesEach * count) / 1_000_000;
  const speed = (which: 'on' | 'off'): number => median(flows[which].map((one) => megabytes / (one.ms / 1_000)));
  const cost = (which: 'on' | 'off'): number => median(flows[which].map((one) => one.cpuMs / megabytes));
  const terminals = count === 1 ? '1 terminal' : `${count} terminals`;
  return [
    row({
      name: `throughput while recording, ${terminals}`,
      ours: speed('on'),
      reference: speed('off'),
      unit: 'MB/s',
      goal: { of: 'ratio', is: 'atLeast', value: 0.9 },
      note: `ref: the same host with recording off; ${megabytes.toFixed(0)} MB of coloured text a round`,
    }),
    row({
      name: `processor time while recording, ${terminals}`,
      ours: cost('on'),
      reference: cost('off'),
      unit: 'ms/MB',
      note: 'encoding and writing included, also in the threads of the file system',
    }),
  ];
}

const nameOf = (count: number, round: number, which: 'on' | 'off'): string => `rec-${count}-${round}-${which}`;

/** A moment somewhere in the largest recording, as the engine draws it. */
async function finding(context: BenchContext, project: BenchProject): Promise<Row> {
  const [name = ''] = terminalsOf({ name: nameOf(1, 0, 'on'), count: 1 });
  const found = await readTerminal(join(recordingsFolder(project.root), terminalFolder(name)));
  const first = found?.segments[0]?.header.overstory.startedAt ?? 0;
  const last = found?.segments.at(-1)?.writtenAt ?? first;
  const times: number[] = [];
  for (let index = 0; found !== null && index < context.pick(40, 10); index += 1) {
    const started = now();
    await screenAt(found.segments, first + ((last - first) * ((index * 7) % 10)) / 10);
    times.push(now() - started);
  }
  return row({
    name: 'drawing a recorded moment',
    ours: median(times),
    unit: 'ms',
    note: `${found?.segments.length ?? 0} segments of a flood; of printed lines only the end is parsed, of anything else at most 3 MiB behind a kept screen`,
  });
}
