#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import { requireNodeApi } from '../platform/nodeApiGuard.ts';
import { registerAgents } from './commands/agents.ts';
import { registerEngine } from './commands/engine.ts';
import { registerGuard } from './commands/guard.ts';
import { registerMail } from './commands/mail.ts';
import { registerMerge } from './commands/merge.ts';
import { registerProject } from './commands/project.ts';
import { registerRuns } from './commands/runs.ts';
import { registerTasks } from './commands/tasks.ts';
import { failWith } from './output.ts';

requireNodeApi('ov');

const json = process.argv.includes('--json');
const program = new Command('ov')
  .description('The command line of Overstory Control Room: fleets of coding agents in git worktrees.')
  .version(
    json
      ? JSON.stringify({
          name: 'overstory-control-room',
          version: PRODUCT_VERSION,
          runtime: 'node',
          platform: `${process.platform}-${process.arch}`,
        })
      : PRODUCT_VERSION,
    '-v, --version',
  )
  .option('--json', 'one JSON line instead of text')
  .option('-q, --quiet', 'no hints, only results and errors')
  .option('--project <path>', 'the project, when it is not the one of this folder')
  .showSuggestionAfterError()
  .exitOverride()
  .configureOutput({
    writeErr: (text) => (json ? undefined : process.stderr.write(text.replace(/^error:/, 'Error:'))),
  });

for (const register of [
  registerProject,
  registerEngine,
  registerAgents,
  registerGuard,
  registerMail,
  registerTasks,
  registerMerge,
  registerRuns,
])
  register(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has printed its line already; help and version end with 0.
  if (error.exitCode !== 0) {
    process.exitCode = 1;
    if (json) failWith({ json, quiet: false }, { tag: 'validation', message: error.message.replace(/^error: /, '') });
  }
}
