import { entryCommand } from '../../../platform/entries.ts';
import type { InteractivePlan, InteractiveRequest, LaunchPlan, RuntimeAdapter, TurnRequest } from '../adapter.ts';
import { ownSettings } from '../environment.ts';
import { probeVersion } from '../probe.ts';
import { encodeUserTurn } from '../userTurn.ts';
import { createBridgeParser } from './bridgeParser.ts';
import type { CliDefinition } from './definition.ts';

/** Where the bridge puts the turn's text into the command: a process's arguments may be shorter than a mail. */
export const PROMPT_PLACE = '{prompt}';

/**
 * A CLI without a protocol of its own, one call a turn (spec 01 §3.5). The bridge program runs it: it delivers the text,
 * turns what is printed into lines, and adds the result that tells success from failure. Each turn begins a new
 * conversation, so the engine introduces the agent anew each time.
 */
export function createCliAdapter(
  cli: CliDefinition,
  options: { readonly environment: Readonly<Record<string, string | undefined>> },
): RuntimeAdapter {
  const environmentOf = (request: Pick<TurnRequest, 'modelEnv'>): Record<string, string> => {
    const modelEnv = request.modelEnv ?? {};
    const own = ownSettings(options.environment, [cli.settings]);
    return { ...own, ...(cli.environment?.({ ...own, ...modelEnv }) ?? modelEnv) };
  };
  return {
    id: cli.id,
    stability: cli.stability,
    instructionPath: cli.instructionPath,
    takesManifestModel: cli.takesManifestModel,
    features: {
      turns: cli.output === 'json' ? 'structured' : 'text',
      resume: false,
      usage: cli.output === 'json' ? 'turn' : 'none',
      cost: 'none',
      guards: cli.guardFiles === undefined ? 'none' : 'files',
    },
    planTurn(request: TurnRequest): LaunchPlan {
      const bridge = entryCommand('turn-bridge');
      const command = cli.turn({
        prompt: PROMPT_PLACE,
        model: request.model,
        instructions: request.systemPromptFile ?? cli.instructionPath,
        worktree: request.worktree,
      });
      return {
        argv: [bridge.command, ...bridge.args, cli.output, '--', ...command],
        env: { ...bridge.env, ...environmentOf(request) },
        stdin: encodeUserTurn(request.prompt),
      };
    },
    createParser: createBridgeParser,
    planPrint: (prompt, model) => cli.print(prompt, model),
    detectReady: cli.detectReady,
    planInteractive(request: InteractiveRequest): InteractivePlan {
      return { argv: cli.interactive(request), env: environmentOf(request), conversationId: null };
    },
    ...(cli.readTranscript === undefined ? {} : { readTranscript: cli.readTranscript }),
    ...(cli.transcriptFolder === undefined ? {} : { transcriptFolder: cli.transcriptFolder }),
    ...(cli.guardFiles === undefined ? {} : { guardFiles: cli.guardFiles }),
    probe: (environment) => probeVersion(cli.command, cli.product, environment),
  };
}
