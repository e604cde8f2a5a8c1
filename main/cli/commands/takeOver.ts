import type { Command } from 'commander';
import type { AgentView } from '../../../contract/agents.ts';
import { fail, ok } from '../../../contract/result.ts';
import { invocationOf, withCommonOptions, withEngine } from '../command.ts';
import { failWith, succeed, table } from '../output.ts';
import { readRoom } from '../roomSnapshot.ts';

/** Milliseconds a take-over may take: the turn is interrupted, then ended, then its program starts. */
const TAKE_OVER_MS = 60_000;

/** Agents that were cut off by a restart of the machine and wait for a person. */
function offers(agents: readonly AgentView[]): readonly AgentView[] {
  return agents.filter((agent) => agent.hold?.kind === 'resumeOffer');
}

/** `ov takeover`, `handback`, `resume`. */
export function registerTakeOver(program: Command): void {
  withCommonOptions(program.command('takeover'))
    .description("open an agent's conversation in its terminal, for you to type; its mail waits meanwhile")
    .argument('<agent>')
    .action((agentName: string, _options: unknown, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const taken = await client.call('agents.takeOver', { agentName }, { timeoutMs: TAKE_OVER_MS });
        if (taken.ok)
          succeed(invocation, 'takeover', { agentName, ...taken.value }, [
            `${agentName} is in your hands: type in its terminal in the room (ov open), then "ov handback ${agentName}"`,
          ]);
        return taken;
      }),
    );

  withCommonOptions(program.command('handback'))
    .description('give an agent back; its next turn goes on with the same conversation')
    .argument('<agent>')
    .argument('[message...]', 'wakes it at once with these words')
    .action((agentName: string, words: string[], _options: unknown, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const message = words.join(' ').trim();
        const back = await client.call(
          'agents.handBack',
          { agentName, ...(message === '' ? {} : { message }) },
          { timeoutMs: TAKE_OVER_MS },
        );
        if (back.ok) succeed(invocation, 'handback', { agentName }, [`${agentName} handed back`]);
        return back;
      }),
    );

  withCommonOptions(program.command('resume'))
    .description('go on with agents that a restart of the machine cut off; without a name, list them')
    .argument('[agent]')
    .option('--all', 'all of them')
    .action(async (agentName: string | undefined, options: { readonly all?: boolean }, command: Command) => {
      const invocation = invocationOf(command);
      const room = await readRoom(invocation.project);
      if (!room.ok) return failWith(invocation, room.error);
      const waiting = offers(room.value.agents);
      if (agentName === undefined && options.all !== true) {
        const rows = waiting.map((agent) => [agent.name, agent.taskId || '-', agent.hold?.reason ?? '']);
        const lines = rows.length === 0 ? ['No agent waits for being resumed.'] : table(rows);
        return succeed(invocation, 'resume', { offers: waiting }, lines);
      }
      const chosen = options.all === true ? waiting : waiting.filter((agent) => agent.name === agentName);
      if (chosen.length === 0 && agentName !== undefined && options.all !== true)
        return failWith(invocation, {
          tag: 'invalidState',
          message: `${agentName} was not cut off by a restart: "ov resume" lists who was`,
        });
      return withEngine(command, async (client) => {
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
      });
    });
}
