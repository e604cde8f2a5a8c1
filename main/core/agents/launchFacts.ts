import { join } from 'node:path';
import { Capability } from '../../../contract/agents.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Config } from '../config/schema.ts';
import type { RuntimeAdapter } from '../runtimes/adapter.ts';
import { namedVariables } from '../runtimes/environment.ts';
import type { Stores } from '../stores.ts';
import type { LaunchFacts } from '../turns/launchSettings.ts';
import { pathExists } from '../util/files.ts';
import { systemPromptPath } from './deploy.ts';
import { resolveModel } from './manifestModel.ts';

export interface LaunchFactsOptions {
  readonly overstoryDirectory: string;
  readonly stores: Pick<Stores, 'sessions' | 'control'>;
  readonly config: () => Config;
  /** Model of a role in the agent manifest. */
  readonly manifestModel: (capability: string) => string | undefined;
  readonly adapter: (runtime: string) => Result<RuntimeAdapter>;
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
    // An agent of the original overstory has no settings of ours: the project's default runs it.
    const runtime = stored?.runtime ?? options.config().runtime.default;
    const adapter = options.adapter(runtime);
    const model = resolveModel(
      capability.data,
      options.manifestModel(capability.data),
      'sonnet',
      options.config(),
      options.environment,
    );
    // Named at every turn: a resumed conversation may fall back to another model (real-agents.md, fifth rule).
    const named = model.isExplicitOverride || (adapter.ok && adapter.value.takesManifestModel);
    const prompt = systemPromptPath(options.overstoryDirectory, agentName);
    const guards = join(options.overstoryDirectory, 'agents', agentName, 'settings.json');
    return ok({
      session,
      capability: capability.data,
      settings: {
        runtime,
        model: named ? model.model : null,
        specPath: stored?.specPath ?? null,
        files: stored?.files ?? [],
      },
      modelEnv: {
        ...namedVariables(
          options.config().controlRoom.environment,
          { capability: capability.data, runtime },
          options.environment,
        ),
        ...model.env,
      },
      gateway: model.gateway ?? null,
      settingsFile: (await pathExists(guards)) ? guards : null,
      systemPromptFile: (await pathExists(prompt)) ? prompt : null,
    });
  };
}
