import type { Command } from 'commander';
import { CAPABILITIES, Capability } from '../../../contract/agents.ts';
import { fail, ok } from '../../../contract/result.ts';
import { invocationOf, type Options, text, withCommonOptions, withEngine } from '../command.ts';
import { failWith, succeed, table, warn } from '../output.ts';
import { requireProject } from '../project.ts';
import { readRoom } from '../roomSnapshot.ts';
import { showStatus } from '../status.ts';
import { registerRuntimes } from './runtimes.ts';

/** Milliseconds removing a worktree may take: a large one on a slow disk. */
const REMOVE_MS = 300_000;

/** `ov status`, `stop`, `nudge`, `retry`, `agents discover`, `agents runtimes`. */
export function registerAgents(program: Command): void {
  withCommonOptions(program.command('status'))
    .description('who does what right now')
    .option('--all', 'ended agents too')
    .action(async (options: Options, command: Command) => {
      const invocation = invocationOf(command);
      const room = await readRoom(invocation.project);
      if (room.ok) showStatus(invocation, room.value, options.all === true);
      else failWith(invocation, room.error);
    });

  withCommonOptions(program.command('stop'))
    .description('end an agent; its worktree and commits stay')
    .argument('<agent>')
    .option('--clean-worktree', 'remove its worktree too, after a snapshot')
    .option('--force', 'with --clean-worktree: with uncommitted work in it, and its branch even if unmerged')
    .action((agentName: string, options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const clean = options.cleanWorktree === true;
        const stopped = await client.call('agents.stop', { agentName });
        // An agent that has ended already can still be cleaned up (spec 02 §4.1).
        const wasCompleted = !stopped.ok && stopped.error.tag === 'invalidState' && clean;
        if (!stopped.ok && !wasCompleted) return stopped;
        const force = options.force === true;
        const removed = clean
          ? await client.call('worktrees.remove', { agentName, force }, { timeoutMs: REMOVE_MS })
          : null;
        if (removed?.ok === false) warn(`the worktree stays: ${removed.error.message}`);
        const worktreeRemoved = removed?.ok === true;
        const reply = {
          stopped: true,
          agentName,
          sessionId: stopped.ok ? stopped.value.sessionId : null,
          capability: stopped.ok ? stopped.value.capability : null,
          tmuxKilled: false,
          pidKilled: stopped.ok && stopped.value.turnEnded,
          worktreeRemoved,
          branchDeleted: removed?.ok === true && removed.value.branchDeleted,
          force,
          wasZombie: stopped.ok && stopped.value.wasZombie,
          wasCompleted,
        };
        const kept = worktreeRemoved
          ? `its worktree is removed ("ov vault list ${agentName}" shows what is kept)`
          : 'its worktree is kept';
        succeed(invocation, 'stop', reply, [`${agentName} ${wasCompleted ? 'had ended' : 'stopped'}; ${kept}`]);
        return ok(null);
      }),
    );

  withCommonOptions(program.command('nudge'))
    .description('wake an agent with a message')
    .argument('<agent>')
    .argument('[message...]')
    .option('--from <name>', 'sender', process.env.OVERSTORY_AGENT_NAME || 'orchestrator')
    .option('--force', 'kept for compatibility: nudges are never held back')
    .action((agentName: string, words: string[], options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const message = words.join(' ') || 'Look at your mail and say how far you are.';
        const nudged = await client.call('agents.nudge', {
          agentName,
          message,
          from: text(options.from) ?? 'orchestrator',
        });
        if (!nudged.ok) return nudged;
        const { delivered, reason } = nudged.value;
        // A program reads the answer; a person is told of the failure (spec 02 §4.2).
        if (!delivered && !invocation.json) return fail('agent', `Nudge failed: ${reason ?? 'nobody took it'}`);
        succeed(invocation, 'nudge', { agentName, ...nudged.value }, [`${agentName} nudged`]);
        return ok(null);
      }),
    );

  withCommonOptions(program.command('retry'))
    .description('let a dead or waiting agent try again now')
    .argument('<agent>')
    .action((agentName: string, _options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const retried = await client.call('agents.retry', { agentName });
        if (retried.ok) succeed(invocation, 'retry', { agentName }, [`${agentName} tries again`]);
        return retried;
      }),
    );

  const agents = withCommonOptions(program.command('agents')).description('the agents of this project');
  registerRuntimes(agents);
  withCommonOptions(agents.command('discover'))
    .description('list agents, with what they work on')
    .option('--capability <role>', 'only this role')
    .option('--all', 'ended agents too')
    .action(async (options: Options, command: Command) => {
      const invocation = invocationOf(command);
      if (options.capability !== undefined && !Capability.safeParse(options.capability).success)
        return failWith(invocation, {
          tag: 'validation',
          message: `Invalid capability "${String(options.capability)}": use ${CAPABILITIES.join(', ')}`,
          field: 'capability',
        });
      const room = await readRoom(invocation.project);
      if (!room.ok) return failWith(invocation, room.error);
      const scopeOf = await scopes(invocation.project);
      const chosen = room.value.agents
        .filter((agent) => options.all === true || (agent.state !== 'completed' && agent.state !== 'zombie'))
        .filter((agent) => options.capability === undefined || agent.capability === options.capability)
        .sort((one, other) => one.startedAt.localeCompare(other.startedAt));
      const found = await Promise.all(
        chosen.map(async (agent) => ({
          agentName: agent.name,
          capability: agent.capability,
          state: agent.state,
          taskId: agent.taskId,
          branchName: agent.branch,
          parentAgent: agent.parent,
          depth: agent.depth,
          fileScope: await scopeOf(agent.worktree, agent.runtime),
          startedAt: agent.startedAt,
          lastActivity: agent.lastEvidenceAt,
        })),
      );
      succeed(
        invocation,
        'agents discover',
        { agents: found },
        found.length === 0
          ? ['No agents found.']
          : table(
              found.map((agent) => [
                ICONS[agent.state] ?? ' ',
                agent.agentName,
                agent.capability,
                agent.state,
                agent.taskId,
                agent.fileScope.join(', '),
              ]),
            ),
      );
    });
}

/** What stands before an agent in a list (spec 02 §4.7). */
const ICONS: Readonly<Record<string, string>> = {
  working: '>',
  in_turn: '>',
  between_turns: '~',
  booting: '-',
  stalled: '!',
};

/** Reads the files an agent was given from its instructions: those of its own runtime first, then any other's. */
async function scopes(
  project: string | undefined,
): Promise<(worktree: string, runtime: string) => Promise<readonly string[]>> {
  // Loaded only here: every other command of agents starts without them.
  const { readFileScope } = await import('../../core/agents/fileScope.ts');
  const { createRuntimeRegistry } = await import('../../core/runtimes/registry.ts');
  const root = await requireProject(project);
  const registry = createRuntimeRegistry({ uid: null, environment: {} });
  const pathOf = (name: string): readonly string[] => {
    const known = registry.get(name);
    return known.ok ? [known.value.instructionPath] : [];
  };
  const all = registry.names.flatMap(pathOf);
  return async (worktree, runtime) =>
    // In the project itself stand a person's own instructions, which give nobody files.
    root.ok && worktree === root.value ? [] : readFileScope(worktree, [...new Set([...pathOf(runtime), ...all])]);
}
