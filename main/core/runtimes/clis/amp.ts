import { type CliDefinition, LOADING, READY } from './definition.ts';

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
  cost: 'none',
  guards: 'absent',
  guardNote: 'its own settings say what it may do',
  // Its options as 0.0.1790142911 has them; it knows modes instead of models, and they are the person's choice.
  turn: ({ prompt, model }) => amp.print(prompt, model),
  print: (prompt) => ['amp', '--execute', prompt],
  interactive: () => ['amp'],
  // The name must be a word of its own: "example" and "stamped" hold it too (R20).
  detectReady: (screen) => (/>[ \t]*$/.test(screen) && /\bamp\b/i.test(screen) ? READY : LOADING),
};
