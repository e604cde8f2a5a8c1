import { type CliDefinition, LOADING, modelFlag, READY } from './definition.ts';
import { cursorUsage } from './transcripts.ts';

/** Cursor's CLI; its command is called `agent` (spec 01 §3.5). */
export const cursor: CliDefinition = {
  id: 'cursor',
  product: 'Cursor CLI',
  command: 'agent',
  stability: 'experimental',
  instructionPath: '.cursor/rules/overstory.md',
  takesManifestModel: false,
  settings: /^CURSOR_/,
  output: 'text',
  cost: 'none',
  guards: 'absent',
  guardNote: 'nothing asks before its calls',
  turn: ({ prompt, model }) => cursor.print(prompt, model),
  print: (prompt, model) => ['agent', '-p', prompt, '--yolo', ...modelFlag('--model', model)],
  interactive: ({ model }) => ['agent', ...modelFlag('--model', model), '--yolo'],
  detectReady(screen) {
    const prompt = screen.includes('❯') || /^> /m.test(screen);
    return prompt && /shift\+tab|esc|agent/i.test(screen) ? READY : LOADING;
  },
  readTranscript: cursorUsage,
};
