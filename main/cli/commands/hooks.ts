import { join } from 'node:path';
import type { Command } from 'commander';
import { ok } from '../../../contract/result.ts';
import { hookEventOf, readHookCall, recordHookEvent } from '../../core/agents/hookEvents.ts';
import { readPrime } from '../../core/agents/readPrime.ts';
import { HOOKS_TARGET, hooksStatus, installHooks, uninstallHooks } from '../../core/config/operatorHooks.ts';
import { type Options, text, withCommonOptions, withProject } from '../command.ts';
import { readStandardInput } from '../descriptors.ts';
import { succeed } from '../output.ts';

/** `ov prime`, `ov log`, `ov hooks install|uninstall|status`: what the hooks of a person's own agent call, and their place. */
export function registerHooks(program: Command): void {
  withCommonOptions(program.command('prime'))
    .description('what an agent should know when it begins or goes on: the project, or itself')
    .option('--agent <name>', 'of this agent instead of the project')
    .option('--compact', 'for a conversation that was just compacted: less of what it knows, and where it stood')
    .action((options: Options, command: Command) =>
      withProject(command, async (invocation, root) => {
        const agent = text(options.agent);
        const compact = options.compact === true;
        const read = await readPrime(root, agent, compact);
        if (!read.ok) return read;
        succeed(invocation, 'prime', { agent: agent ?? null, compact, context: read.value }, read.value.split('\n'));
        return ok(null);
      }),
    );

  program
    .command('log', { hidden: true })
    .description('keep what a hook reports: tool-start, tool-end or session-end')
    .argument('<event>')
    .requiredOption('--agent <name>')
    .option('--tool-name <name>')
    .option('--transcript <path>')
    .option('--stdin', 'the rest stands as JSON on standard input')
    .option('--project <path>')
    .option('--json', 'kept for compatibility: nothing is printed')
    .action((word: string, options: Options, command: Command) =>
      withProject(command, async (_invocation, root) => {
        const event = hookEventOf(word);
        if (!event.ok) return event;
        const input = options.stdin === true ? await readStandardInput() : null;
        return recordHookEvent({
          overstoryDirectory: join(root, '.overstory'),
          agentName: text(options.agent) ?? '',
          event: event.value,
          call: input === null ? null : readHookCall(input),
          toolName: text(options.toolName) ?? null,
          transcriptPath: text(options.transcript) ?? null,
          now: Date.now(),
        });
      }),
    );

  const hooks = withCommonOptions(program.command('hooks')).description(
    `hooks of your own agent in ${HOOKS_TARGET}; the agents of the fleet need none`,
  );
  withCommonOptions(hooks.command('install'))
    .description('put them in place; what else the file holds stays')
    .option('--force', 'add them to hooks that are there already')
    .action((options: Options, command: Command) =>
      withProject(command, async (invocation, root) => {
        const done = await installHooks(root, options.force === true);
        if (!done.ok) return done;
        const installed = done.value === 'installed';
        succeed(invocation, 'hooks install', { installed }, [
          installed
            ? `Hooks are in ${HOOKS_TARGET}.`
            : `Hooks are already present in ${HOOKS_TARGET}: --force adds ours to them.`,
        ]);
        return ok(null);
      }),
    );
  withCommonOptions(hooks.command('uninstall'))
    .description('take ours out; your own hooks stay')
    .action((_options: Options, command: Command) =>
      withProject(command, async (invocation, root) => {
        const done = await uninstallHooks(root);
        if (!done.ok) return done;
        const lines = {
          'file removed': `Hooks are removed, and with them ${HOOKS_TARGET}, which held nothing else.`,
          removed: `Hooks are removed from ${HOOKS_TARGET}.`,
          none: `There are no hooks of ours in ${HOOKS_TARGET}.`,
        };
        succeed(invocation, 'hooks uninstall', { removed: done.value !== 'none' }, [lines[done.value]]);
        return ok(null);
      }),
    );
  withCommonOptions(hooks.command('status'))
    .description('whether they are in place')
    .action((_options: Options, command: Command) =>
      withProject(command, async (invocation, root) => {
        const status = await hooksStatus(root);
        if (!status.ok) return status;
        const { sourceExists, installed } = status.value;
        succeed(invocation, 'hooks status', { sourceExists, installed }, [
          installed ? `Hooks are in ${HOOKS_TARGET}.` : 'Hooks are not installed.',
          ...(sourceExists && !installed ? ['"ov hooks install" puts them in place.'] : []),
          ...(sourceExists ? [] : ['.overstory/hooks.json is missing: "ov init --force" writes it again.']),
        ]);
        return ok(null);
      }),
    );
}
