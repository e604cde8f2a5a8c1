import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCodexJsonParser } from '../runtimes/codexJson.ts';
import { createStreamJsonParser } from '../runtimes/streamJson.ts';
import { addTokens, billTurn, createTurnMeter, NO_TOKENS, sinceTotal } from './turnMeter.ts';

const fixture = async (name: string): Promise<string[]> => {
  const text = await readFile(new URL(`../runtimes/fixtures/${name}`, import.meta.url), 'utf8');
  return text.split('\n').filter((line) => line !== '');
};
const tokens = (inputTokens: number, outputTokens = 0, cacheReadTokens = 0, cacheCreationTokens = 0) => ({
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheCreationTokens,
});
const message = (id: string, input: number, output: number) =>
  JSON.stringify({
    type: 'assistant',
    message: { id, content: [], usage: { input_tokens: input, output_tokens: output } },
  });
const result = (fields: Readonly<Record<string, unknown>>) => JSON.stringify({ type: 'result', ...fields });

function readAll(lines: readonly string[]) {
  const meter = createTurnMeter('messages', () => NO_TOKENS);
  for (const line of lines) meter.push(line, []);
  return meter.read();
}

describe('meter of claude’s lines', () => {
  it('a captured turn costs what its result says, by the runtime’s own count', async () => {
    const reading = readAll(await fixture('claude-turn1.ndjson'));
    expect(reading).toEqual({ tokens: tokens(10_092, 73), costUsd: 0.05228499999999999, uncovered: NO_TOKENS });
    expect(billTurn(reading, 'claude-opus-4-8')).toEqual({ costUsd: 0.05228499999999999, costSource: 'runtime' });
  });

  it('a message of several lines counts once, with its last usage', () => {
    const reading = readAll([message('m1', 100, 1), message('m1', 100, 40), message('m2', 200, 5)]);
    expect(reading?.tokens).toEqual(tokens(300, 45));
  });

  it('a turn that was ended in the middle is priced by its messages, as an estimate', () => {
    const reading = readAll([message('m1', 1_000_000, 100_000)]);
    expect(reading?.costUsd).toBeNull();
    expect(billTurn(reading, 'claude-opus-4-8')).toEqual({ costUsd: 22.5, costSource: 'estimate' });
    expect(billTurn(reading, 'llama-3-70b')).toEqual({ costUsd: null, costSource: null });
  });

  it('two results of one process: dollars and model usage are of the whole process, not added up', () => {
    const usage = { input_tokens: 10, output_tokens: 1 };
    const first = result({
      usage,
      total_cost_usd: 0.1,
      modelUsage: { opus: { inputTokens: 10, outputTokens: 1 } },
    });
    const second = result({
      usage,
      total_cost_usd: 0.15,
      modelUsage: { opus: { inputTokens: 20, outputTokens: 2 } },
    });
    expect(readAll([message('m1', 10, 1), first, message('m2', 10, 1), second])).toEqual({
      tokens: tokens(20, 2),
      costUsd: 0.15,
      uncovered: NO_TOKENS,
    });
    expect(readAll([result({ usage }), result({ usage })])?.tokens).toEqual(tokens(20, 2));
  });

  it('work after the last result is added as an estimate; a repeated message is not', () => {
    const first = result({ usage: { input_tokens: 10 }, total_cost_usd: 1 });
    const reading = readAll([message('m1', 10, 0), first, message('m1', 10, 0), message('m2', 1_000_000, 0)]);
    expect(reading).toMatchObject({ costUsd: 1, uncovered: tokens(1_000_000), tokens: tokens(1_000_010) });
    expect(billTurn(reading, 'sonnet')).toEqual({ costUsd: 4, costSource: 'estimate' });
    expect(billTurn(reading, null)).toEqual({ costUsd: 1, costSource: 'runtime' });
  });

  it('lines without figures, broken ones and tool output that looks like figures count nothing', () => {
    const tool = JSON.stringify({ type: 'user', message: { content: [{ text: '"usage":{"input_tokens":9}' }] } });
    expect(readAll(['', 'nonsense "usage"', tool, '{"type":"system","usage":{"input_tokens":5}}'])).toBeNull();
  });

  it('repeating any message lines before the result changes nothing', () => {
    const entry = fc.record({ id: fc.nat(5), input: fc.nat(1_000), output: fc.nat(1_000) });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), fc.nat(20), (entries, repeated) => {
        const last = new Map(entries.map((one) => [one.id, one]));
        const lines = entries.map((one) => message(`m${one.id}`, one.input, one.output));
        const again = [...lines.slice(0, repeated), ...lines];
        const total = [...last.values()].map((one) => tokens(one.input, one.output)).reduce(addTokens, NO_TOKENS);
        expect(readAll(again)?.tokens ?? NO_TOKENS).toEqual(total);
      }),
    );
  });
});

describe('meter of codex’ threads', () => {
  it('a thread’s running total is told apart turn by turn', async () => {
    const lines = await fixture('codex-turn1-turn2.ndjson');
    const parser = createCodexJsonParser();
    let before = NO_TOKENS;
    const turns: unknown[] = [];
    let meter = createTurnMeter('thread', () => before);
    for (const line of lines) {
      meter.push(line, parser.push(line));
      const reading = meter.read();
      if (reading === null) continue;
      turns.push(reading.tokens);
      before = addTokens(before, reading.tokens);
      meter = createTurnMeter('thread', () => before);
    }
    expect(turns).toEqual([tokens(21_295, 130), tokens(22_593, 84)]);
  });

  it('input from the cache is counted as such only', () => {
    const meter = createTurnMeter('thread', () => NO_TOKENS);
    const line = '{"type":"turn.completed","usage":{"input_tokens":100,"cached_input_tokens":80,"output_tokens":5}}';
    meter.push(line, createCodexJsonParser().push(line));
    expect(meter.read()?.tokens).toEqual(tokens(20, 5, 80));
  });

  it('the differences of a total that only grows add up to the total; one that went down starts anew', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 20 }), (steps) => {
        let total = NO_TOKENS;
        let sum = NO_TOKENS;
        for (const step of steps) {
          total = addTokens(total, tokens(step, step));
          sum = addTokens(sum, sinceTotal(total, sum));
        }
        expect(sum).toEqual(total);
      }),
    );
    expect(sinceTotal(tokens(5, 1), tokens(100, 10))).toEqual(tokens(5, 1));
  });
});

describe('meter of results alone', () => {
  it('adds up usage and takes the last dollars', () => {
    const meter = createTurnMeter('results', () => NO_TOKENS);
    const parser = createStreamJsonParser();
    for (const line of [
      result({ usage: { input_tokens: 3 }, total_cost_usd: 0.1 }),
      result({ usage: { input_tokens: 4 }, total_cost_usd: 0.3 }),
    ])
      meter.push(line, parser.push(line));
    expect(meter.read()).toEqual({ tokens: tokens(7), costUsd: 0.3, uncovered: NO_TOKENS });
  });
});
