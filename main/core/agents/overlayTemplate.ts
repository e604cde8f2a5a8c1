/** The instruction file of one agent, in the order of spec 02 §3.7. `{{NAME}}` is replaced by `renderTemplate`. */
export const OVERLAY_TEMPLATE = `<!-- Written by Overstory Control Room when this agent was started. Do not edit: it is replaced on the next start. -->

{{BASE_DEFINITION}}
{{PROFILE_INSTRUCTIONS}}
---

Everything above says what your role is. Everything below is your assignment, and it wins where the two differ.

## Your Assignment

- **Agent name:** {{AGENT_NAME}}
- **Role:** {{CAPABILITY}}
- **Task:** {{TASK_ID}}
- **Spec:** {{SPEC_PATH}}
- **Branch:** {{BRANCH_NAME}}
- **Worktree:** {{WORKTREE_PATH}}
- **Parent:** {{PARENT_AGENT}}
- **Depth:** {{DEPTH}}

{{SPEC_INSTRUCTION}}
{{SKIP_SCOUT}}{{DISPATCH_OVERRIDES}}{{SIBLINGS}}
## Working Directory

{{WORKING_DIRECTORY}}

## File Scope (exclusive ownership)

{{FILE_SCOPE}}

## Expertise

{{MULCH_DOMAINS}}
{{MULCH_EXPERTISE}}
## Communication

Mail is the only way to reach the others. Your name is \`{{AGENT_NAME}}\`, your parent is \`{{PARENT_AGENT}}\`.

**Ending your turn is waiting.** When you have asked something or started somebody, finish the turn. Mail addressed to you starts
your next turn and is shown at its top. Never poll: no loop, no \`sleep\`, no repeated check.

{{MAIL_COMMANDS}}

## Spawning Sub-Workers

{{CAN_SPAWN}}

{{QUALITY_GATES}}

## Constraints

{{CONSTRAINTS}}
{{PROJECT_INSTRUCTIONS}}`;

/** Every name the template and the role files may use. */
export type Placeholder =
  | 'AGENT_NAME'
  | 'CAPABILITY'
  | 'TASK_ID'
  | 'SPEC_PATH'
  | 'SPEC_INSTRUCTION'
  | 'BRANCH_NAME'
  | 'WORKTREE_PATH'
  | 'WORKING_DIRECTORY'
  | 'PARENT_AGENT'
  | 'DEPTH'
  | 'SKIP_SCOUT'
  | 'DISPATCH_OVERRIDES'
  | 'SIBLINGS'
  | 'FILE_SCOPE'
  | 'MULCH_DOMAINS'
  | 'MULCH_EXPERTISE'
  | 'MAIL_COMMANDS'
  | 'CAN_SPAWN'
  | 'QUALITY_GATES'
  | 'QUALITY_GATE_INLINE'
  | 'QUALITY_GATE_STEPS'
  | 'QUALITY_GATE_BASH'
  | 'QUALITY_GATE_CAPABILITIES'
  | 'CONSTRAINTS'
  | 'BASE_DEFINITION'
  | 'PROFILE_INSTRUCTIONS'
  | 'PROJECT_INSTRUCTIONS'
  | 'TRACKER_CLI'
  | 'TRACKER_NAME'
  | 'INSTRUCTION_PATH';

/**
 * Replaces every known `{{NAME}}` in one pass. What a value contains is never looked at again, so `$&`, backticks and
 * `{{OTHER}}` inside a value stay as they are (spec 02 §3.7, substitution trap). Unknown names stay literal.
 */
export function renderTemplate(template: string, values: Readonly<Partial<Record<Placeholder, string>>>): string {
  return template.replace(/\{\{([A-Z_]+)\}\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name as Placeholder] ?? whole) : whole,
  );
}
