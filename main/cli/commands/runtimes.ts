import { join } from 'node:path';
import type { Command } from 'commander';
import type { Result } from '../../../contract/result.ts';
import { ok } from '../../../contract/result.ts';
import type { RuntimeView } from '../../../contract/runtimes.ts';
import { PRODUCT_VERSION } from '../../../contract/version.ts';
import type { GuardOf } from '../../core/runtimes/inventory.ts';
import { invocationOf, withCommonOptions } from '../command.ts';
import { failWith, succeed, table } from '../output.ts';
import { liveEngine, requireProject } from '../project.ts';

/** Milliseconds for all probes together: each of some dozen may take its 3 s, a few at a time. */
const PROBES_MS = 60_000;

/**
 * `ov agents runtimes`: what can run agents on this machine, and what is missing. A running engine answers for itself, because
 * its environment is the agents'; without one this process does.
 */
export function registerRuntimes(agents: Command): void {
  withCommonOptions(agents.command('runtimes'))
    .description('list runtimes: installed, logged in, what is missing, how far guards hold')
    .action(async (_options: unknown, command: Command) => {
      const invocation = invocationOf(command);
      const project = await requireProject(invocation.project);
      if (!project.ok) return failWith(invocation, project.error);
      const client = await liveEngine(project.value);
      if (!client.ok) return failWith(invocation, client.error);
      const listed =
        client.value === null
          ? await listHere(project.value)
          : await client.value.call('agents.runtimes', { refresh: true }, { timeoutMs: PROBES_MS });
      client.value?.close();
      if (!listed.ok) return failWith(invocation, listed.error);
      const { runtimes } = listed.value;
      const rows = runtimes.flatMap((entry) => [
        [
          entry.ready && entry.loggedIn !== false ? '●' : '○',
          entry.name,
          guardText(entry),
          entry.detail,
          entry.usedBy.length === 0 ? '' : `used by ${entry.usedBy.join(', ')}`,
        ],
        ...(entry.guard?.verified === false ? [['!', '', '', entry.guard.note, '']] : []),
        ...(entry.warning === null ? [] : [['!', '', '', entry.warning, '']]),
      ]);
      succeed(invocation, 'agents runtimes', { runtimes }, table(rows));
    });
}

/** `guards advisory ✓` once a canary call has shown it. */
function guardText({ guard, features }: RuntimeView): string {
  if (guard === undefined) return `guards ${features.guards}`;
  const tried = guard.verified === null ? '' : guard.verified ? ' ✓' : ' ✗';
  return `guards ${guard.level}${tried}`;
}

async function listHere(projectRoot: string): Promise<Result<{ readonly runtimes: readonly RuntimeView[] }>> {
  // Loaded only here: every other command of agents starts without them.
  const { loadConfig } = await import('../../core/config/loadConfig.ts');
  const { listRuntimes } = await import('../../core/runtimes/inventory.ts');
  const { createRuntimeRegistry } = await import('../../core/runtimes/registry.ts');
  const loaded = await loadConfig(projectRoot);
  if (!loaded.ok) return loaded;
  const { config } = loaded.value;
  const registry = createRuntimeRegistry({
    uid: process.getuid?.() ?? null,
    environment: process.env,
    pi: () => config.runtime.pi,
    acpAgents: () => config.controlRoom.acpAgents,
  });
  return ok({ runtimes: await listRuntimes(registry, config.runtime, process.env, await lastCanary(projectRoot)) });
}

/** How far guards hold by what the last engine's canary calls have shown; nothing is asked anew. */
async function lastCanary(projectRoot: string): Promise<GuardOf> {
  const { readResults } = await import('../../core/agents/guardCanary.ts');
  const { guardState } = await import('../../core/agents/guardCanaryRules.ts');
  const { openControl } = await import('../../core/control/controlStore.ts');
  const control = openControl(join(projectRoot, '.overstory', 'control-room.db'), { readOnly: true });
  // A project whose engine has never run has no such file, and no results.
  const results = control.ok ? readResults(control.value) : {};
  if (control.ok) control.value.close();
  return (adapter, version) => guardState(adapter.features, version, PRODUCT_VERSION, results[adapter.id] ?? null);
}
