import { join } from 'node:path';
import { Capability } from '../../../contract/agents.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Config } from '../config/schema.ts';
import type { Stores } from '../stores.ts';
import type { LaunchFacts } from '../turns/launchSettings.ts';
import { pathExists } from '../util/files.ts';
import { systemPromptPath } from './deploy.ts';
import { resolveModel } from './manifestModel.ts';

export interface LaunchFactsOptions {
  readonly overstoryDirectory: string;
  readonly stores: Pick<Stores, 'sessions' | 'control'>;
  readonly config: () => Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Reads what an agent's next turn is planned from: session, launch settings, model, instruction files. */
export function launchFactsOf(options: LaunchFactsOptions): (agentName: string) => Promise<Result<LaunchFacts>> {
  return async (agentName) => {
    const session = options.stores.sessions.getByName(agentName);
    if (session === null) return fail('notFound', `there is no agent ${agentName}`);
    const capability = Capability.safeParse(session.capability);
    if (!capability.success)
      return fail('agent', `${agentName} has the unknown role "${session.capability}": stop it and sling a new agent`);
    if (!(await pathExists(session.worktreePath)))
      return fail(
        'worktree',
        `the worktree of ${agentName} is gone (${session.worktreePath}): stop it and sling a new agent`,
      );
    const stored = options.stores.control.getAgentSettings(agentName);
    const model = resolveModel(capability.data, undefined, '', options.config(), options.environment);
    const prompt = systemPromptPath(options.overstoryDirectory, agentName);
    const guards = join(options.overstoryDirectory, 'agents', agentName, 'settings.json');
    return ok({
      session,
      capability: capability.data,
      settings: {
        // An agent of the original overstory has no settings of ours: the project's default runs it.
        runtime: stored?.runtime ?? options.config().runtime.default,
        model: stored?.model ?? (model.isExplicitOverride ? model.model : null),
        specPath: stored?.specPath ?? null,
        files: stored?.files ?? [],
      },
      modelEnv: model.env,
      settingsFile: (await pathExists(guards)) ? guards : null,
      systemPromptFile: (await pathExists(prompt)) ? prompt : null,
    });
  };
}
