import { realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ok } from '../../contract/result.ts';
import { answerHook } from '../core/agents/guardAnswer.ts';
import type { GuardDecision } from '../core/agents/guardDecision.ts';
import type { GuardFacts } from '../core/agents/guardFacts.ts';
import { formatHookOutput } from '../core/agents/guardHooks.ts';
import { resolveProjectRoot } from '../core/config/projectRoot.ts';
import { errorLine } from '../core/util/files.ts';
import { print, readStandardInput } from './descriptors.ts';
import { projectAtAGlance } from './quickProject.ts';

/**
 * Answers a runtime's hook before a tool call (spec 02 §3.10). The call comes as JSON on standard input; nothing is printed
 * to allow it, one JSON line refuses it. It needs neither engine nor database nor any library, because every guarded call
 * waits for it.
 */
export async function answerGuardCall(agentName: string): Promise<void> {
  print(formatHookOutput(await decide(agentName)));
}

async function decide(agentName: string): Promise<GuardDecision> {
  try {
    const cwd = process.cwd();
    const input = await readStandardInput();
    const environmentRoot = process.env.OVERSTORY_PROJECT_ROOT;
    const glance = projectAtAGlance(cwd, environmentRoot);
    const project = glance === null ? await resolveProjectRoot({ start: cwd, environmentRoot }) : ok({ root: glance });
    if (!project.ok) return { allow: false, reason: project.error.message };
    const machine = {
      environment: process.env,
      temporaryFolder: tmpdir(),
      // The system's own answer, which also knows the case a file system keeps a name in.
      realpath: realpathSync.native,
      // Loaded only when a lead closes its task: the stores are what every other call does without.
      leadClose: async (facts: GuardFacts) =>
        (await import('../core/agents/leadClose.ts')).leadCloseFacts(
          facts.projectRoot,
          facts.agentName,
          facts.worktree,
        ),
      isFolder: (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
    };
    return await answerHook(join(project.value.root, '.overstory'), agentName, input, machine, cwd);
  } catch (error) {
    // A hook that merely fails would let the call through.
    return { allow: false, reason: `the guard could not check this call (${errorLine(error)}); try it again` };
  }
}
