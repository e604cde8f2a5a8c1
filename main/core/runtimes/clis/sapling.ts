import type { GuardFile, GuardFileFacts } from '../adapter.ts';
import { type CliDefinition, modelFlag, READY } from './definition.ts';
import { saplingUsage } from './transcripts.ts';

/** Names of the same models at the vendor (spec 01 §3.5, R25); the environment may name others. */
const ALIASES: Readonly<Record<string, string>> = {
  haiku: 'claude-haiku-4-5-20251001',
  sonnet: 'claude-sonnet-4-6-20251015',
  opus: 'claude-opus-4-6-20251015',
};

/** Alias by the environment, then by the table, else the name as it is. */
export function saplingModel(
  model: string | null,
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  if (model === null || model === '') return null;
  if (!Object.hasOwn(ALIASES, model)) return model;
  const named = environment[`ANTHROPIC_DEFAULT_${model.toUpperCase()}_MODEL`];
  return named !== undefined && named !== '' ? named : (ALIASES[model] ?? model);
}

/** Sapling speaks to the vendor by its own key; a gateway's token becomes that key (spec 01 §3.5). */
export function saplingEnvironment(modelEnv: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const env: Record<string, string> = {
    CLAUDECODE: '',
    CLAUDE_CODE_SSE_PORT: '',
    CLAUDE_CODE_ENTRYPOINT: '',
    ANTHROPIC_API_KEY: '',
  };
  const token = modelEnv.ANTHROPIC_AUTH_TOKEN ?? '';
  const baseUrl = modelEnv.ANTHROPIC_BASE_URL ?? '';
  if (token !== '') env.ANTHROPIC_API_KEY = token;
  if (baseUrl !== '') env.ANTHROPIC_BASE_URL = baseUrl;
  if (token !== '' || baseUrl !== '') env.SAPLING_BACKEND = 'sdk';
  for (const [name, value] of Object.entries(modelEnv))
    if (/^ANTHROPIC_DEFAULT_\w+_MODEL$/.test(name)) env[name] = value;
  return env;
}

const WRITERS: ReadonlySet<string> = new Set(['builder', 'merger']);
const COORDINATORS: ReadonlySet<string> = new Set(['coordinator', 'orchestrator', 'supervisor', 'monitor']);
const ALLOWED = ['ov ', 'git status', 'git log', 'git diff', 'git show', 'ls', 'cat ', 'rg ', 'grep '];

/** `.sapling/guards.json` (spec 01 §3.5, R25). */
export function saplingGuards(facts: GuardFileFacts): GuardFile {
  const allowed = [
    ...ALLOWED,
    ...(COORDINATORS.has(facts.capability) ? ['git add', 'git commit'] : []),
    ...facts.qualityGates,
  ];
  const event = (type: string): readonly string[] => ['ov', 'log', type, '--agent', facts.agentName];
  return {
    path: '.sapling/guards.json',
    content: `${JSON.stringify(
      {
        version: 1,
        pathBoundary: facts.worktree,
        readOnly: !WRITERS.has(facts.capability),
        allowedCommands: allowed,
        eventConfig: {
          onToolStart: event('tool-start'),
          onToolEnd: event('tool-end'),
          onSessionEnd: event('session-end'),
        },
      },
      null,
      2,
    )}\n`,
  };
}

/** Sapling (spec 01 §3.5): the one CLI of the nine with structured turns of its own. */
export function createSapling(environment: Readonly<Record<string, string | undefined>>): CliDefinition {
  const named = (model: string | null): readonly string[] => modelFlag('--model', saplingModel(model, environment));
  return {
    id: 'sapling',
    product: 'Sapling',
    command: 'sp',
    stability: 'stable',
    instructionPath: 'SAPLING.md',
    takesManifestModel: true,
    settings: /^(SAPLING_|ANTHROPIC_)/,
    output: 'json',
    cost: 'none',
    guards: 'advisory',
    guardNote: 'it reads its limits from .sapling/guards.json and keeps them itself',
    // The turn's own text takes the place of the reference's fixed sentence, so that mail arrives (D-15).
    turn: ({ prompt, model, instructions, worktree }) => [
      'sp',
      'run',
      ...named(model),
      '--json',
      '--cwd',
      worktree,
      '--system-prompt-file',
      instructions,
      prompt,
    ],
    print: (prompt, model) => ['sp', 'print', ...named(model), prompt],
    interactive: ({ model }) => ['sp', 'run', ...named(model)],
    detectReady: () => READY,
    readTranscript: saplingUsage,
    guardFiles: (facts) => [saplingGuards(facts)],
    environment: saplingEnvironment,
  };
}
