/**
 * `npm run e2e:agents [-- filter...]`: the real CLIs against a scripted model on loopback. Opt-in, not part of `npm test`:
 * it installs more than a gigabyte from the npm registry into a cache folder, once.
 */
import { requireNodeApi } from '../main/platform/nodeApiGuard.ts';
import { prepareAgents } from './agents/prepare.ts';
import { loopbackOnly } from './agents/sandbox.ts';
import { buildParts } from './build/buildParts.ts';
import { stop } from './lib/run.ts';
import { closingLine, runVitest } from './lib/suites.ts';

requireNodeApi('e2e:agents');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
try {
  const commands = await prepareAgents(say);
  await buildParts({ say, strict: true });
  const wrap = await loopbackOnly(say);
  const result = await runVitest('e2e-agents', {
    args: ['--config', 'scripts/e2eAgents.vitest.config.ts', ...process.argv.slice(2)],
    env: { PATH: [...commands, process.env.PATH ?? ''].join(':') },
    wrap,
  });
  say(closingLine(result));
  process.exitCode = result.failed === 0 ? 0 : 1;
} catch (error) {
  stop('e2e:agents', error);
}
