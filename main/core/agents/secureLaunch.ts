import { fail, type Result } from '../../../contract/result.ts';
import type { RuntimeAdapter } from '../runtimes/adapter.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { LaunchFacts } from '../turns/launchSettings.ts';
import type { GuardCanary } from './guardCanary.ts';

/** A turn's process as it was planned. */
export interface PlannedProcess {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Makes sure that a turn is held before it starts; a failure says in one line why it may not. */
export type SecureLaunch = (
  launch: LaunchFacts,
  adapter: RuntimeAdapter,
  planned: PlannedProcess,
) => Promise<Result<readonly string[]>>;

/**
 * Before a turn: the guard's canary call, once a runtime's version, then the sandbox. A runtime whose guard is meant to be
 * asked and does not answer gets no turn, because it would run every call (real-agents.md, third rule).
 */
export function secureLaunchOf(canary: GuardCanary, sandbox: Sandbox): SecureLaunch {
  return async (launch, adapter, planned) => {
    const guard = await canary.check({
      adapter,
      settingsFile: launch.settingsFile,
      cwd: planned.cwd,
      env: planned.env,
    });
    if (guard.verified === false) {
      return fail(
        'agent',
        `the guard of ${adapter.id} does not hold: ${guard.note}; run "ov guard --agent ${launch.session.agentName}" to see why`,
      );
    }
    return sandbox.wrap({
      ...planned,
      capability: launch.capability,
      runtime: launch.settings.runtime,
      branch: launch.session.branchName,
    });
  };
}
