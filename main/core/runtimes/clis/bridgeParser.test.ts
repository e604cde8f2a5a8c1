import { describe, expect, it } from 'vitest';
import { createBridgeParser } from './bridgeParser.ts';

const parse = (...entries: readonly unknown[]) => {
  const parser = createBridgeParser();
  return entries.flatMap((entry) => parser.push(JSON.stringify({ type: 'foreign', entry })));
};

describe('lines of a CLI known by their rough shape', () => {
  it('are texts, calls, results, errors and states', () => {
    expect(
      parse(
        { type: 'ready', sessionId: 's', model: 'm' },
        { type: 'text', part: { text: 'hi' } },
        { type: 'assistant_message', content: 'there', model: 'm' },
        { type: 'tool_start', id: 'c1', tool: 'bash', args: { command: 'ls' } },
        { type: 'tool_end', id: 'c1', output: 'a', success: false },
        {
          type: 'tool_use',
          part: { callID: 'c2', tool: 'read', state: { status: 'completed', input: { p: 1 }, output: 'x' } },
        },
        { type: 'error', error: { message: 'broken' } },
        { type: 'step_finish' },
      ),
    ).toEqual([
      // None of these CLIs can be resumed, so no conversation is named.
      { type: 'status', sessionId: null, subtype: 'ready', model: 'm' },
      { type: 'assistant_message', text: 'hi' },
      { type: 'assistant_message', text: 'there', model: 'm' },
      { type: 'tool_use', callId: 'c1', name: 'bash', input: { command: 'ls' } },
      { type: 'tool_result', toolUseId: 'c1', content: 'a', isError: true },
      { type: 'tool_use', callId: 'c2', name: 'read', input: { p: 1 } },
      { type: 'tool_result', toolUseId: 'c2', content: 'x', isError: false },
      { type: 'error', message: 'broken' },
      { type: 'other', name: 'step_finish' },
    ]);
  });

  it('are nothing when they are no objects with a type', () => {
    expect(parse(null, 3, 'x', [], {})).toEqual([]);
    expect(createBridgeParser().push('{torn')).toEqual([]);
  });

  it("leaves the bridge's own lines in claude's form", () => {
    const line = JSON.stringify({ type: 'result', is_error: true, result: 'no', errors: ['no'], num_turns: 0 });
    expect(createBridgeParser().push(line)).toMatchObject([
      { type: 'result', isError: true, errors: ['no'], numTurns: 0 },
    ]);
  });
});
