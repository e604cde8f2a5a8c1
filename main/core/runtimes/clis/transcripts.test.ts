import { describe, expect, it } from 'vitest';
import { createClaudeAdapter } from '../claude.ts';
import * as transcripts from './transcripts.ts';

const file = (...entries: readonly unknown[]): string => entries.map((entry) => JSON.stringify(entry)).join('\n');
const assistant = (input: number, output: number, model?: string) => ({
  type: 'assistant',
  message: {
    usage: { input_tokens: input, output_tokens: output, cache_read_input_tokens: 9 },
    ...(model && { model }),
  },
});

describe('tokens of a conversation file (R9)', () => {
  it.each([
    ['one turn', file(assistant(100, 50, 'm')), { inputTokens: 100, outputTokens: 50, model: 'm' }],
    [
      'two turns',
      file(assistant(100, 50, 'm'), assistant(200, 75, 'n')),
      { inputTokens: 300, outputTokens: 125, model: 'm' },
    ],
    [
      'only what the assistant says',
      file({ type: 'user', message: { usage: { input_tokens: 5 } } }, assistant(1, 2)),
      { inputTokens: 1, outputTokens: 2, model: '' },
    ],
    ['garbage', 'no json\n{torn', null],
    ['nothing', '', null],
  ])('claude: %s', (_name, text, expected) => {
    expect(transcripts.claudeUsage(text)).toEqual(expected);
  });

  it('codex: counts run on over the thread, so the last are the sum', () => {
    const turn = (input: number) => ({ type: 'turn.completed', usage: { input_tokens: input, output_tokens: 1 } });
    expect(transcripts.codexUsage(file({ model: 'a' }, turn(10), { model: 'b' }, turn(25)))).toEqual({
      inputTokens: 25,
      outputTokens: 1,
      model: 'b',
    });
  });

  it.each([
    [
      'copilot',
      transcripts.copilotUsage,
      file(
        { type: 'assistant.usage', data: { model: 'a', inputTokens: 3, outputTokens: 4 } },
        { type: 'message_end', message: { model: 'b', usage: { input_tokens: 5, output_tokens: 6 } } },
      ),
      { inputTokens: 8, outputTokens: 10, model: 'b' },
    ],
    [
      'cursor',
      transcripts.cursorUsage,
      file(
        { type: 'system', subtype: 'init', model: 'a' },
        { type: 'system', subtype: 'init', model: 'b', usage: { input: 3 } },
      ),
      { inputTokens: 0, outputTokens: 0, model: 'b' },
    ],
    [
      'gemini',
      transcripts.geminiUsage,
      file(
        { model: 'seen' },
        { type: 'init', model: 'a' },
        { type: 'result', stats: { input_tokens: 7, output_tokens: 8 } },
      ),
      { inputTokens: 7, outputTokens: 8, model: 'a' },
    ],
    [
      'pi',
      transcripts.piUsage,
      file(
        { message: { model: 'a', usage: { input: 1, cacheRead: 2, output: 3 } } },
        { type: 'message_end', inputTokens: 4, outputTokens: 5 },
      ),
      { inputTokens: 7, outputTokens: 8, model: 'a' },
    ],
    [
      'sapling',
      transcripts.saplingUsage,
      file(
        { type: 'x', usage: { input_tokens: 1, output_tokens: 2 } },
        { model: 'a', usage: { inputTokens: 3, outputTokens: 4 } },
      ),
      { inputTokens: 4, outputTokens: 6, model: 'a' },
    ],
  ])('%s', (_name, read, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it("claude's folder is named after the project's path", () => {
    const { transcriptFolder } = createClaudeAdapter({ uid: 1, environment: {} });
    expect(transcriptFolder?.('/work/app', '/h')).toBe('/h/.claude/projects/-work-app');
    expect(transcriptFolder?.('/work/app', null)).toBeNull();
  });
});
