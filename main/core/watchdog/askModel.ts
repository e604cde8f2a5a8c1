import { fail, type Result } from '../../../contract/result.ts';
import { childEnvironment } from '../../platform/childEnvironment.ts';
import { entryCommand } from '../../platform/entries.ts';
import type { RuntimeAdapter } from '../runtimes/adapter.ts';
import type { LaunchFacts } from '../turns/launchSettings.ts';
import { runForText } from '../util/runForText.ts';
import type { AskModel } from './triageRunner.ts';

/** Characters of an answer that are read: one word is wanted. */
const ANSWER_CHARACTERS = 20_000;

/** Asks through the print command of the agent's own runtime, with the environment its turns get, away from its worktree's git. */
export function askModelOf(options: {
  readonly projectRoot: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly launchFacts: (agentName: string) => Promise<Result<LaunchFacts>>;
  readonly adapter: (runtime: string) => Result<RuntimeAdapter>;
}): AskModel {
  return async (agentName, prompt, timeoutMs) => {
    const facts = await options.launchFacts(agentName);
    if (!facts.ok) return facts;
    const { settings, modelEnv } = facts.value;
    const adapter = options.adapter(settings.runtime);
    if (!adapter.ok) return adapter;
    const argv = adapter.value.planPrint(prompt, settings.model);
    const [command, ...args] = argv ?? [];
    if (command === undefined)
      return fail(
        'unavailable',
        `${settings.runtime} has no command that answers a question: set tier1Enabled to false`,
      );
    const env = childEnvironment(options.environment, { ...modelEnv, ...entryCommand('rehearsal').env });
    return runForText(command, args, {
      cwd: options.projectRoot,
      env,
      timeoutMs,
      maxCharacters: ANSWER_CHARACTERS,
    });
  };
}
