/** `npm run check`: format, lint, types of every layer, and the architecture tests. */
import { requireNodeApi } from '../main/platform/nodeApiGuard.ts';
import { ARCHITECTURE_TESTS, staticChecks } from './lib/checks.ts';
import { closingLine, runSteps, runVitest } from './lib/suites.ts';

requireNodeApi('check');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const results = [
  await runSteps('check', staticChecks(), say),
  await runVitest('architecture', { args: ARCHITECTURE_TESTS }),
];
for (const result of results) say(closingLine(result));
process.exitCode = results.every((result) => result.failed === 0) ? 0 : 1;
