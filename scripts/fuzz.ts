/**
 * `npm run fuzz [-- --count 2000] [-- --seed 1]`: generated three-way histories through merge tiers 1 and 2 and the loss
 * auditor. Prints the tables; fails when something is lost without a word.
 */
import { parseArgs } from 'node:util';
import { reportFuzz } from '../main/core/merge/mergeFuzzReport.ts';
import { runMergeFuzz } from '../main/core/merge/mergeFuzzRun.ts';
import { requireNodeApi } from '../main/platform/nodeApiGuard.ts';

requireNodeApi('fuzz');
const { values } = parseArgs({ options: { count: { type: 'string' }, seed: { type: 'string' } } });
const count = Number(values.count ?? 2_000);
const firstSeed = Number(values.seed ?? 1);
const started = performance.now();
const cases = await runMergeFuzz({
  firstSeed,
  count,
  plantEvery: 4,
  onBatch: (done) => process.stderr.write(`${done} of ${count}\n`),
});
const { lines, failures } = reportFuzz(cases);
for (const line of lines) process.stdout.write(`${line}\n`);
const seconds = ((performance.now() - started) / 1_000).toFixed(0);
process.stdout.write(`\nseeds ${firstSeed} to ${firstSeed + count - 1} in ${seconds} s\n`);
for (const failure of failures) process.stdout.write(`✕ ${failure}\n`);
process.exitCode = failures.length === 0 ? 0 : 1;
