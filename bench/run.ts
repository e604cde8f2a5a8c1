/**
 * `npm run bench [-- --quick] [-- --only <name>] [-- --list]`: measures the product beside the best known way, both in one
 * run, prints a table and writes bench/results/latest.json. The exit code is 0 unless a measure crashed: figures are
 * judged by people (bench/README.md).
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { requireNodeApi } from '../main/platform/nodeApiGuard.ts';
import { buildParts } from '../scripts/build/buildParts.ts';
import { stop } from '../scripts/lib/run.ts';
import { cleanUp, type Row, runMeasure } from './lib/measure.ts';
import { execute } from './lib/processes.ts';
import { renderTable } from './lib/table.ts';
import { MEASURES } from './measures/index.ts';

/** Load average above which a two-core machine is busy with something else than the bench. */
const BUSY = 1;

requireNodeApi('bench');
process.env.NODE_ENV ??= 'production';
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const undos: (() => Promise<unknown> | unknown)[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    say(`bench: ${signal}, cleaning up`);
    void cleanUp(undos, say).finally(() => process.exit(130));
  });
}
try {
  process.exitCode = await bench();
} catch (error) {
  stop('bench', error);
}

async function bench(): Promise<number> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      list: { type: 'boolean', default: false },
      'no-build': { type: 'boolean', default: false },
    },
  });
  if (values.list) {
    for (const measure of MEASURES) say(`${measure.name.padEnd(12)} ${measure.title}`);
    return 0;
  }
  const wanted = values.only.flatMap((names) => names.split(','));
  const unknown = wanted.filter((name) => !MEASURES.some((measure) => measure.name === name));
  if (unknown.length > 0)
    throw new Error(
      `there is no measure ${unknown.join(', ')}; choose from ${MEASURES.map((one) => one.name).join(', ')}`,
    );
  if (!values['no-build']) await buildParts({ say });

  const loadBefore = loadavg();
  const startedAt = new Date().toISOString();
  const started = performance.now();
  say(
    `${values.quick ? 'quick' : 'full'} run on ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}`,
  );
  say(loadLine('start', loadBefore));
  const rows: (Row & { readonly measure: string })[] = [];
  const crashed: { readonly measure: string; readonly error: string }[] = [];
  const seconds: Record<string, number> = {};
  for (const measure of MEASURES) {
    if (wanted.length > 0 && !wanted.includes(measure.name)) continue;
    const since = performance.now();
    try {
      const found = await runMeasure(measure, { quick: values.quick, say }, undos);
      rows.push(...found.map((one) => ({ measure: measure.name, ...one })));
    } catch (error) {
      crashed.push({
        measure: measure.name,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
    seconds[measure.name] = Math.round((performance.now() - since) / 100) / 10;
    say(`${measure.name}: ${seconds[measure.name]} s${crashed.at(-1)?.measure === measure.name ? ', CRASHED' : ''}`);
  }
  const loadAfter = loadavg();
  say(`\n${renderTable(rows)}\n`);
  for (const { measure, error } of crashed) say(`${measure} crashed: ${error}`);
  say(loadLine('end', loadAfter));
  say(`${Math.round((performance.now() - started) / 1_000)} s`);

  const folder = join(import.meta.dirname, 'results');
  await mkdir(folder, { recursive: true });
  const machine = {
    processors: cpus().length,
    model: cpus()[0]?.model ?? null,
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.versions.node,
    git: (await execute('git', ['--version'], folder)).trim(),
  };
  const report = { startedAt, quick: values.quick, machine, loadBefore, loadAfter, seconds, rows, crashed };
  await writeFile(join(folder, 'latest.json'), `${JSON.stringify(report, null, 2)}\n`);
  say('written to bench/results/latest.json');
  return crashed.length > 0 ? 1 : 0;
}

function loadLine(when: string, load: readonly number[]): string {
  const figures = load.map((one) => one.toFixed(2)).join(' ');
  const busy = when === 'start' && (load[0] ?? 0) > BUSY;
  return `load average at the ${when}: ${figures}${busy ? '  (the machine is busy with other work: trust ratios, not times)' : ''}`;
}
