import { resolve } from 'node:path';
import type { Command } from 'commander';
import { initProject } from '../../core/config/init.ts';
import { createRuntimeRegistry } from '../../core/runtimes/registry.ts';
import { systemClock } from '../../platform/clock.ts';
import { invocationOf, list, type Options, text, withCommonOptions } from '../command.ts';
import { failWith, succeed, warn } from '../output.ts';

/** `ov init`. */
export function registerProject(program: Command): void {
  withCommonOptions(program.command('init'))
    .description('set up this git repository for agents')
    .option('--force', 'write the scaffold again; what it replaces is kept')
    .option('-y, --yes', 'the same as --force, without questions')
    .option('--name <name>', 'name of the project')
    .option('--tools <a,b>', 'companion tools to set up')
    .option('--skip-mulch')
    .option('--skip-seeds')
    .option('--skip-canopy')
    .option('--skip-onboard')
    .option('--runtime <name>', 'default runtime (default: the first one installed, else rehearsal)')
    .action(async (options: Options, command: Command) => {
      const invocation = invocationOf(command);
      const tools = text(options.tools);
      const name = text(options.name);
      const runtime = text(options.runtime);
      const done = await initProject(resolve(invocation.project ?? process.cwd()), {
        clock: systemClock,
        supportedRuntimes: createRuntimeRegistry({ uid: null, environment: process.env }).names,
        force: options.force === true,
        yes: options.yes === true,
        ...(name === undefined ? {} : { name }),
        ...(runtime === undefined ? {} : { runtime }),
        ...(tools === undefined ? {} : { tools: list(tools) }),
        skipTools: ['mulch', 'seeds', 'canopy'].filter(
          (tool) => options[`skip${tool.charAt(0).toUpperCase()}${tool.slice(1)}`] === true,
        ),
      });
      if (!done.ok) return failWith(invocation, done.error);
      const report = done.value;
      for (const line of report.warnings) warn(line);
      const lines =
        report.status === 'already_initialized'
          ? [`${report.root} is set up already; use --force to write the scaffold again.`]
          : [
              `${report.project} is set up (branch ${report.canonicalBranch}, runtime ${report.runtime}).`,
              'Next: "ov coordinator start", or "ov sling <task-id>", or open the room with "ov serve".',
            ];
      succeed(invocation, 'init', { ...report }, lines);
    });
}
