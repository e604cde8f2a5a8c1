import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentEvent } from './adapter.ts';
import { createStreamJsonParser } from './streamJson.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const CLAUDE_CAPTURES = [
  'claude-turn1.ndjson',
  'claude-turn2-resume.ndjson',
  'claude-killed-then-resumed.ndjson',
  'claude-errors.ndjson',
];

function parse(lines: readonly string[]): AgentEvent[] {
  const parser = createStreamJsonParser();
  return [...lines.flatMap((line) => parser.push(line)), ...parser.end()];
}

async function capture(name: string): Promise<string[]> {
  return (await readFile(join(FIXTURES, name), 'utf8')).split('\n');
}

function of<Type extends AgentEvent['type']>(events: readonly AgentEvent[], type: Type) {
  return events.filter((event): event is Extract<AgentEvent, { type: Type }> => event.type === type);
}

const line = (value: unknown) => JSON.stringify(value);
const assistant = (content: unknown, model?: string) => line({ type: 'assistant', message: { content, model } });

describe('captures of claude 2.1.197', () => {
  it('reads a first turn: one conversation, its texts, tool calls, their results and the cost', async () => {
    const events = parse(await capture('claude-turn1.ndjson'));
    expect(events.map((event) => event.type)).toEqual([
      'status',
      'assistant_message',
      'tool_use',
      'tool_result',
      'assistant_message',
      'tool_use',
      'tool_result',
      'assistant_message',
      'result',
    ]);
    expect(events[0]).toEqual({
      type: 'status',
      subtype: 'init',
      sessionId: '93068946-ee20-462a-992f-572f2b745a3f',
      model: 'claude-opus-4-8[1m]',
    });
    expect(of(events, 'tool_use').map((call) => call.name)).toEqual(['Write', 'Bash']);
    expect(of(events, 'tool_use')[0]?.input).toEqual({
      file_path: '/repo/hello.txt',
      content: 'hello from the script\n',
    });
    const calls = of(events, 'tool_use').map((call) => call.callId);
    expect(of(events, 'tool_result').map((result) => result.toolUseId)).toEqual(calls);
    expect(of(events, 'tool_result')[1]).toMatchObject({
      content: '54c50f1 add hello.txt\n60e46d4 init',
      isError: false,
    });
    expect(of(events, 'result')[0]).toEqual({
      type: 'result',
      sessionId: '93068946-ee20-462a-992f-572f2b745a3f',
      result: 'Committed. Tool said: 54c50f1 add hello.txt\n60e46d4 init',
      isError: false,
      durationMs: 334,
      numTurns: 3,
      costUsd: 0.05228499999999999,
      usage: { inputTokens: 10092, outputTokens: 73, cacheReadTokens: 0, cacheCreationTokens: 0 },
      errors: [],
      apiErrorStatus: null,
    });
  });

  it('reads the resumed turn as the same conversation, with usage of that turn alone and another model', async () => {
    const events = parse(await capture('claude-turn2-resume.ndjson'));
    expect(events[0]).toMatchObject({
      sessionId: '93068946-ee20-462a-992f-572f2b745a3f',
      model: 'claude-opus-4-8',
    });
    expect(of(events, 'tool_use').map((call) => call.name)).toEqual(['Read', 'Edit']);
    expect(of(events, 'result')[0]).toMatchObject({
      sessionId: '93068946-ee20-462a-992f-572f2b745a3f',
      isError: false,
      costUsd: 0.05516499999999999,
      usage: { inputTokens: 10838, outputTokens: 39 },
    });
  });

  it('reads a killed turn without a result, then the resumed one with a result', async () => {
    const events = parse(await capture('claude-killed-then-resumed.ndjson'));
    const secondInit = events.findLastIndex((event) => event.type === 'status');
    const killed = events.slice(0, secondInit);
    const resumed = events.slice(secondInit);
    expect(of(killed, 'result')).toEqual([]);
    expect(of(killed, 'tool_use')).toHaveLength(2);
    expect(of(killed, 'tool_result')).toHaveLength(1);
    const sessions = of(events, 'status').map((event) => event.sessionId);
    expect(new Set(sessions)).toEqual(new Set(['9e37c5dd-d65f-4df1-864d-704edd73e2f3']));
    expect(of(resumed, 'result')).toHaveLength(1);
    expect(of(resumed, 'result')[0]).toMatchObject({ isError: false, costUsd: 0.01793 });
  });

  it('tells a recovered turn, a failure that calls itself a success, and an unknown conversation apart', async () => {
    const events = parse(await capture('claude-errors.ndjson'));
    expect(of(events, 'retry')).toEqual([
      { type: 'retry', attempt: 1, maxRetries: 10, delayMs: 574, status: 529, error: 'overloaded' },
      { type: 'retry', attempt: 2, maxRetries: 10, delayMs: 1223, status: 529, error: 'overloaded' },
      { type: 'retry', attempt: 1, maxRetries: 2, delayMs: 589, status: 429, error: 'rate_limit' },
      { type: 'retry', attempt: 2, maxRetries: 2, delayMs: 1103, status: 429, error: 'rate_limit' },
    ]);
    const [recovered, rejected, unknown] = of(events, 'result');
    expect(recovered).toMatchObject({ isError: false, result: 'after', apiErrorStatus: null });
    expect(rejected).toMatchObject({
      isError: true,
      apiErrorStatus: 429,
      result: 'API Error: Request rejected (429) · rate limited',
    });
    expect(unknown).toMatchObject({
      isError: true,
      numTurns: 0,
      sessionId: '99999999-2222-4333-8444-555555555555',
      errors: ['No conversation found with session ID: 99999999-2222-4333-8444-555555555555'],
      result: 'No conversation found with session ID: 99999999-2222-4333-8444-555555555555',
    });
  });
});

