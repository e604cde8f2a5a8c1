import type { Command } from 'commander';
import { invocationOf, withCommonOptions } from '../command.ts';
import { failWith, succeed, table } from '../output.ts';
import { requireProject } from '../project.ts';

/** `ov agents runtimes`: what can run agents on this machine, and what is missing. Needs no engine. */
export function registerRuntimes(agents: Command): void {
  withCommonOptions(agents.command('runtimes'))
    .description('list runtimes: installed, logged in, what is missing')
    .action(async (_options: unknown, command: Command) => {
      const invocation = invocationOf(command);
      const project = await requireProject(invocation.project);
      if (!project.ok) return failWith(invocation, project.error);
      // Loaded only here: every other command of agents starts without them.
      const { loadConfig } = await import('../../core/config/loadConfig.ts');
      const { listRuntimes } = await import('../../core/runtimes/inventory.ts');
      const { createRuntimeRegistry } = await import('../../core/runtimes/registry.ts');
      const loaded = await loadConfig(project.value);
      if (!loaded.ok) return failWith(invocation, loaded.error);
      const { config } = loaded.value;
      const registry = createRuntimeRegistry({
        uid: process.getuid?.() ?? null,
        environment: process.env,
        pi: () => config.runtime.pi,
        acpAgents: () => config.controlRoom.acpAgents,
      });
      const runtimes = await listRuntimes(registry, config.runtime, process.env);
      const rows = runtimes.flatMap((entry) => [
        [
          entry.ready && entry.loggedIn !== false ? '●' : '○',
          entry.name,
          entry.detail,
          entry.usedBy.length === 0 ? '' : `used by ${entry.usedBy.join(', ')}`,
        ],
        ...(entry.warning === null ? [] : [['!', '', entry.warning, '']]),
      ]);
      succeed(invocation, 'agents runtimes', { runtimes }, table(rows));
    });
}
