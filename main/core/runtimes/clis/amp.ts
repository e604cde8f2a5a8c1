import { type CliDefinition, LOADING, modelFlag, READY } from './definition.ts';

/** Amp (spec 01 §3.5). */
export const amp: CliDefinition = {
  id: 'amp',
  product: 'Amp',
  command: 'amp',
  stability: 'experimental',
  instructionPath: '.amp/AGENT.md',
  takesManifestModel: false,
  settings: /^AMP_/,
  output: 'text',
  turn: ({ prompt, model }) => amp.print(prompt, model),
  print: (prompt, model) => ['amp', '--prompt', prompt, '--no-input', '--yes', ...modelFlag('--model', model)],
  interactive: ({ model, openingPrompt }) => [
    'amp',
    ...modelFlag('--model', model),
    '--yes',
    ...(openingPrompt ? ['--prompt', openingPrompt] : []),
  ],
  // The name must be a word of its own: "example" and "stamped" hold it too (R20).
  detectReady: (screen) => (/>[ \t]*$/.test(screen) && /\bamp\b/i.test(screen) ? READY : LOADING),
};
