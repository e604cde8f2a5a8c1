import { loginOfCopilot } from '../login.ts';
import { type CliDefinition, LOADING, modelFlag, READY } from './definition.ts';
import { copilotUsage } from './transcripts.ts';

/** Names of the same models at GitHub (spec 01 §3.5, R19). */
const ALIASES: Readonly<Record<string, string>> = {
  sonnet: 'claude-sonnet-4-6',
  opus: 'claude-opus-4-6',
  haiku: 'claude-haiku-4-5',
};

const named = (model: string | null): readonly string[] =>
  modelFlag('--model', model === null ? null : Object.hasOwn(ALIASES, model) ? (ALIASES[model] ?? model) : model);

/** GitHub Copilot CLI (spec 01 §3.5), through the Agent Client Protocol (1.0.102). */
export const copilot: CliDefinition = {
  id: 'copilot',
  product: 'GitHub Copilot CLI',
  command: 'copilot',
  stability: 'beta',
  instructionPath: '.github/copilot-instructions.md',
  takesManifestModel: true,
  settings: /^(COPILOT_|GH_HOST$)/,
  login: loginOfCopilot,
  output: 'acp',
  cost: 'none',
  guards: 'enforced',
  guardNote: 'it asks for each call but plain reading, and does nothing without an answer',
  turn: ({ model }) => ['copilot', '--acp', '--no-auto-update', ...named(model)],
  // A person's own setting must not let calls pass unasked.
  environment: (modelEnv) => ({ ...modelEnv, COPILOT_ALLOW_ALL: 'false' }),
  print: (prompt, model) => ['copilot', '-p', prompt, '--allow-all-tools', ...named(model)],
  interactive: ({ model, resumeId }) => [
    ...['copilot', ...named(model), '--allow-all-tools'],
    ...(resumeId ? [`--resume=${resumeId}`] : []),
  ],
  detectReady(screen) {
    const text = screen.toLowerCase();
    const prompt = text.includes('❯') || text.includes('copilot');
    return prompt && (text.includes('shift+tab') || text.includes('esc')) ? READY : LOADING;
  },
  readTranscript: copilotUsage,
};
