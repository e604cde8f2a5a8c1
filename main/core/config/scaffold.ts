import { Document, isMap, isScalar } from 'yaml';
import { DEFAULT_MANIFEST, formatManifest } from '../agents/manifest.ts';
import { ROLE_FILES } from '../agents/roles.ts';
import { operatorHooks } from './operatorHooks.ts';
import { defaultConfig, type QualityGate } from './schema.ts';

/** What `ov init` found out about a project. */
export interface ProjectFacts {
  readonly root: string;
  readonly name: string;
  readonly canonicalBranch: string;
  readonly runtime: string;
  /** Empty leaves the built-in gates in force. */
  readonly qualityGates: readonly QualityGate[];
}

/** Folders of the state folder that must exist (spec 03 §5.5). */
export const SCAFFOLD_FOLDERS = ['agents', 'agent-defs', 'worktrees', 'specs', 'logs'];

/** Everything under `.overstory` stays out of git except what a team shares (spec 02 §0.4). */
export const STATE_GITIGNORE = `# Everything in here is the machine's own, except what a team shares.
*
!.gitignore
!config.yaml
!agent-manifest.json
!hooks.json
!groups.json
!agent-defs/
!agent-defs/**
!README.md
`;

/** Files of the state folder, by path relative to it. `config.yaml` comes last: once it is there, the rest is too. */
export function scaffoldFiles(facts: ProjectFacts): ReadonlyArray<readonly [path: string, text: string]> {
  return [
    ['.gitignore', STATE_GITIGNORE],
    ['README.md', readme(facts.name)],
    ['agent-manifest.json', formatManifest(DEFAULT_MANIFEST)],
    ['hooks.json', `${JSON.stringify(operatorHooks(), null, '\t')}\n`],
    ...Object.entries(ROLE_FILES).map(([file, text]) => [`agent-defs/${file}`, text] as const),
    ['config.yaml', configText(facts)],
  ];
}

/** Text of a new `config.yaml`: values escaped by the YAML library, kept to what overstory's own reader understands. */
export function configText(facts: ProjectFacts): string {
  const defaults = defaultConfig(facts.root);
  const { maxConcurrent, staggerDelayMs, maxDepth, maxSessionsPerRun, maxAgentsPerLead } = defaults.agents;
  const { tier0Enabled, tier0IntervalMs, tier1Enabled, tier2Enabled, staleThresholdMs, zombieThresholdMs } =
    defaults.watchdog;
  const document = new Document({
    project: {
      name: facts.name,
      canonicalBranch: facts.canonicalBranch,
      ...(facts.qualityGates.length === 0 ? {} : { qualityGates: facts.qualityGates }),
    },
    agents: { maxConcurrent, staggerDelayMs, maxDepth, maxSessionsPerRun, maxAgentsPerLead },
    worktrees: defaults.worktrees,
    taskTracker: defaults.taskTracker,
    merge: defaults.merge,
    watchdog: { tier0Enabled, tier0IntervalMs, tier1Enabled, tier2Enabled, staleThresholdMs, zombieThresholdMs },
    runtime: { default: facts.runtime, claudeHeadlessByDefault: true },
  });
  document.commentBefore =
    ' Settings of Overstory Control Room for this project. Put what is only yours into config.local.yaml.';
  for (const [key, comment] of Object.entries(SECTION_COMMENTS)) commentSection(document, key, comment);
  return document.toString({ lineWidth: 0 });
}

const SECTION_COMMENTS: Readonly<Record<string, string>> = {
  project: ' qualityGates: checks that must pass before work counts as done, each with name, command, description.',
  agents: ' Limits of the fleet. staggerDelayMs is the pause between two starts; 0 means no limit for the last two.',
  taskTracker: ' backend: auto, seeds or beads.',
  merge: ' Conflicts that need judgement: aiResolveEnabled asks a model, reimagineEnabled lets it start over.',
  watchdog: ' Times in milliseconds. Tier 0 watches processes, tier 1 asks a model, tier 2 is a monitor agent.',
  runtime: ' default: claude, codex, ... or rehearsal, which needs no account and no network.',
};

function commentSection(document: Document, key: string, comment: string): void {
  if (!isMap(document.contents)) return;
  const pair = document.contents.items.find((item) => isScalar(item.key) && item.key.value === key);
  if (pair === undefined || !isScalar(pair.key)) return;
  pair.key.commentBefore = comment;
  pair.key.spaceBefore = true;
}

function readme(name: string): string {
  return `# .overstory

State of Overstory Control Room for ${name}. In git: \`config.yaml\`, \`agent-manifest.json\`, \`hooks.json\`, \`groups.json\`,
\`agent-defs/\` and this file. Everything else belongs to this machine.

| Path | Content |
|---|---|
| \`config.yaml\` | settings of the project; \`config.local.yaml\` beside it overrides them on this machine |
| \`agent-manifest.json\` | the roles: file, model, tools, whether they may start others |
| \`agent-defs/\` | what each role is told; edit freely |
| \`specs/\` | task specs |
| \`worktrees/\` | one git worktree per agent |
| \`agents/\`, \`logs/\` | state and logs of agents |
| \`*.db\` | sessions, mail, events, merge queue |
`;
}
