import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { DEFAULT_QUALITY_GATES, type QualityGate } from '../config/schema.ts';
import { canonicalPath, errorLine, isInside, readTextIfPresent } from '../util/files.ts';
import { hideManagedFile, inWorktree } from '../worktrees/managedFiles.ts';
import {
  completionSection,
  constraintsSection,
  dispatchOverridesSection,
  expertiseDomainsSection,
  expertiseSection,
  fileScopeSection,
  gatesBash,
  gatesCapabilities,
  gatesInline,
  gatesSteps,
  mailCommands,
  type OverlayFacts,
  reportsTo,
  siblingsSection,
  skipScoutSection,
  spawnSection,
  specInstruction,
  workingDirectorySection,
} from './overlaySections.ts';
import { OVERLAY_TEMPLATE, type Placeholder, renderTemplate } from './overlayTemplate.ts';

export type { OverlayFacts } from './overlaySections.ts';

/** Everything one instruction file is rendered from. */
export interface OverlayInput extends OverlayFacts {
  /** Text of the role file, with its placeholders. */
  readonly roleText: string;
  /** Text of a profile; taken as it stands. */
  readonly profileText: string;
  /** Relative to the worktree, from the runtime adapter. */
  readonly instructionPath: string;
}

/** First words of a file of ours: how a former overlay is told from the project's own instructions. */
const OUR_MARK = '<!-- Written by Overstory Control Room';
const PROJECT_HEADING = '## Project Instructions';

/**
 * Renders the instruction file of an agent (spec 02 §3.7). Pure.
 * @param projectInstructions what the project itself keeps at that path; it follows at the end.
 */
export function renderOverlay(input: OverlayInput, projectInstructions = ''): string {
  const gates = effectiveGates(input.qualityGates);
  const facts: OverlayFacts = { ...input, qualityGates: gates };
  const profile = input.profileText.trim();
  const own = projectInstructions.trim();
  const values: Record<Placeholder, string> = {
    ...roleValues(gates, input.tracker, input.instructionPath),
    AGENT_NAME: input.agentName,
    CAPABILITY: input.capability,
    TASK_ID: input.taskId === '' ? 'none' : input.taskId,
    SPEC_PATH: input.specPath ?? 'No spec file provided',
    SPEC_INSTRUCTION: specInstruction(input.specPath, input.capability),
    BRANCH_NAME: input.branch,
    WORKTREE_PATH: input.worktree,
    WORKING_DIRECTORY: workingDirectorySection(input),
    PARENT_AGENT: reportsTo(input),
    DEPTH: String(input.depth),
    SKIP_SCOUT: skipScoutSection(facts),
    DISPATCH_OVERRIDES: dispatchOverridesSection(facts),
    SIBLINGS: siblingsSection(facts),
    FILE_SCOPE: fileScopeSection(input.fileScope),
    MULCH_DOMAINS: expertiseDomainsSection(input.mulchDomains),
    MULCH_EXPERTISE: expertiseSection(input.expertise),
    MAIL_COMMANDS: mailCommands(facts),
    CAN_SPAWN: spawnSection(facts),
    QUALITY_GATES: completionSection(facts),
    CONSTRAINTS: constraintsSection(facts),
    BASE_DEFINITION: renderRole(input.roleText, gates, input.tracker, input.instructionPath).trim(),
    PROFILE_INSTRUCTIONS: profile === '' ? '' : `\n${profile}\n`,
    PROJECT_INSTRUCTIONS: own === '' ? '' : `\n${PROJECT_HEADING}\n\n${own}\n`,
  };
  return renderTemplate(OVERLAY_TEMPLATE, values);
}

/** Renders a role file on its own, for agents that live in the project root and get it as their system prompt. */
export function renderRole(
  roleText: string,
  qualityGates: readonly QualityGate[],
  tracker: OverlayFacts['tracker'],
  instructionPath: string,
): string {
  return renderTemplate(roleText, roleValues(effectiveGates(qualityGates), tracker, instructionPath));
}

/**
 * Writes the overlay into a worktree and keeps it out of the agent's commits. The canonical project root is refused and
 * nothing is written (spec 02 §3.7, guard). The project's own instructions at that path are kept at the end.
 * @returns absolute path of the written file.
 */
export async function writeOverlay(input: OverlayInput, projectRoot: string): Promise<Result<string>> {
  const worktree = await canonicalPath(input.worktree);
  if (worktree === (await canonicalPath(projectRoot))) {
    return fail(
      'agent',
      `${input.worktree} is the canonical project root; an agent's instructions go into its worktree only`,
      {
        data: { agentName: input.agentName, capability: input.capability },
      },
    );
  }
  const path = inWorktree(worktree, input.instructionPath);
  // A link inside the repository could lead the write out of the worktree.
  if (!isInside(await canonicalPath(path), worktree)) {
    return fail('agent', `${input.instructionPath} leads out of the worktree ${input.worktree}; remove that link`);
  }
  try {
    const existing = (await readTextIfPresent(path)) ?? '';
    await mkdir(dirname(path), { recursive: true });
    await writeFileAtomic(path, renderOverlay(input, projectInstructionsOf(existing)));
  } catch (error) {
    return fail(
      'agent',
      `the instructions of ${input.agentName} cannot be written (${errorLine(error)}); check space and permissions`,
    );
  }
  const hidden = await hideManagedFile(worktree, input.instructionPath);
  return hidden.ok ? ok(path) : hidden;
}

/** What of an existing instruction file is the project's own. */
export function projectInstructionsOf(existing: string): string {
  if (!existing.startsWith(OUR_MARK)) return existing;
  const start = existing.lastIndexOf(`\n${PROJECT_HEADING}\n`);
  return start < 0 ? '' : existing.slice(start + PROJECT_HEADING.length + 2);
}

function effectiveGates(gates: readonly QualityGate[]): readonly QualityGate[] {
  return gates.length === 0 ? DEFAULT_QUALITY_GATES : gates;
}

type RolePlaceholder =
  | 'QUALITY_GATE_INLINE'
  | 'QUALITY_GATE_STEPS'
  | 'QUALITY_GATE_BASH'
  | 'QUALITY_GATE_CAPABILITIES'
  | 'TRACKER_CLI'
  | 'TRACKER_NAME'
  | 'INSTRUCTION_PATH';

function roleValues(
  gates: readonly QualityGate[],
  tracker: OverlayFacts['tracker'],
  instructionPath: string,
): Record<RolePlaceholder, string> {
  return {
    QUALITY_GATE_INLINE: gatesInline(gates),
    QUALITY_GATE_STEPS: gatesSteps(gates),
    QUALITY_GATE_BASH: gatesBash(gates),
    QUALITY_GATE_CAPABILITIES: gatesCapabilities(gates),
    // Without a tracker of its own a project has the board.
    TRACKER_CLI: tracker?.cli ?? 'ov task',
    TRACKER_NAME: tracker?.name ?? 'board',
    INSTRUCTION_PATH: instructionPath,
  };
}
