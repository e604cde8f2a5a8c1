import { type CliDefinition, LOADING, modelFlag, READY } from './definition.ts';
import { geminiUsage } from './transcripts.ts';

/** Gemini CLI (spec 01 §3.5). */
export const gemini: CliDefinition = {
  id: 'gemini',
  product: 'Gemini CLI',
  command: 'gemini',
  stability: 'experimental',
  instructionPath: 'GEMINI.md',
  takesManifestModel: false,
  settings: /^(GEMINI_|GOOGLE_)/,
  output: 'text',
  turn: ({ prompt, model }) => gemini.print(prompt, model),
  print: (prompt, model) => ['gemini', '-p', prompt, '--yolo', ...modelFlag('-m', model)],
  interactive: ({ model }) => ['gemini', ...modelFlag('-m', model), '--approval-mode', 'yolo'],
  detectReady(screen) {
    const prompt = /type your message/i.test(screen) || /^> /m.test(screen) || screen.includes('❯');
    return prompt && /gemini/i.test(screen) ? READY : LOADING;
  },
  readTranscript: geminiUsage,
};