describe('line mapping (R10)', () => {
  it('R10, E4: gives no event for blank, malformed and foreign lines', () => {
    const nothing = ['', '   ', '\t', '{', 'null', '[]', '42', '"text"', 'true', '[null]', '{}', '{"type":null}'];
    for (const type of ['log', 'control_request', 'stream_event', 'control_response']) nothing.push(line({ type }));
    expect(parse(nothing)).toEqual([]);
  });

  it.each([
    line({ type: 'assistant' }),
    line({ type: 'assistant', message: null }),
    assistant(null),
    assistant('text'),
    assistant([null, 1, [], { type: 'thinking', thinking: 'hm' }, { type: 'text', text: null }, { type: 'text' }]),
    line({ type: 'user', message: { content: 'typed by a person' } }),
    line({ type: 'user', message: { content: [null, { type: 'text', text: 'x' }] } }),
  ])('survives nulls and wrong types inside a line: %s', (text) => {
    expect(parse([text])).toEqual([]);
  });

  it('R10, R11: keeps text, tool call, text of one line in this order', () => {
    const events = parse([
      assistant(
        [
          { type: 'text', text: 'a' },
          { type: 'tool_use', id: 't1', name: 'Read', input: { file_path: 'x' } },
          { type: 'text', text: 'b' },
        ],
        'opus',
      ),
    ]);
    expect(events).toEqual([
      { type: 'assistant_message', text: 'a', model: 'opus' },
      { type: 'tool_use', callId: 't1', name: 'Read', input: { file_path: 'x' } },
      { type: 'assistant_message', text: 'b', model: 'opus' },
    ]);
  });

  it('R11: joins neighbouring text blocks of one line, across a thinking block, without a separator', () => {
    const content = [{ type: 'text', text: 'a' }, { type: 'thinking' }, { type: 'text', text: 'b' }];
    expect(parse([assistant(content)])).toEqual([{ type: 'assistant_message', text: 'ab' }]);
  });

  it('R11: leaves the model out when the message has none', () => {
    expect(parse([assistant([{ type: 'text', text: 'a' }])])[0]).not.toHaveProperty('model');
  });

  it('gives a tool call without input an empty one', () => {
    expect(parse([assistant([{ type: 'tool_use', id: 't', name: 'X', input: null }])])).toEqual([
      { type: 'tool_use', callId: 't', name: 'X', input: {} },
    ]);
  });

  it.each([
    ['plain', 'plain', false],
    [
      [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
      'a\nb',
      false,
    ],
    [
      [
        { type: 'image', source: {} },
        { type: 'text', text: 'b' },
      ],
      '[image]\nb',
      true,
    ],
    [[null, 'loose', { type: 'text' }, {}], 'loose\n\n[unknown content]', false],
    [null, '', true],
    [undefined, '', false],
    [{ odd: 1 }, '', false],
  ])('flattens tool output %j to %j', (content, text, isError) => {
    const block = { type: 'tool_result', tool_use_id: 't', content, is_error: isError };
    expect(parse([line({ type: 'user', message: { content: [block] } })])).toEqual([
      { type: 'tool_result', toolUseId: 't', content: text, isError },
    ]);
  });

  it('gives one event for each tool result of a line', () => {
    const block = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: id });
    const events = parse([line({ type: 'user', message: { content: [block('a'), block('b')] } })]);
    expect(of(events, 'tool_result').map((event) => event.toolUseId)).toEqual(['a', 'b']);
  });

  it.each([
    [{ subtype: 'success', is_error: true }, true],
    [{ subtype: 'error_during_execution', is_error: false }, false],
    [{ subtype: 'success' }, false],
    [{ subtype: 'error_max_turns' }, true],
    [{}, true],
  ])('judges the result %j by is_error, and by the subtype only without it', (fields, isError) => {
    expect(parse([line({ type: 'result', ...fields })])[0]).toMatchObject({ type: 'result', isError });
  });

  it('gives null for figures the result does not have or that are no numbers', () => {
    const events = parse([line({ type: 'result', is_error: false, usage: null, total_cost_usd: 'free' })]);
    expect(events).toEqual([
      {
        type: 'result',
        sessionId: null,
        result: '',
        isError: false,
        durationMs: null,
        numTurns: null,
        costUsd: null,
        usage: null,
        errors: [],
        apiErrorStatus: null,
      },
    ]);
  });

  it('reports a lost connection as a retry without a status', () => {
    const retry = { type: 'system', subtype: 'api_retry', attempt: 3, max_retries: 6, retry_delay_ms: 38_000.4 };
    expect(parse([line({ ...retry, error_status: null, error: 'connection' })])).toEqual([
      { type: 'retry', attempt: 3, maxRetries: 6, delayMs: 38_000, status: null, error: 'connection' },
    ]);
  });
});

