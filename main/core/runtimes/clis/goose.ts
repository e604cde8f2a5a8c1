import { type CliDefinition, LOADING, modelFlag, READY } from './definition.ts';

/** goose (spec 01 §3.5); what it may do is set in its own profiles. */
export const goose: CliDefinition = {
  id: 'goose',
  product: 'goose',
  command: 'goose',
  stability: 'experimental',
  instructionPath: '.goosehints',
  takesManifestModel: false,
  settings: /^GOOSE_/,
  output: 'text',
  cost: 'none',
  guards: 'absent',
  guardNote: 'its own profiles say what it may do',
  turn: ({ prompt, model }) => goose.print(prompt, model),
  print: (prompt, model) => ['goose', 'run', '--text', prompt, ...modelFlag('--model', model)],
  interactive: ({ model, systemPromptFile, openingPrompt }) => [
    'goose',
    ...modelFlag('--model', model),
    ...(systemPromptFile
      ? ['--instructions', systemPromptFile]
      : openingPrompt
        ? ['--with-prompt', openingPrompt]
        : []),
  ],
  detectReady: (screen) =>
    /[>❯][ \t]*$/.test(screen) && (/goose/i.test(screen) || screen.includes('( O)')) ? READY : LOADING,
};
