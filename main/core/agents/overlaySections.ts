import { OPERATOR } from '../../../contract/ids.ts';
import type { QualityGate } from '../config/schema.ts';
import { terminalMailTypes } from '../turns/turnOutcome.ts';
import { isPersistent, isReadOnly, livesInProjectRoot } from './roles.ts';
import { shellQuote } from './shellQuote.ts';

/** Facts about one agent that its instruction file is made of. */
export interface OverlayFacts {
  readonly agentName: string;
  readonly capability: string;
  readonly taskId: string;
  readonly branch: string;
  readonly worktree: string;
  /** Who this agent reports to; empty or null as `reportsTo` says. */
  readonly parent: string | null;
  readonly depth: number;
  /** Absolute. */
  readonly specPath: string | null;
  readonly fileScope: readonly string[];
  readonly siblings: readonly string[];
  readonly canSpawn: boolean;
  readonly canonicalBranch: string;
  readonly skipScout: boolean;
  readonly skipReview: boolean;
  /** Ceiling for a lead's own agents; 0 or undefined says nothing. */
  readonly dispatchMaxAgents?: number | undefined;
  readonly qualityGates: readonly QualityGate[];
  readonly mulchDomains: readonly string[];
  /** Expertise text loaded for this agent; blank for none. */
  readonly expertise: string;
  /** The issue tracker's command, null when the project uses none. */
  readonly tracker: { readonly cli: string; readonly name: string } | null;
}

/** Who the agent reports to: its parent; without one the coordinator, and a coordinator or orchestrator the operator. */
export function reportsTo(facts: Pick<OverlayFacts, 'parent' | 'capability'>): string {
  if (facts.parent !== null && facts.parent !== '') return facts.parent;
  return facts.capability === 'coordinator' || facts.capability === 'orchestrator' ? OPERATOR : 'coordinator';
}

/** Where the agent is, and where it may write. */
export function workingDirectorySection(facts: Pick<OverlayFacts, 'capability' | 'worktree'>): string {
  if (livesInProjectRoot(facts.capability))
    return [
      `You work in the project itself, \`${facts.worktree}\`, without a worktree. You may read anything and change no file: it`,
      'is where people work.',
    ].join('\n');
  return [
    `Your worktree is \`${facts.worktree}\`. Write only inside of it; a write anywhere else is a PATH_BOUNDARY_VIOLATION and is refused.`,
    'You may read anything. The main checkout belongs to other people: never change it.',
  ].join('\n');
}

export function fileScopeSection(files: readonly string[]): string {
  if (files.length === 0) return 'No file scope restrictions';
  return files.map((file) => `- \`${file.replace(/[\r\n]+/g, ' ')}\``).join('\n');
}

export function specInstruction(specPath: string | null, capability: string): string {
  if (specPath === null && livesInProjectRoot(capability)) return 'Your mail says what is wanted.';
  return specPath === null
    ? 'No task spec was provided. Ask your parent by mail what is wanted before you start.'
    : 'Read the spec above before anything else. It says what is wanted and when it is done.';
}

export function expertiseDomainsSection(domains: readonly string[]): string {
  if (domains.length === 0) return 'No specific expertise domains configured';
  return `\`\`\`bash\nml prime ${domains.map(shellQuote).join(' ')}\n\`\`\``;
}

export function expertiseSection(expertise: string): string {
  if (expertise.trim() === '') return '';
  return `\n### Pre-loaded Expertise\n\nThis was automatically loaded at spawn time.\n\n${expertise.trim()}\n`;
}

/** Only for leads that were told to go without scouts. */
export function skipScoutSection(facts: OverlayFacts): string {
  if (facts.capability !== 'lead' || !facts.skipScout) return '';
  return '\n## No Scouts\n\nThe code is known: skip the scouting step and start with the specs of your builders.\n';
}

/** Only for leads with at least one override (spec 02 §3.7). The ceiling is advice in words; the fleet's limits are enforced. */
export function dispatchOverridesSection(facts: OverlayFacts): string {
  if (facts.capability !== 'lead') return '';
  const lines: string[] = [];
  if (facts.skipReview)
    lines.push('- **SKIP REVIEW**: start no reviewer; self-verify each branch against its spec and the gates.');
  const ceiling = facts.dispatchMaxAgents ?? 0;
  if (ceiling === 1) {
    lines.push(
      '- **MAX AGENTS 1**: spend it on a single builder. No scouts, no reviewers. Leads cannot implement themselves.',
    );
  } else if (ceiling === 2) {
    lines.push('- **MAX AGENTS 2**: compressed mode. Builders only; self-verify their work.');
  } else if (ceiling > 2) {
    lines.push(`- **MAX AGENTS ${ceiling}**: do not exceed ${ceiling} agents in all.`);
  }
  return lines.length === 0 ? '' : `\n## Dispatch Overrides\n\n${lines.join('\n')}\n`;
}

