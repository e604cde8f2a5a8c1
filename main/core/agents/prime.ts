import type { Checkpoint } from './checkpoint.ts';
import type { AgentIdentity } from './identity.ts';

/** What `ov prime` tells a person's own agent of its project. */
export interface ProjectPrime {
  readonly kind: 'project';
  readonly name: string;
  readonly canonicalBranch: string;
  /** Branch the session began on; null when it is the canonical one or cannot be told. */
  readonly sessionBranch: string | null;
  readonly maxConcurrent: number;
  readonly maxDepth: number;
  /** Roles with what they are for, in the manifest's order. */
  readonly roles: readonly {
    readonly name: string;
    readonly model: string;
    readonly capabilities: readonly string[];
  }[];
  /** Newest first; only shown when the text is not to be compact. */
  readonly recent: readonly {
    readonly agentName: string;
    readonly capability: string;
    readonly taskId: string;
    readonly state: string;
  }[];
}

/** What it tells an agent of itself. */
export interface AgentPrime {
  readonly kind: 'agent';
  readonly agentName: string;
  readonly identity: AgentIdentity | null;
  /** Its row while it has not ended; null otherwise. */
  readonly live: {
    readonly taskId: string;
    readonly worktree: string;
    readonly branch: string;
    readonly parent: string | null;
  } | null;
  /** False when nobody of that name was ever started. */
  readonly known: boolean;
  readonly checkpoint: Checkpoint | null;
}

/** Sessions and tasks named: what fits beside the rest. */
const RECENT = 5;

/**
 * Text an agent begins with, or goes on with after its conversation was compacted (spec 03 §4.5 "prime"). Pure.
 * @param compact leaves out what a going conversation knows, and adds where it stood.
 */
export function primeContext(facts: ProjectPrime | AgentPrime, compact: boolean): string {
  const sections = facts.kind === 'project' ? projectSections(facts, compact) : agentSections(facts, compact);
  return sections.map(([title, lines]) => [`## ${title}`, '', ...lines].join('\n')).join('\n\n');
}

type Section = readonly [title: string, lines: readonly string[]];

function projectSections(facts: ProjectPrime, compact: boolean): readonly Section[] {
  const { sessionBranch, roles, recent } = facts;
  const branch = sessionBranch === null ? [] : [`- Session branch: ${oneLine(sessionBranch)} (merges go there)`];
  const project: Section = [
    `Project: ${oneLine(facts.name)}`,
    [
      `- Canonical branch: ${oneLine(facts.canonicalBranch)}`,
      ...branch,
      `- Limits: ${facts.maxConcurrent} agents at once, depth ${facts.maxDepth}`,
      '- What there is to do: `ov status`, `ov task ready`, `ov mail check --agent orchestrator`',
    ],
  ];
  const manifest: Section = [
    'Agent Manifest',
    roles.length === 0
      ? ['No agents registered.']
      : roles.map((role) => `- ${role.name} (${role.model}): ${role.capabilities.join(', ')}`),
  ];
  if (compact) return [project, manifest];
  const activity: Section = [
    'Recent Activity',
    recent.length === 0
      ? ['No recent sessions.']
      : recent
          .slice(0, RECENT)
          .map(
            (session) => `- ${session.agentName} (${session.capability}) ${oneLine(session.taskId)}: ${session.state}`,
          ),
  ];
  return [project, manifest, activity];
}

function agentSections(facts: AgentPrime, compact: boolean): readonly Section[] {
  const sections: Section[] = [[`Agent: ${oneLine(facts.agentName)}`, identityLines(facts)]];
  if (facts.live !== null && facts.live.taskId !== '')
    sections.push([
      'Activation',
      [
        `- Task: ${oneLine(facts.live.taskId)}, on branch ${oneLine(facts.live.branch)}`,
        `- Worktree: ${oneLine(facts.live.worktree)}`,
        `- Parent: ${facts.live.parent === null || facts.live.parent === '' ? 'none' : oneLine(facts.live.parent)}`,
        '- Begin at once: read your instructions, then your mail.',
      ],
    ]);
  if (compact && facts.checkpoint !== null) sections.push(['Session Recovery', checkpointLines(facts.checkpoint)]);
  return sections;
}

function identityLines({ identity, known, agentName }: AgentPrime): readonly string[] {
  if (identity === null || identity.sessionsCompleted + identity.recentTasks.length === 0) {
    const warning = known ? [] : [`Nobody called ${oneLine(agentName)} was ever started here: check the name.`];
    return ['New agent - no prior sessions.', ...warning];
  }
  return [
    `- Role: ${identity.capability}, ${identity.sessionsCompleted} sessions completed`,
    ...(identity.expertiseDomains.length === 0
      ? []
      : [`- Knows: ${identity.expertiseDomains.map(oneLine).join(', ')}`]),
    ...identity.recentTasks.slice(-RECENT).map((task) => `- ${oneLine(task.taskId)}: ${oneLine(task.summary)}`),
  ];
}

/** Where an agent stood by its own words, a line each; nothing in them can begin a heading of its own. */
export function checkpointLines(checkpoint: Checkpoint): readonly string[] {
  return [
    `- Noted at: ${oneLine(checkpoint.timestamp)}`,
    `- Progress: ${oneLine(checkpoint.progressSummary)}`,
    `- Files: ${checkpoint.filesModified.length === 0 ? 'none' : checkpoint.filesModified.map(oneLine).join(', ')}`,
    `- Still to do: ${oneLine(checkpoint.pendingWork)}`,
    `- Branch: ${oneLine(checkpoint.currentBranch)}`,
  ];
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
