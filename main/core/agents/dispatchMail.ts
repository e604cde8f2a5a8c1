import type { SlingInput } from '../../../contract/agents.ts';

/** The mail a new agent finds when it begins (spec 02 §3.9). */
export interface DispatchMail {
  readonly from: string;
  readonly subject: string;
  readonly body: string;
}

/**
 * Who slung it writes it: the caller, else the parent, else `orchestrator`, as in the reference. Pure.
 * @param specPath absolute; null without a spec.
 * @param instructionPath file in the worktree, as the agent's runtime reads it.
 */
export function dispatchMail(
  input: Pick<SlingInput, 'taskId' | 'capability' | 'from'>,
  parent: string | null,
  specPath: string | null,
  instructionPath: string,
): DispatchMail {
  const spec =
    specPath === null
      ? 'No spec file provided: ask your parent by mail when the task is unclear.'
      : `Spec file: ${specPath}`;
  const caller = input.from === undefined || input.from === '' ? null : input.from;
  return {
    from: caller ?? (parent === null || parent === '' ? 'orchestrator' : parent),
    subject: `Dispatch: ${input.taskId}`,
    body: `You are the ${input.capability} of task ${input.taskId}. ${spec} Your instructions are in ${instructionPath} of your worktree; read it first.`,
  };
}
