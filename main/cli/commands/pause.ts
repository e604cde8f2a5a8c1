import type { Command } from 'commander';
import type { RaiseInput } from '../../../contract/governor.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { BriefRoomClient } from '../../../contract/roomOutline.ts';
import { type Invocation, withCommonOptions, withEngine } from '../command.ts';
import { succeed, table } from '../output.ts';

interface Options {
  readonly task?: string;
  /** True when given without an id: the current run. */
  readonly run?: string | true;
  readonly day?: boolean;
  readonly all?: boolean;
  readonly usd?: string;
  readonly turns?: string;
  readonly minutes?: string;
}

/** What a call is about; null is the whole fleet. */
type Target = { readonly scope: RaiseInput['scope']; readonly id: string | undefined; readonly name: string } | null;

function targetOf(agentName: string | undefined, options: Options): Result<Target> {
  const given: Target[] = [];
  if (agentName !== undefined) given.push({ scope: 'agent', id: agentName, name: agentName });
  if (options.task !== undefined) given.push({ scope: 'task', id: options.task, name: `task ${options.task}` });
  if (options.run === true) given.push({ scope: 'run', id: undefined, name: 'the run' });
  else if (options.run !== undefined) given.push({ scope: 'run', id: options.run, name: `run ${options.run}` });
  if (options.day === true) given.push({ scope: 'day', id: undefined, name: 'today' });
  if (given.length > 1) return fail('validation', 'name one thing only: an agent, --task, --run or --day');
  return ok(given[0] ?? null);
}

/** `ov pause`, `ov resume`: the whole fleet, or one agent, task or run. */
export function registerPause(program: Command): void {
  withCommonOptions(program.command('pause'))
    .description(
      'start no more turns: of the whole fleet, or of one agent, task or run; running turns end by themselves',
    )
    .argument('[agent]')
    .option('--task <id>', 'the agents of a task')
    .option('--run [id]', 'the agents of a run; without an id, the current one')
    .action((agentName: string | undefined, options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const target = targetOf(agentName, options);
        if (!target.ok) return target;
        return pause(client, invocation, target.value, true);
      }),
    );

  withCommonOptions(program.command('resume'))
    .description(
      'go on: the whole fleet, one agent, task or run, agents that a restart of the machine cut off, or what a cap paused',
    )
    .argument('[agent]')
    .option('--task <id>', 'the agents of a task')
    .option('--run [id]', 'the agents of a run; without an id, the current one')
    .option('--day', "what today's cap paused")
    .option('--usd <amount>', 'raise its cap by so many dollars')
    .option('--turns <count>', 'raise its cap by so many turns')
    .option('--minutes <count>', 'raise its cap by so many minutes')
    .option('--all', 'all agents that were cut off')
    .action((agentName: string | undefined, options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const target = targetOf(agentName, options);
        if (!target.ok) return target;
        const { usd, turns, minutes } = options;
        if (usd !== undefined || turns !== undefined || minutes !== undefined)
          return raise(client, invocation, target.value, options);
        if (options.day === true)
          return fail('validation', 'say by how much to raise the cap of today, for example --usd 5');
        if (target.value === null || target.value.scope === 'agent')
          return resumeAgents(client, invocation, target.value, options.all === true);
        return pause(client, invocation, target.value, false);
      }),
    );
}

async function pause(
  client: BriefRoomClient,
  invocation: Invocation,
  target: Target,
  paused: boolean,
): Promise<Result<unknown>> {
  const word = paused ? 'pause' : 'resume';
  if (target === null || target.scope === 'day') {
    const done = await client.call('fleet.pause', { paused });
    if (done.ok)
      succeed(invocation, word, { scope: 'fleet', paused }, [
        paused ? 'fleet paused: running turns end by themselves' : 'fleet resumed',
      ]);
    return done;
  }
  const { scope, id, name } = target;
  const done = await client.call('governor.pause', { scope, paused, ...(id === undefined ? {} : { id }) });
  if (done.ok)
    succeed(invocation, word, { scope, id: id ?? null, paused }, [
      paused ? `${name} paused: running turns end by themselves` : `${name} resumed`,
    ]);
  return done;
}

async function raise(
  client: BriefRoomClient,
  invocation: Invocation,
  target: Target,
  options: Options,
): Promise<Result<unknown>> {
  if (target === null) return fail('validation', 'say whose cap: an agent, --task, --run or --day');
  const by = {
    ...(options.usd === undefined ? {} : { usd: Number(options.usd) }),
    ...(options.turns === undefined ? {} : { turns: Number(options.turns) }),
    ...(options.minutes === undefined ? {} : { minutes: Number(options.minutes) }),
  };
  const wrong = Object.entries(by).find(([, amount]) => !(amount > 0));
  if (wrong !== undefined) return fail('validation', `--${wrong[0]} must be a number above 0`, { field: wrong[0] });
  const { scope, id, name } = target;
  const done = await client.call('governor.raise', { scope, ...(id === undefined ? {} : { id }), ...by });
  if (done.ok)
    succeed(invocation, 'resume', { scope, id: id ?? null, raised: by }, [`cap of ${name} raised; it goes on`]);
  return done;
}

/** The fleet's pause ends, or an agent's; agents that a restart of the machine cut off are resumed, or listed. */
async function resumeAgents(
  client: BriefRoomClient,
  invocation: Invocation,
  target: Target,
  all: boolean,
): Promise<Result<unknown>> {
  const agents = await client.snapshot('agents');
  if (!agents.ok) return agents;
  const offers = Object.values(agents.value.byId).filter((agent) => agent.hold?.kind === 'resumeOffer');
  const chosen = all ? offers : offers.filter((agent) => agent.name === target?.id);
  if (target !== null && !all && chosen.length === 0) return pause(client, invocation, target, false);
  if (target === null && !all) {
    const status = await client.snapshot('status');
    if (!status.ok) return status;
    const wasPaused = status.value.value?.paused === true;
    const done = await client.call('fleet.pause', { paused: false });
    if (!done.ok) return done;
    const lines = [wasPaused ? 'fleet resumed' : 'the fleet was not paused'];
    if (offers.length > 0) lines.push('These wait for being resumed one by one, or with --all:');
    lines.push(...table(offers.map((agent) => [agent.name, agent.taskId || '-', agent.hold?.reason ?? ''])));
    succeed(invocation, 'resume', { scope: 'fleet', paused: false, wasPaused, offers }, lines);
    return ok(null);
  }
  const failed: string[] = [];
  const resumed: string[] = [];
  for (const { name } of chosen) {
    const done = await client.call('agents.retry', { agentName: name });
    if (done.ok) resumed.push(name);
    else failed.push(`${name}: ${done.error.message}`);
  }
  if (failed.length > 0) return fail('agent', failed.join('; '));
  const lines = resumed.map((name) => `${name} goes on`);
  succeed(invocation, 'resume', { resumed }, lines.length === 0 ? ['No agent waits for being resumed.'] : lines);
  return ok(null);
}
