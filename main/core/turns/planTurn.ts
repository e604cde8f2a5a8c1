import { join } from 'node:path';
import type { MailMessage } from '../../../contract/mail.ts';
import { terminalEnvironment } from '../../platform/childEnvironment.ts';
import { timestamp } from '../../platform/clock.ts';
import type { LaunchPlan, RuntimeAdapter } from '../runtimes/adapter.ts';
import type { LaunchFacts } from './launchSettings.ts';
import { beacon, retryNote, turnMail, turnPrompt } from './turnPrompt.ts';
import type { Turn } from './turnRow.ts';

/** What one turn is planned from. */
export interface TurnFacts {
  readonly launch: LaunchFacts;
  readonly adapter: RuntimeAdapter;
  readonly claimed: readonly MailMessage[];
  readonly resumeId: string | null;
  readonly previous: Turn | null;
  /** Deliveries of the claimed mail so far, this one included. */
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly projectRoot: string;
  readonly overstoryDirectory: string;
}

/** Plans a turn: its text and its process, as plain data. */
export function planTurn(facts: TurnFacts): { readonly prompt: string; readonly plan: LaunchPlan } {
  const { launch, adapter, claimed, resumeId } = facts;
  const { session } = launch;
  const failedBefore = facts.attempt > 1 ? (facts.previous?.reason ?? 'the process ended') : null;
  const prompt = turnPrompt({
    note: failedBefore === null ? null : retryNote(failedBefore, resumeId === null),
    mail: turnMail(claimed),
    beacon:
      resumeId !== null
        ? null
        : beacon({
            agentName: session.agentName,
            capability: session.capability,
            taskId: session.taskId,
            depth: session.depth,
            parent: session.parentAgent,
            instructionPath: adapter.instructionPath,
            at: timestamp(facts.now),
          }),
  });
  const plan = adapter.planTurn({
    agentName: session.agentName,
    capability: launch.capability,
    taskId: session.taskId,
    worktree: session.worktreePath,
    projectRoot: facts.projectRoot,
    agentDirectory: join(facts.overstoryDirectory, 'agents', session.agentName),
    specPath: launch.settings.specPath,
    prompt,
    model: launch.settings.model,
    resumeId,
    modelEnv: launch.modelEnv,
    settingsFile: launch.settingsFile,
    systemPromptFile: launch.systemPromptFile,
    parent: session.parentAgent,
    depth: session.depth,
  });
  return { prompt, plan };
}

/** The whole environment of a turn's process: what is let through of ours, then what says who the agent is. */
export function turnEnvironment(
  facts: Pick<TurnFacts, 'launch' | 'projectRoot'>,
  plan: LaunchPlan,
  commandFolder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const { session, modelEnv } = facts.launch;
  return terminalEnvironment(environment, {
    PATH: `${commandFolder}:${environment.PATH ?? ''}`,
    OVERSTORY_AGENT_NAME: session.agentName,
    OVERSTORY_WORKTREE_PATH: session.worktreePath,
    OVERSTORY_TASK_ID: session.taskId,
    OVERSTORY_PROJECT_ROOT: facts.projectRoot,
    ...modelEnv,
    ...plan.env,
  });
}
