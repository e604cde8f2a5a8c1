import { describe, expect, it } from 'vitest';
import { estimateCost, priceOf, type Tokens } from './pricing.ts';

const tokens = (inputTokens: number, outputTokens = 0, cacheReadTokens = 0, cacheCreationTokens = 0): Tokens => ({
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheCreationTokens,
});

describe('pricing', () => {
  it.each([
    ['claude-opus-4', tokens(1_000_000, 100_000, 500_000, 200_000), 24],
    ['claude-sonnet-4', tokens(500_000, 50_000, 100_000, 50_000), 2.3175],
    ['claude-opus-4', tokens(200_000), 3],
    ['claude-opus-4', tokens(0), 0],
  ])('%s %j costs %d dollars', (model, used, dollars) => {
    expect(estimateCost(model, used)).toBeCloseTo(dollars, 10);
  });

  it.each([['llama-3-70b'], [''], [null]])('%s is unknown, not free', (model) => {
    expect(estimateCost(model, tokens(1_000))).toBeNull();
  });

  it.each([
    ['CLAUDE-OPUS-4', 15],
    ['claude-3-5-haiku-latest', 0.8],
    ['gpt-4o-mini-2024-07-18', 0.15],
    ['GPT-4o', 2.5],
    ['gpt-5-codex', 10],
    ['o3-pro', 10],
    ['o1-preview', 15],
    ['gemini-2.0-flash', 0.1],
    ['gemini-2.5-pro', 1.25],
  ])('%s is priced at %d a million input tokens', (model, input) => {
    expect(priceOf(model)?.input).toBe(input);
  });

  it('a gemini that is neither flash nor pro is unknown', () => expect(priceOf('gemini-ultra')).toBeNull());

  it('prices can be replaced', () => {
    const prices = [{ words: ['llama'], price: { input: 1, output: 2, cacheRead: 0, cacheCreation: 0 } }];
    expect(estimateCost('llama-3', tokens(1_000_000, 1_000_000), prices)).toBe(3);
    expect(estimateCost('opus', tokens(1), prices)).toBeNull();
  });
});