describe('hostile output', () => {
  it('reads a line of 10 MB whole', () => {
    const text = 'x'.repeat(10 * 1024 * 1024);
    expect(of(parse([assistant([{ type: 'text', text }])]), 'assistant_message')[0]?.text).toHaveLength(text.length);
  });

  it('keeps the event of a line whose bytes were not UTF-8', () => {
    const bytes = Buffer.concat([
      Buffer.from('{"type":"assistant","message":{"content":[{"type":"text","text":"a'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from('b"}]}}'),
    ]);
    expect(parse([bytes.toString('utf8')])).toEqual([{ type: 'assistant_message', text: 'a\uFFFD\uFFFDb' }]);
  });

  it('is not confused by deep nesting or by names of built-in properties', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    expect(parse([deep, `{"type":"assistant","message":{"content":${deep}}}`])).toEqual([]);
    expect(parse(['{"type":"__proto__"}', '{"__proto__":{"type":"result"}}'])).toEqual([]);
  });
});

describe('determinism', () => {
  it('gives the same events however the bytes are cut, and from a parser made anew at any line', async () => {
    const bytes = Buffer.concat(await Promise.all(CLAUDE_CAPTURES.map((name) => readFile(join(FIXTURES, name)))));
    const lines = bytes.toString('utf8').split('\n');
    const whole = parse(lines);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 }),
        fc.integer({ min: 0, max: lines.length }),
        (cuts, restart) => {
          expect(parse(linesOf(bytes, cuts))).toEqual(whole);
          expect([...parse(lines.slice(0, restart)), ...parse(lines.slice(restart))]).toEqual(whole);
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Lines of a log that was read in pieces cut at the given places, decoded as a stream. */
function linesOf(bytes: Buffer, cuts: readonly number[]): string[] {
  const decoder = new TextDecoder();
  const lines: string[] = [];
  let rest = '';
  let from = 0;
  for (const to of [...cuts].sort((a, b) => a - b).concat(bytes.length)) {
    const parts = (rest + decoder.decode(bytes.subarray(from, to), { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    from = to;
  }
  return [...lines, rest];
}
