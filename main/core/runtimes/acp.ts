import { entryCommand } from '../../platform/entries.ts';
import type { InteractivePlan, InteractiveRequest, LaunchPlan, RuntimeAdapter, TurnRequest } from './adapter.ts';
import { claudeFailure } from './failures.ts';
import { probeCommand } from './probe.ts';
import { createStreamJsonParser } from './streamJson.ts';
import { encodeUserTurn } from './userTurn.ts';

/** Prefix of the runtimes made from `controlRoom.acpAgents` of config.yaml. */
export const ACP_PREFIX = 'acp:';

/** Stands in an interactive command for the conversation to open. */
export const CONVERSATION_PLACE = '{conversation}';

/** An agent as the project's config names it. */
export interface AcpAgent {
  /** The command that speaks the protocol, with its arguments. */
  readonly headless: readonly string[];
  /** The command that opens a conversation on a terminal, with the place of its id; null when there is none. */
  readonly interactive: readonly string[] | null;
}

/**
 * Any agent that speaks the Agent Client Protocol, named `acp:<name>`: the bridge program is the process of a turn, starts
 * the agent's command and speaks the protocol to it. The guard answers its permission requests.
 */
export function createAcpAdapter(name: string, agent: AcpAgent): RuntimeAdapter {
  const { headless: command, interactive } = agent;
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
    ...(interactive === null
      ? {}
      : {
          planInteractive: (request: InteractiveRequest): InteractivePlan => ({
            argv: interactive.map((part) => part.replaceAll(CONVERSATION_PLACE, request.resumeId ?? '')),
            env: { ...request.modelEnv },
            conversationId: request.resumeId || null,
          }),
        }),
    // The protocol has no one-shot mode and no screen.
    planPrint: () => null,
    detectReady: () => ({ phase: 'ready' }),
    probe: (environment) => probeCommand(command[0] ?? '', `${name} (Agent Client Protocol)`, environment),
  };
}
