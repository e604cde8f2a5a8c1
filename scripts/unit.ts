/** `npm run unit [-- filter...]`: the unit tests of every layer. */
import { requireNodeApi } from '../main/platform/nodeApiGuard.ts';
import { closingLine, runVitest } from './lib/suites.ts';

requireNodeApi('unit');
const result = await runVitest('unit', { args: process.argv.slice(2) });
process.stdout.write(`${closingLine(result)}\n`);
process.exitCode = result.failed === 0 ? 0 : 1;