export function siblingsSection(facts: OverlayFacts): string {
  if (facts.siblings.length === 0) return '';
  const main = shellQuote(facts.canonicalBranch);
  return [
    '\n## Parallel Siblings\n',
    'These agents work beside you on the same base:\n',
    ...facts.siblings.map((sibling) => `- ${sibling}`),
    '\nBefore `merge_ready` is sent for your branch, bring it up to date and run the gates again:\n',
    '```bash',
    `git fetch origin ${main}:${main}   # only where a remote exists`,
    `git rebase ${main}`,
    '```\n',
    'If a conflict cannot be resolved, abort the rebase and report it as `error`.\n',
  ].join('\n');
}

/** The command that starts a child, or the sentence that there is none. */
export function spawnSection(facts: OverlayFacts): string {
  if (!facts.canSpawn) return 'You may NOT spawn sub-workers.';
  const self = shellQuote(facts.agentName);
  return [
    'You may start agents below you. Each gets its own worktree and branch:',
    '',
    '```bash',
    'ov sling <task-id> --capability builder --name <name> \\',
    `  --parent ${self} --depth ${facts.depth + 1} \\`,
    '  --spec <absolute path of the spec> --files <file,file>',
    '```',
    '',
    'After you have started them, end your turn: their mail wakes you.',
  ].join('\n');
}

/** Exact mail commands of this agent, payloads included. */
export function mailCommands(facts: OverlayFacts): string {
  const self = shellQuote(facts.agentName);
  const parent = shellQuote(reportsTo(facts));
  const send = (type: string, subject: string, body: string, extra = '') =>
    [
      `ov mail send --agent ${self} --to ${parent} --type ${type}${extra} \\`,
      `  --subject ${shellQuote(subject)} --body ${shellQuote(body)}`,
    ].join('\n');
  const withPayload = (command: string, payload: Readonly<Record<string, unknown>>) =>
    `${command} \\\n  --payload ${shellQuote(JSON.stringify(payload))}`;
  const { taskId, branch, capability } = facts;
  const topic = taskId === '' ? '<what>' : taskId;
  const blocks: Array<readonly [string, string]> = [
    ['Check once for mail', `ov mail check --agent ${self}`],
    ['Report progress', send('status', `Status: ${topic}`, 'what is done, what comes next')],
    [
      'Ask, then end the turn',
      send('question', `Question: ${topic}`, 'question, options, your recommendation', ' --priority high'),
    ],
    [
      'Report an error',
      send('error', `Error: ${topic}`, 'command, last lines of output, what you tried', ' --priority high'),
    ],
    [
      'Ask a person to decide, then end the turn',
      withPayload(
        `ov mail send --agent ${self} --to operator --type decision_gate --priority high \\\n  --subject ${shellQuote(`Decision: ${topic}`)} --body '<context and the options again>'`,
        { options: ['first option', 'second option'], context: 'why a person must decide' },
      ),
    ],
    ['Reply in a thread', `ov mail reply <message-id> --agent ${self} --body '<answer>'`],
  ];
  if (capability === 'lead') {
    blocks.push([
      'Hand a verified branch over, once per branch',
      withPayload(send('merge_ready', 'merge_ready: <task of the builder>', 'branch, files, how it was verified'), {
        branch: '<branch>',
        taskId: '<task of the builder>',
        agentName: '<builder>',
        filesModified: ['<file>'],
      }),
    ]);
  }
  if (capability === 'merger') {
    blocks.push(
      [
        'TERMINAL MAIL, success: ends your job',
        withPayload(send('merged', `Merged: ${branch}`, 'tier, conflicts, test results'), {
          branch,
          taskId,
          tier: 'clean-merge',
        }),
      ],
      [
        'TERMINAL MAIL, failure: ends your job',
        withPayload(send('merge_failed', `Merge failed: ${branch}`, 'what conflicts and why', ' --priority urgent'), {
          branch,
          taskId,
          conflictFiles: ['<file>'],
          errorMessage: '<reason>',
        }),
      ],
    );
  } else if (capability === 'orchestrator' || capability === 'supervisor') {
    blocks.push(['TERMINAL MAIL: ends your job', send('result', 'Done: <objective>', 'what was merged, what is open')]);
  } else if (isPersistent(capability)) {
    blocks.push([
      'Report when all is done',
      send('status', capability === 'monitor' ? 'Health of the fleet' : 'Run complete', 'what is done, what is open'),
    ]);
  } else {
    const verdict = capability === 'reviewer' ? ' - PASS' : '';
    blocks.push([
      `TERMINAL MAIL${verdict === '' ? '' : ' (or "- FAIL" with exitCode 1)'}: ends your job`,
      withPayload(
        send(terminalMailTypes(capability)[0] ?? 'worker_done', `Worker done: ${taskId}${verdict}`, 'summary'),
        { taskId, branch, exitCode: 0, filesModified: isReadOnly(capability) ? [] : ['<file>'] },
      ),
    ]);
  }
  return blocks.map(([title, command]) => `${title}:\n\n\`\`\`bash\n${command}\n\`\`\``).join('\n\n');
}

