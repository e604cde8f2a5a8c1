import { resolve } from 'node:path';
import type { Command } from 'commander';
import { initProject } from '../../core/config/init.ts';
import { loadConfig } from '../../core/config/loadConfig.ts';
import { createRuntimeRegistry } from '../../core/runtimes/registry.ts';
import { createWorktrees } from '../../core/worktrees/worktrees.ts';
import { systemClock } from '../../platform/clock.ts';
import { invocationOf, list, withCommonOptions, withEngine } from '../command.ts';
import { failWith, succeed, table, warn } from '../output.ts';
import { requireProject } from '../project.ts';

/** Milliseconds removing a worktree may take: a large one on a slow disk. */
const REMOVE_MS = 300_000;

type Options = Readonly<Record<string, string | boolean | undefined>>;

const text = (value: string | boolean | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** `ov init`, `ov worktree list|remove`. */
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

  const worktree = withCommonOptions(program.command('worktree')).description("agents' worktrees");
  withCommonOptions(worktree.command('list')).action(async (_options: Options, command: Command) => {
    const invocation = invocationOf(command);
    const project = await requireProject(invocation.project);
    if (!project.ok) return failWith(invocation, project.error);
    const config = await loadConfig(project.value);
    if (!config.ok) return failWith(invocation, config.error);
    const listed = await createWorktrees(project.value, config.value.config.worktrees.baseDir).list();
    if (!listed.ok) return failWith(invocation, listed.error);
    const worktrees = listed.value.filter((entry) => entry.branch.startsWith('overstory/'));
    succeed(
      invocation,
      'worktree list',
      { worktrees },
      worktrees.length === 0 ? ['No worktrees.'] : table(worktrees.map((entry) => [entry.branch, entry.path])),
    );
  });

  withCommonOptions(worktree.command('remove'))
    .description('remove the worktree of an agent that has ended; what is in it is kept in the vault first')
    .argument('<agent>')
    .option('--force', 'with uncommitted work in it, and its branch even if unmerged')
    .option('--accept-loss', 'although it holds what no snapshot can: a repository of its own, huge files')
    .action((agentName: string, options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const request = { agentName, force: options.force === true, acceptLoss: options.acceptLoss === true };
        const removed = await client.call('worktrees.remove', request, { timeoutMs: REMOVE_MS });
        if (!removed.ok) return removed;
        const { worktree: path, branch, branchDeleted } = removed.value;
        const kept = branchDeleted ? `branch ${branch} deleted` : `branch ${branch} stays`;
        succeed(invocation, 'worktree remove', { agentName, ...removed.value }, [
          `${path} removed, ${kept}; "ov vault list ${agentName}" shows what is kept`,
        ]);
        return removed;
      }),
    );
}
