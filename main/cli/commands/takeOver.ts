import type { Command } from 'commander';
import { withCommonOptions, withEngine } from '../command.ts';
import { succeed } from '../output.ts';

/** Milliseconds a take-over may take: the turn is interrupted, then ended, then its program starts. */
const TAKE_OVER_MS = 60_000;

/** `ov takeover`, `handback`. */
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
}