/** How the job ends: gates, commit and terminal mail, or a report for the read-only roles. */
export function completionSection(facts: OverlayFacts): string {
  const [canonical] = terminalMailTypes(facts.capability);
  const parent = reportsTo(facts);
  const close =
    facts.tracker === null
      ? []
      : [`Close your issue: \`${facts.tracker.cli} close ${shellQuote(facts.taskId)}\`. Then stop.`];
  if (livesInProjectRoot(facts.capability)) {
    const end = isPersistent(facts.capability)
      ? `You run until you are stopped. What you have to report goes to \`${parent}\`.`
      : `Your job ends with your terminal mail, type \`result\`, to \`${parent}\`, with the command above.`;
    return ['## Completion', '', end].join('\n');
  }
  const record = 'Record what others should know, marked foundational, tactical or observational.';
  if (isReadOnly(facts.capability)) {
    const steps = [
      record,
      `Send your terminal mail, type \`${canonical}\`, to \`${parent}\` with the command above.`,
      ...close,
    ];
    return [
      '## Completion',
      '',
      'You are a read-only agent. Do NOT commit.',
      '',
      ...steps.map((step, index) => `${index + 1}. ${step}`),
    ].join('\n');
  }
  const gates = facts.qualityGates.map((gate) => `**${gate.name}:** run \`${gate.command}\`: ${gate.description}.`);
  const work =
    facts.capability === 'lead'
      ? ['**Verify:** every branch of your agents is handed over with `merge_ready`, or given up with an `error` mail.']
      : [`**Commit:** everything that belongs to the task is committed to \`${facts.branch}\`.`];
  const steps = [
    ...gates,
    ...work,
    record,
    `Send your terminal mail, type \`${canonical}\`, to \`${parent}\` (\`--agent ${facts.agentName}\`) with the command above.`,
    ...close,
  ];
  return [
    '## Quality Gates',
    '',
    'Your work is done when all of this holds, in this order:',
    '',
    ...steps.map((step, index) => `${index + 1}. ${step}`),
    '',
    'Do not merge your branch yourself: that is the coordinator’s decision.',
  ].join('\n');
}

export function constraintsSection(facts: OverlayFacts): string {
  const [canonical] = terminalMailTypes(facts.capability);
  if (livesInProjectRoot(facts.capability)) {
    return [
      '- Change no files. `git add` and `git commit` are for the project’s own metadata, never for source.',
      `- Never push, and never touch \`${facts.canonicalBranch}\` but by \`ov merge\`, where your role has it.`,
      '- Report blockers as `error` mail, priority urgent.',
    ].join('\n');
  }
  const report =
    facts.tracker === null
      ? `- Report completion with \`${canonical}\` mail; nothing else counts as done.`
      : `- Report completion twice: \`${canonical}\` mail first, then \`${facts.tracker.cli} close ${shellQuote(facts.taskId)}\`.`;
  if (isReadOnly(facts.capability)) {
    return [
      '- Change no files and no git state, anywhere.',
      report,
      '- Report blockers as `error` mail, priority urgent.',
    ].join('\n');
  }
  return [
    `- WORKTREE ISOLATION: every write stays inside \`${facts.worktree}\`. Never write to the canonical checkout.`,
    '- Edit only files of your file scope.',
    `- Commit only to \`${facts.branch}\`. Never push, and never touch \`${facts.canonicalBranch}\`.`,
    '- Never use `git stash`: it is shared by all worktrees.',
    report,
    '- Report blockers as `error` mail, priority urgent.',
  ].join('\n');
}

/** "`cmd`, `cmd`" */
export function gatesInline(gates: readonly QualityGate[]): string {
  return gates.map((gate) => `\`${gate.command}\``).join(', ');
}

/** "1. Run `cmd` -- desc." */
export function gatesSteps(gates: readonly QualityGate[]): string {
  return gates.map((gate, index) => `${index + 1}. Run \`${gate.command}\` -- ${gate.description}.`).join('\n');
}

/** Fenced commands, comments aligned two columns after the longest. */
export function gatesBash(gates: readonly QualityGate[]): string {
  const width = Math.max(0, ...gates.map((gate) => gate.command.length)) + 2;
  const lines = gates.map(
    (gate) => `${gate.command.padEnd(width)}# ${gate.description.charAt(0).toUpperCase()}${gate.description.slice(1)}`,
  );
  return ['```bash', ...lines, '```'].join('\n');
}

/** "  - `cmd` (desc)" */
export function gatesCapabilities(gates: readonly QualityGate[]): string {
  return gates.map((gate) => `  - \`${gate.command}\` (${gate.description})`).join('\n');
}
