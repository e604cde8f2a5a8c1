/** `npm test`: everything that must hold: checks, unit tests, build, pictures of gallery and screens, end-to-end in Chromium and in Electron. */
import { FACES } from '../e2e/support/faces.ts';
import { requireNodeApi } from '../main/platform/nodeApiGuard.ts';
import { staticChecks } from './lib/checks.ts';
import { prepareEndToEnd, runEndToEnd } from './lib/endToEnd.ts';
import { stop } from './lib/run.ts';
import { closingLine, runSteps, runVitest, type SuiteResult } from './lib/suites.ts';
import { runVisual } from './lib/visual.ts';

requireNodeApi('test');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const started = performance.now();
const results: SuiteResult[] = [];
try {
  // First, because it may have to stop with the one line to run; what follows goes on over failures and reports them all.
  await prepareEndToEnd(say);
  results.push(await runSteps('check', staticChecks(), say));
  results.push(await runVitest('unit', { args: [] }));
  results.push(await runVisual({ say, update: false, filters: [] }));
  results.push(...(await runEndToEnd(FACES, [])));
} catch (error) {
  stop('test', error);
}
say(`\nAll suites (${((performance.now() - started) / 1000).toFixed(0)} s):`);
for (const result of results) say(closingLine(result));
process.exitCode = results.every((result) => result.failed === 0) ? 0 : 1;
