import { join } from 'node:path';
import type { MailMessage } from '../../../contract/mail.ts';
import { terminalEnvironment } from '../../platform/childEnvironment.ts';
import { timestamp } from '../../platform/clock.ts';
import { guardEnvironment } from '../agents/guardEnvironment.ts';
import type { InteractivePlan, LaunchPlan, RuntimeAdapter, TurnRequest } from '../runtimes/adapter.ts';
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
  /** Told to a fresh conversation when an earlier one is lost; null when there was none. */
  readonly handover: string | null;
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
  const { previous } = facts;
  // A turn that was held or taken over counts as no attempt, and yet was cut off.
  const cutOff = facts.attempt > 1 || previous?.outcome === 'held';
  const failedBefore = cutOff ? (previous?.reason ?? 'the process ended') : null;
  const prompt = turnPrompt({
    note: facts.handover ?? (failedBefore === null ? null : retryNote(failedBefore)),
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
            // Agents in the project root have their role in a file of its own; not every runtime can be handed one.
            instructionPath: launch.systemPromptFile ?? adapter.instructionPath,
            at: timestamp(facts.now),
          }),
  });
  const plan = adapter.planTurn({ ...requestOf(facts), prompt, resumeId });
  return { prompt, plan };
}

/** What a conversation is opened from, for a person who takes an agent over. */
export interface ConversationFacts
  extends Pick<TurnFacts, 'launch' | 'adapter' | 'projectRoot' | 'overstoryDirectory'> {
  readonly resumeId: string | null;
  /** Id for a fresh conversation, where there is none to resume. */
  readonly newConversationId: string;
}

/** Plans the interactive program of an agent's conversation; null when its runtime has none. */
export function planConversation(
  facts: ConversationFacts,
  commandFolder: string,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly plan: InteractivePlan; readonly env: Readonly<Record<string, string>> } | null {
  const { resumeId, newConversationId } = facts;
  const plan = facts.adapter.planInteractive?.({ ...requestOf(facts), resumeId, newConversationId });
  return plan === undefined ? null : { plan, env: turnEnvironment(facts, plan, commandFolder, environment) };
}

function requestOf(
  facts: Pick<TurnFacts, 'launch' | 'projectRoot' | 'overstoryDirectory'>,
): Omit<TurnRequest, 'prompt' | 'resumeId'> {
  const { launch } = facts;
  const { session } = launch;
  return {
    agentName: session.agentName,
    capability: launch.capability,
    taskId: session.taskId,
    worktree: session.worktreePath,
    projectRoot: facts.projectRoot,
    agentDirectory: join(facts.overstoryDirectory, 'agents', session.agentName),
    specPath: launch.settings.specPath,
    model: launch.settings.model,
    modelEnv: launch.modelEnv,
    gateway: launch.gateway ?? null,
    settingsFile: launch.settingsFile,
    systemPromptFile: launch.systemPromptFile,
    parent: session.parentAgent,
    depth: session.depth,
  };
}

/** The whole environment of a turn's process: what is let through of ours, then what says who the agent is. */
export function turnEnvironment(
  facts: Pick<TurnFacts, 'launch' | 'projectRoot'>,
  plan: Pick<LaunchPlan, 'env'>,
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
    ...guardEnvironment(),
    ...modelEnv,
    ...plan.env,
  });
}
