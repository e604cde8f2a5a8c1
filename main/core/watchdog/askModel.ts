import { spawn } from 'node:child_process';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { childEnvironment } from '../../platform/childEnvironment.ts';
import { entryCommand } from '../../platform/entries.ts';
import type { RuntimeAdapter } from '../runtimes/adapter.ts';
import type { LaunchFacts } from '../turns/launchSettings.ts';
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
    return runForText(command, args, { cwd: options.projectRoot, env, timeoutMs });
  };
}

function runForText(
  command: string,
  args: readonly string[],
  how: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly timeoutMs: number },
): Promise<Result<{ readonly text: string }>> {
  return new Promise((resolve) => {
    // A group of its own, so that the time-out ends whatever the command started too.
    const child = spawn(command, args, {
      cwd: how.cwd,
      env: how.env,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    let text = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended in this very moment: what was to be ended is.
      }
    }, how.timeoutMs);
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (part: string) => {
      if (text.length < ANSWER_CHARACTERS) text += part;
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve(fail('unavailable', `${command} could not be started: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(ok({ text: text.slice(0, ANSWER_CHARACTERS) }));
      else if (timedOut) resolve(fail('timeout', `no answer within ${Math.round(how.timeoutMs / 1_000)} s`));
      else resolve(fail('unavailable', `${command} ended with ${code ?? signal}`));
    });
  });
}
