import { type CliDefinition, LOADING, modelFlag } from './definition.ts';

/** OpenCode (spec 01 §3.5). Its screen has no known sign of readiness. */
export const opencode: CliDefinition = {
  id: 'opencode',
  product: 'OpenCode',
  command: 'opencode',
  stability: 'experimental',
  instructionPath: 'AGENTS.md',
  takesManifestModel: false,
  settings: /^OPENCODE_/,
  output: 'json',
  turn: ({ prompt, model }) => opencode.print(prompt, model),
  print: (prompt, model) => ['opencode', '--prompt', prompt, '--format', 'json', ...modelFlag('--model', model)],
  interactive: ({ model }) => ['opencode', ...modelFlag('--model', model)],
  detectReady: () => LOADING,
};
