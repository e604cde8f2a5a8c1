import type { Command } from 'commander';
import { ok } from '../../../contract/result.ts';
import { withCommonOptions, withEngine } from '../command.ts';
import { succeed } from '../output.ts';

/** `ov monitor start|stop|status` (spec 02 §4.8). */
export function registerMonitor(program: Command): void {
  const monitor = withCommonOptions(program.command('monitor')).description(
    'tier 2 of the watchdog: an agent that is told of changed verdicts, nudges and reports',
  );
  withCommonOptions(monitor.command('start'))
    .description('start the monitor; watchdog.tier2Enabled must be true')
    .option('--runtime <name>')
    .option('--attach', 'kept for compatibility: a monitor has no terminal session of its own')
    .option('--no-attach', 'kept for compatibility')
    .action((options: { readonly runtime?: string }, command: Command) =>
      withEngine(command, async (client, invocation, projectRoot) => {
        const started = await client.call('monitor.start', { runtime: options.runtime });
        if (!started.ok) return started;
        const { agentName, sessionId } = started.value;
        const reply = { agentName, capability: 'monitor', sessionId, tmuxSession: '', projectRoot, pid: null };
        succeed(invocation, 'monitor start', reply, [`${agentName} started: it is told when a verdict changes`]);
        return ok(null);
      }),
    );
  withCommonOptions(monitor.command('stop'))
    .description('stop the monitor; it stays stopped until it is started again')
    .action((_options: unknown, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const stopped = await client.call('monitor.stop', {});
        if (!stopped.ok) return stopped;
        const { agentName, sessionId } = stopped.value;
        succeed(invocation, 'monitor stop', { stopped: true, sessionId }, [`${agentName} stopped`]);
        return ok(null);
      }),
    );
  withCommonOptions(monitor.command('status'))
    .description('whether it runs, and what it has used')
    .action((_options: unknown, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          const found = await client.call('monitor.status', {});
          if (!found.ok) return found;
          const { running, state, turns, inputTokens, outputTokens, costUsd, ...times } = found.value;
          const used = { turns, inputTokens, outputTokens, costUsd };
          const money = costUsd === null ? '' : `, $${costUsd.toFixed(2)}`;
          succeed(
            invocation,
            'monitor status',
            running ? { running, state, tmuxSession: '', pid: null, ...times, used } : { running, used },
            [
              running ? `The monitor runs (${state}).` : 'No monitor runs.',
              `${turns} ${turns === 1 ? 'turn' : 'turns'}, ${inputTokens + outputTokens} tokens of its own${money}`,
            ],
          );
          return ok(null);
        },
        'repeatable',
      ),
    );
}
