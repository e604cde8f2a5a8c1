import { entryCommand } from '../../platform/entries.ts';
import type { LaunchPlan, RuntimeAdapter, TurnRequest } from './adapter.ts';
import { claudeFailure } from './failures.ts';
import { probeCommand } from './probe.ts';
import { createStreamJsonParser } from './streamJson.ts';
import { encodeUserTurn } from './userTurn.ts';

/** Prefix of the runtimes made from `controlRoom.acpAgents` of config.yaml. */
export const ACP_PREFIX = 'acp:';

/**
 * Any agent that speaks the Agent Client Protocol, named `acp:<name>`: the bridge program is the process of a turn, starts
 * the agent's command and speaks the protocol to it. The guard answers its permission requests.
 * @param command the agent's command with its arguments, as the project's config names it.
 */
export function createAcpAdapter(name: string, command: readonly string[]): RuntimeAdapter {
  return {
    id: `${ACP_PREFIX}${name}`,
    stability: 'beta',
    instructionPath: 'AGENTS.md',
    takesManifestModel: false,
    features: {
      turns: 'structured',
      resume: true,
      // Counted where the agent tells it; the protocol leaves that to it.
      usage: 'turn',
      cost: 'process',
      guards: 'advisory',
      guardNote: 'the guard answers its permission requests; which calls it asks about is up to the agent',
    },
    planTurn(request: TurnRequest): LaunchPlan {
      const bridge = entryCommand('turn-bridge');
      const options: string[] = [];
      if (request.resumeId) options.push('--resume', request.resumeId);
      if (request.model) options.push('--model', request.model);
      return {
        argv: [bridge.command, ...bridge.args, 'acp', ...options, '--', ...command],
        env: { ...bridge.env, ...request.modelEnv },
        stdin: encodeUserTurn(request.prompt),
      };
    },
    createParser: createStreamJsonParser,
    classifyFailure: claudeFailure,
    // The protocol has no one-shot mode and no screen.
    planPrint: () => null,
    detectReady: () => ({ phase: 'ready' }),
    probe: (environment) => probeCommand(command[0] ?? '', `${name} (Agent Client Protocol)`, environment),
  };
}
