import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import { answerHook } from '../../core/agents/guardFiles.ts';
import { formatHookOutput } from '../../core/agents/guardHooks.ts';
import { resolveProjectRoot } from '../../core/config/projectRoot.ts';

/**
 * `ov guard`: answers a runtime's hook before a tool call (spec 02 §3.10). The call comes as JSON on standard input; nothing
 * is printed to allow it, one JSON line refuses it. It needs neither engine nor database, because every guarded call waits for it.
 */
export function registerGuard(program: Command): void {
  program
    .command('guard', { hidden: true })
    .requiredOption('--agent <name>', 'agent whose limits apply')
    .action(async (options: { readonly agent: string }) => {
      const cwd = process.cwd();
      const input = await readAll(process.stdin);
      const project = await resolveProjectRoot({ start: cwd, environmentRoot: process.env.OVERSTORY_PROJECT_ROOT });
      const decision = project.ok
        ? await answerHook(
            join(project.value.root, '.overstory'),
            options.agent,
            input,
            { environment: process.env, temporaryFolder: tmpdir(), realpath: realpathSync },
            cwd,
          )
        : ({ allow: false, reason: project.error.message } as const);
      process.stdout.write(formatHookOutput(decision));
    });
}
