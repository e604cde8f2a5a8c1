import { type CliDefinition, LOADING, modelFlag, READY } from './definition.ts';

const ALWAYS = ['--yes-always', '--no-auto-commits'] as const;

/** aider (spec 01 §3.5): one message a call, instructions from `CONVENTIONS.md`. */
export const aider: CliDefinition = {
  id: 'aider',
  product: 'aider',
  command: 'aider',
  stability: 'experimental',
  instructionPath: 'CONVENTIONS.md',
  takesManifestModel: true,
  settings: /^(AIDER_|ANTHROPIC_|OPENAI_)/,
  output: 'text',
  cost: 'none',
  guards: 'absent',
  guardNote: 'nothing asks before its calls',
  turn: ({ prompt, model, instructions }) => [
    'aider',
    ...ALWAYS,
    ...modelFlag('--model', model),
    '--read',
    instructions,
    '--message',
    prompt,
  ],
  print: (prompt, model) => ['aider', '--message', prompt, ...ALWAYS, ...modelFlag('--model', model)],
  interactive: ({ model, systemPromptFile, openingPrompt }) => [
    'aider',
    ...ALWAYS,
    ...modelFlag('--model', model),
    ...(systemPromptFile ? ['--read', systemPromptFile] : []),
    ...(openingPrompt ? ['--message', openingPrompt] : []),
  ],
  detectReady: (screen) => (/(?:^|\s)(?:aider)?>[ \t]*$/.test(screen.trimEnd()) ? READY : LOADING),
};
