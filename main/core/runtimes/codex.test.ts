import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AgentEvent, TurnRequest } from './adapter.ts';
import { createCodexAdapter } from './codex.ts';
import { createCodexJsonParser } from './codexJson.ts';

function parse(lines: readonly unknown[]): AgentEvent[] {
  const parser = createCodexJsonParser();
  return lines.flatMap((line) => parser.push(typeof line === 'string' ? line : JSON.stringify(line)));
}

describe('codex exec --json', () => {
  it('reads the captured turn and its resumed second turn as one thread', async () => {
    const text = await readFile(join(import.meta.dirname, 'fixtures', 'codex-turn1-turn2.ndjson'), 'utf8');
    const events = parse(text.split('\n'));
    const sessions = events.flatMap((event) => (event.type === 'status' && event.sessionId ? [event.sessionId] : []));
    expect(sessions).toEqual(Array(2).fill('01a20302-b5a4-7541-9c6c-dfbe0b481cdb'));
    const calls = events.filter((event) => event.type === 'tool_use');
    const results = events.filter((event) => event.type === 'tool_result');
    expect(results.map((result) => result.toolUseId)).toEqual(calls.map((call) => call.callId));
    expect(results.every((result) => !result.isError)).toBe(true);
    expect(results[1]?.content).toBe('f0deeb9 add hello.txt\n6656bc9 init\n');
    expect(events.filter((event) => event.type === 'result')).toMatchObject([
      { isError: false, usage: { inputTokens: 21295, outputTokens: 130 }, costUsd: null },
      { isError: false, usage: { inputTokens: 43888, outputTokens: 214 }, costUsd: null },
    ]);
    expect(events.filter((event) => event.type === 'assistant_message').at(-1)).toEqual({
      type: 'assistant_message',
      text: 'Edited.',
    });
  });

  it('reads failures: a failed command, a failed turn, an announced reconnect, a plain error', () => {
    expect(
      parse([
        { type: 'item.completed', item: { id: 'i1', type: 'command_execution', exit_code: 2, status: 'failed' } },
        { type: 'turn.failed', error: { message: 'no key' } },
        { type: 'error', message: 'Reconnecting... 2/5 (timeout)' },
        { type: 'item.completed', item: { type: 'error', message: 'odd' } },
      ]),
    ).toMatchObject([
      { type: 'tool_result', toolUseId: 'i1', content: '', isError: true },
      { type: 'result', isError: true, result: 'no key', errors: ['no key'], usage: null },
      { type: 'retry', attempt: 2, maxRetries: 5 },
      { type: 'error', message: 'odd' },
    ]);
  });

  it('reads a file change as a call with its result', () => {
    const item = {
      id: 'i2',
      type: 'file_change',
      status: 'completed',
      changes: [{ path: 'a.txt', kind: 'add' }, null],
    };
    expect(parse([{ type: 'item.completed', item }])).toEqual([
      {
        type: 'tool_use',
        callId: 'i2',
        name: 'Edit',
        input: { file_path: 'a.txt', changes: [{ path: 'a.txt', kind: 'add' }] },
      },
      { type: 'tool_result', toolUseId: 'i2', content: 'add a.txt', isError: false },
    ]);
  });

  it('gives no event for foreign, blank and torn lines', () => {
    expect(parse(['', 'null', '{', { type: 'item.completed' }, { type: 'item.started', item: null }])).toEqual([]);
  });

  const request: TurnRequest = {
    agentName: 'b1',
    capability: 'builder',
    taskId: 't',
    worktree: '/w',
    projectRoot: '/p',
    agentDirectory: '/p/a',
    specPath: null,
    prompt: 'go on',
    model: null,
    resumeId: null,
  };

  it.each([
    [null, null, []],
    ['sonnet', null, []],
    ['openai/gpt-5.4', null, ['--model', 'gpt-5.4']],
    ['gpt-5.5', 'thread-1', ['--model', 'gpt-5.5']],
  ])('launches model %s resuming %s with the prompt on standard input', (model, resumeId, modelFlags) => {
    const plan = createCodexAdapter({ environment: { OPENAI_API_KEY: 'k', OTHER: 'x' } }).planTurn({
      ...request,
      model,
      resumeId,
    });
    expect(plan.env).toEqual({ OPENAI_API_KEY: 'k' });
    expect(plan.stdin).toBe('go on');
    expect(plan.argv.slice(0, resumeId === null ? 2 : 4)).toEqual(
      resumeId === null ? ['codex', 'exec'] : ['codex', 'exec', 'resume', resumeId],
    );
    expect(plan.argv.join(' ')).toContain('-c allow_login_shell=false');
    expect(plan.argv.slice(-1 - modelFlags.length)).toEqual([...modelFlags, '-']);
  });

  it('is told a gateway by arguments, and gets its token by the name the config gives', () => {
    const adapter = createCodexAdapter({ environment: { GATE_TOKEN: 's', OTHER_TOKEN: 'x' } });
    const gateway = { provider: 'gate', baseUrl: 'http://g/v1', authTokenEnv: 'GATE_TOKEN', model: 'vendor/m' };
    const plan = adapter.planTurn({ ...request, model: 'sonnet', gateway });
    expect(plan.env).toEqual({ GATE_TOKEN: 's' });
    expect(plan.argv.slice(-13)).toEqual([
      ...['-c', 'model_provider="gate"', '-c', 'model_providers.gate.name="gate"'],
      ...['-c', 'model_providers.gate.base_url="http://g/v1"', '-c', 'model_providers.gate.wire_api="responses"'],
      ...['-c', 'model_providers.gate.env_key="GATE_TOKEN"', '--model', 'vendor/m', '-'],
    ]);
  });

  it('asks a one-shot question with the prompt last and the model without its vendor (R18)', () => {
    const adapter = createCodexAdapter({ environment: {} });
    const base = ['codex', 'exec', '--full-auto', '--ephemeral'];
    expect(adapter.planPrint('why?', null)).toEqual([...base, 'why?']);
    expect(adapter.planPrint('why?', 'openai/gpt-5.4')).toEqual([...base, '--model', 'gpt-5.4', 'why?']);
  });

  it('R18: is given no further folders (--add-dir), because its own sandbox is off', () => {
    const adapter = createCodexAdapter({ environment: {} });
    const { argv } = adapter.planTurn(request);
    expect(argv).not.toContain('--add-dir');
    expect(argv).toContain('--dangerously-bypass-approvals-and-sandbox');
  });
});
