import { describe, expect, it } from 'vitest';
import { sumTranscript } from './transcript.ts';
import { NO_TOKENS } from './turnMeter.ts';

const answer = (id: string | null, model: string | null, usage: object | null): string =>
  JSON.stringify({
    type: 'assistant',
    message: { ...(id ? { id } : {}), ...(model ? { model } : {}), ...(usage ? { usage } : {}) },
  });
const used = (input: number, output: number, read?: number, created?: number) => ({
  input_tokens: input,
  output_tokens: output,
  ...(read === undefined ? {} : { cache_read_input_tokens: read }),
  ...(created === undefined ? {} : { cache_creation_input_tokens: created }),
});
const sum = (...lines: readonly string[]) => sumTranscript(lines.join('\n'));

describe('sum of a transcript (spec 03 §2.5)', () => {
  it('adds up several answers, cached tokens too', () => {
    expect(sum(answer('1', 'opus', used(100, 50, 10, 5)), answer('2', 'opus', used(200, 75, 20)))).toEqual({
      tokens: { inputTokens: 300, outputTokens: 125, cacheReadTokens: 30, cacheCreationTokens: 5 },
      model: 'opus',
    });
  });

  it('ignores what is no answer', () => {
    const user = JSON.stringify({ type: 'user', message: { usage: used(9, 9) } });
    expect(sum(user, answer('1', 'opus', used(1, 2))).tokens).toMatchObject({ inputTokens: 1, outputTokens: 2 });
  });

  it('ignores broken lines', () => {
    expect(sum('{torn', 'null', '', answer('1', 'opus', used(1, 2)), '[]').tokens.inputTokens).toBe(1);
  });

  it('counts missing figures as 0', () => {
    expect(sum(answer('1', 'opus', null), answer('2', 'opus', {})).tokens).toEqual(NO_TOKENS);
  });

  it('takes the model of the first answer', () => {
    expect(sum(answer('1', 'opus', used(1, 1)), answer('2', 'haiku', used(1, 1))).model).toBe('opus');
  });

  it('counts a repeated message id once, with its last figures', () => {
    expect(sum(answer('1', 'opus', used(100, 1)), answer('1', 'opus', used(100, 40))).tokens).toMatchObject({
      inputTokens: 100,
      outputTokens: 40,
    });
  });

  it('of nothing is zero, of no model', () => expect(sum('')).toEqual({ tokens: NO_TOKENS, model: null }));
});
