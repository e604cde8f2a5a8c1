import type { Command } from 'commander';
import type { AgentView } from '../../../contract/agents.ts';
import { fail, ok } from '../../../contract/result.ts';
import { integer, type Options, text, withCommonOptions, withEngine } from '../command.ts';
import { succeed, table } from '../output.ts';

/** `ov supervisor start|stop|status` (spec 03 §4.5): a deprecated role, kept for projects that still name it. */
export function registerSupervisor(program: Command): void {
  const group = withCommonOptions(program.command('supervisor')).description(
    'a team lead in the project itself (deprecated: "ov sling --capability lead" starts a lead)',
  );

  withCommonOptions(group.command('start'))
    .description('start a supervisor on a task')
    .requiredOption('--task <id>', 'its task')
    .requiredOption('--name <name>', 'its name')
    .option('--parent <agent>', 'agent it reports to', 'coordinator')
    .option('--depth <n>', 'depth in the hierarchy', '1')
    .option('--runtime <name>')
    .option('--spec <path>', 'file with what is wanted')
    .action((options: Options, command: Command) =>
      withEngine(command, async (client, invocation, projectRoot) => {
        const depth = integer(text(options.depth) ?? '1');
        if (!(depth >= 0)) return fail('validation', '--depth must be a non-negative integer', { field: 'depth' });
        const task = { taskId: text(options.task) ?? '', parent: text(options.parent) ?? 'coordinator', depth };
        const started = await client.call('coordinator.start', {
          capability: 'supervisor',
          name: text(options.name) ?? '',
          runtime: text(options.runtime),
          spec: text(options.spec),
          ...task,
        });
        if (!started.ok) return started;
        const { agentName } = started.value;
        const facts = { agentName, capability: 'supervisor', tmuxSession: '', projectRoot, ...task, pid: null };
        succeed(invocation, 'supervisor start', facts, [`${agentName} started on ${task.taskId} (deprecated role)`]);
        return started;
      }),
    );

  withCommonOptions(group.command('stop'))
    .description('end a supervisor; its agents go on')
    .requiredOption('--name <name>')
    .action((options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const found = await supervisors(client);
        if (!found.ok) return found;
        const agentName = text(options.name) ?? '';
        if (!found.value.some((agent) => agent.name === agentName)) return missing(agentName);
        const stopped = await client.call('coordinator.stop', { agentName });
        if (!stopped.ok) return stopped;
        const reply = { stopped: true, sessionId: stopped.value.sessionId };
        succeed(invocation, 'supervisor stop', reply, [`${agentName} stopped`]);
        return ok(null);
      }),
    );

  withCommonOptions(group.command('status'))
    .description('which supervisors there are, or what one does')
    .option('--name <name>')
    .action((options: Options, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          const found = await supervisors(client);
          if (!found.ok) return found;
          const name = text(options.name);
          if (name === undefined) {
            const rows = found.value.map((agent) => [agent.name, agent.state, agent.taskId, agent.parent ?? '-']);
            succeed(
              invocation,
              'supervisor status',
              { supervisors: await Promise.all(found.value.map((agent) => factsOf(client, agent))) },
              rows.length === 0 ? ['No supervisors run.'] : table(rows),
            );
            return ok(null);
          }
          const agent = found.value.find((one) => one.name === name);
          const line = agent === undefined ? `no ${name} runs` : `${name} is ${agent.state}, on ${agent.taskId}`;
          const reply = agent === undefined ? { running: false } : await factsOf(client, agent);
          succeed(invocation, 'supervisor status', reply, [line]);
          return ok(null);
        },
        'repeatable',
      ),
    );
}

type Client = Parameters<Parameters<typeof withEngine>[1]>[0];

/** Supervisors that have not ended. */
async function supervisors(client: Client) {
  const agents = await client.snapshot('agents');
  if (!agents.ok) return agents;
  return ok(
    Object.values(agents.value.byId).filter(
      (agent) => agent.capability === 'supervisor' && agent.state !== 'completed' && agent.state !== 'zombie',
    ),
  );
}

/** The reference's shape; there is no tmux and no lasting process. */
async function factsOf(client: Client, agent: AgentView): Promise<Readonly<Record<string, unknown>>> {
  const asked = await client.call('coordinator.status', { agentName: agent.name });
  return {
    running: true,
    sessionId: asked.ok ? asked.value.sessionId : null,
    agentName: agent.name,
    state: agent.state,
    tmuxSession: '',
    taskId: agent.taskId,
    parentAgent: agent.parent,
    depth: agent.depth,
    pid: null,
    startedAt: agent.startedAt,
    lastActivity: agent.lastEvidenceAt,
  };
}

function missing(agentName: string) {
  return fail('agent', `No active supervisor ${agentName} found: see "ov supervisor status"`, { data: { agentName } });
}
