import { entryCommand } from '../../../platform/entries.ts';
import type { InteractivePlan, InteractiveRequest, LaunchPlan, RuntimeAdapter, TurnRequest } from '../adapter.ts';
import { ownSettings } from '../environment.ts';
import { claudeFailure } from '../failures.ts';
import { probeVersion } from '../probe.ts';
import { encodeUserTurn } from '../userTurn.ts';
import { createBridgeParser } from './bridgeParser.ts';
import type { CliDefinition } from './definition.ts';

/** Where the bridge puts the turn's text into the command: a process's arguments may be shorter than a mail. */
export const PROMPT_PLACE = '{prompt}';

/**
 * A CLI that runs under the bridge program, one process a turn (spec 01 §3.5): the bridge delivers the text, turns what comes
 * back into lines, and adds the result that tells success from failure. One that speaks the Agent Client Protocol, or prints
 * lines that are known, goes on in its conversation; any other begins a new one each turn, and is introduced anew.
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
  const keepsConversations = cli.output === 'acp' || cli.output === 'pi';
  return {
    id: cli.id,
    stability: cli.stability,
    instructionPath: cli.instructionPath,
    takesManifestModel: cli.takesManifestModel,
    features: {
      turns: cli.output === 'text' ? 'text' : 'structured',
      resume: keepsConversations,
      usage: cli.output === 'text' ? 'none' : 'turn',
      cost: cli.cost,
      guards: cli.guards,
      guardNote: cli.guardNote,
    },
    planTurn(request: TurnRequest): LaunchPlan {
      const bridge = entryCommand('turn-bridge');
      const resumeId = keepsConversations ? request.resumeId || null : null;
      const command = cli.turn({
        prompt: PROMPT_PLACE,
        model: request.model,
        instructions: request.systemPromptFile ?? cli.instructionPath,
        worktree: request.worktree,
        resumeId,
        systemPromptFile: request.systemPromptFile ?? null,
      });
      const options = [...(cli.bridgeOptions ?? [])];
      if (cli.output === 'acp' && resumeId !== null) options.push('--resume', resumeId);
      if (cli.modelByProtocol === true && request.model) options.push('--model', request.model);
      return {
        argv: [bridge.command, ...bridge.args, cli.output, ...options, '--', ...command],
        env: { ...bridge.env, ...environmentOf(request) },
        stdin: encodeUserTurn(request.prompt),
      };
    },
    // Its words alone do not tell a failure of the account from one of the work.
    ...(keepsConversations ? { classifyFailure: claudeFailure } : {}),
    createParser: createBridgeParser,
    planPrint: (prompt, model) => cli.print(prompt, model),
    detectReady: cli.detectReady,
    planInteractive(request: InteractiveRequest): InteractivePlan {
      const conversationId = keepsConversations ? request.resumeId || null : null;
      return { argv: cli.interactive(request), env: environmentOf(request), conversationId };
    },
    ...(cli.readTranscript === undefined ? {} : { readTranscript: cli.readTranscript }),
    ...(cli.transcriptFolder === undefined ? {} : { transcriptFolder: cli.transcriptFolder }),
    ...(cli.guardFiles === undefined ? {} : { guardFiles: cli.guardFiles }),
    async probe(environment) {
      const version = await probeVersion(cli.command, cli.product, environment);
      if (!version.ready || cli.login === undefined) return version;
      const loggedIn = await cli.login(environment);
      const detail = loggedIn === false ? `${version.detail}, not logged in: ${cli.loginRemedy ?? ''}` : version.detail;
      return { ...version, detail, loggedIn };
    },
  };
}
