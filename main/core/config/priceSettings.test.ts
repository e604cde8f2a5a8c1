import { describe, expect, it } from 'vitest';
import { estimateCost, withDefaults } from '../metrics/pricing.ts';
import { billTurn } from '../metrics/turnMeter.ts';
import { readSettings } from './validate.ts';

const read = (prices: unknown) => readSettings({ controlRoom: { prices } } as never, '/p');
const tokens = { inputTokens: 1_000_000, outputTokens: 1_000_000, cacheReadTokens: 1_000_000, cacheCreationTokens: 0 };

describe('prices of the config', () => {
  it('come before the built-in table, by any part of a name, in any case', () => {
    const { config, problems } = read({
      'Llama 70b': { input: 1, output: 2, cacheRead: 0.5, cacheCreation: 0 },
      sonnet: { input: 0, output: 0 },
    });
    expect(problems).toEqual([]);
    const prices = withDefaults(config.controlRoom.prices);
    expect(estimateCost('meta/LLAMA-3-70B', tokens, prices)).toBe(3.5);
    expect(estimateCost('llama-3-8b', tokens, prices)).toBeNull();
    expect(estimateCost('claude-sonnet-4', tokens, prices)).toBe(0);
    expect(estimateCost('claude-opus-4', tokens, prices)).toBe(91.5);
  });

  it('make an unknown model an estimate, and leave the runtime’s own dollars alone', () => {
    const prices = withDefaults(read({ llama: { input: 1, output: 1 } }).config.controlRoom.prices);
    const reading = {
      tokens,
      costUsd: null,
      uncovered: { ...tokens, inputTokens: 0, outputTokens: 0, cacheReadTokens: 0 },
    };
    expect(billTurn(reading, 'llama-3')).toEqual({ costUsd: null, costSource: null });
    expect(billTurn(reading, 'llama-3', prices)).toEqual({ costUsd: 3, costSource: 'estimate' });
    expect(billTurn({ ...reading, costUsd: 0.2 }, 'llama-3', prices)).toEqual({ costUsd: 0.2, costSource: 'runtime' });
  });

  it.each([
    [{ m: 3 }, 'controlRoom.prices.m'],
    [{ m: { input: 1 } }, 'controlRoom.prices.m'],
    [{ m: { input: '1', output: 2 } }, 'controlRoom.prices.m.input'],
    [{ m: { input: 1, output: -2 } }, 'controlRoom.prices.m.output'],
    [{ m: { input: 1, output: 2, cached: 3 } }, 'controlRoom.prices.m.cached'],
    ['cheap', 'controlRoom.prices'],
  ])('%j names its key and the remedy', (prices, key) => {
    const { problems } = read(prices);
    expect(JSON.stringify(problems)).toContain(key);
    expect(problems).toHaveLength(1);
  });
});
