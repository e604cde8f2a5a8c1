/** `npm run e2e [-- --face=electron] [filter...]`: the end-to-end specs in Chromium and in Electron. */
import { requireNodeApi } from '../main/platform/nodeApiGuard.ts';
import { chosenFaces, prepareEndToEnd, runEndToEnd } from './lib/endToEnd.ts';
import { stop } from './lib/run.ts';
import { closingLine } from './lib/suites.ts';

requireNodeApi('e2e');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const args = process.argv.slice(2);
try {
  const faces = chosenFaces(args);
  await prepareEndToEnd(say);
  const results = await runEndToEnd(
    faces,
    args.filter((argument) => !argument.startsWith('--face=')),
  );
  for (const result of results) say(closingLine(result));
  process.exitCode = results.every((result) => result.failed === 0) ? 0 : 1;
} catch (error) {
  stop('e2e', error);
}
