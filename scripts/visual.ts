/** `npm run visual [-- --update]`: compares gallery and screens with their reviewed pictures, or accepts what changed. */
import { requireNodeApi } from '../main/platform/nodeApiGuard.ts';
import { stop } from './lib/run.ts';
import { closingLine } from './lib/suites.ts';
import { runVisual } from './lib/visual.ts';

requireNodeApi('visual');
try {
  const args = process.argv.slice(2);
  const result = await runVisual({
    say: (line) => void process.stdout.write(`${line}\n`),
    update: args.includes('--update'),
    filters: args.filter((argument) => argument !== '--update'),
  });
  process.stdout.write(`${closingLine(result)}\n`);
  process.exitCode = result.failed === 0 ? 0 : 1;
} catch (error) {
  stop('visual', error);
}
