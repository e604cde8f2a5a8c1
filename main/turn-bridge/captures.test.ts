import { readFile } from 'node:fs/promises';
import type { PromptResponse, SessionUpdate, ToolCallUpdate } from '@agentclientprotocol/sdk';
import { describe, expect, it } from 'vitest';
import { UpdateLines } from './acpUpdates.ts';
import { usageOf, withAnswer } from './acpUsage.ts';
import type { BridgeUsage } from './lines.ts';
import { sumOfExport } from './opencodeUsage.ts';
import { createPiTranslator } from './piLines.ts';

const fixture = (name: string) => readFile(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const linesOf = async (name: string) =>
  (await fixture(name))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** A line as its kind and what it says. */
function short(line: object): string {
  const { message, type, session_id } = line as {
    type: string;
    session_id?: string;
    message?: {
      content: {
        type: string;
        name?: string;
        input?: { command?: string };
        content?: string;
        text?: string;
        is_error?: boolean;
      }[];
    };
  };
  const block = message?.content[0];
  if (block === undefined) return `${type} ${session_id ?? ''}`.trim();
  if (block.type === 'tool_use') return `${block.name} ${block.input?.command}`;
  if (block.type === 'tool_result')
    return `${block.is_error ? 'failed' : 'done'} ${block.content?.split('\n')[0]?.trim() ?? ''}`.trim();
  return `says ${block.text}`;
}

describe('captured turns: one call that runs, one that is refused (scripted model, 0.61.0, 1.0.102, 1.18.33)', () => {
  it.each([
    [
      'gemini',
      [
        'Bash touch made',
        'done',
        'Bash git push origin HEAD',
        'failed [guard] refused: no',
        'says Understood.',
        'says Nothing to do.',
      ],
    ],
    [
      'copilot',
      [
        ...['Bash touch made', 'done'],
        ...['Bash git push origin HEAD', 'failed [guard] refused: no'],
        ...['says Info: Operation cancelled by user', 'says Understood.'],
      ],
    ],
    [
      'opencode',
      [
        'Bash touch made',
        'done (no output)',
        'Bash git push origin HEAD',
        'failed [guard] refused: no',
        'says Understood.',
      ],
    ],
  ])('%s', async (name, expected) => {
    const written: object[] = [];
    const updates = new UpdateLines((line) => written.push(line));
    let usage: BridgeUsage | null = null;
    for (const { method, params, result } of await linesOf(`${name}-refused-call.ndjson`)) {
      if (method === 'session/update') updates.push(params.update as SessionUpdate);
      else if (method === 'session/request_permission') {
        const call = params.toolCall as ToolCallUpdate;
        if (JSON.stringify(call).includes('git push')) updates.refused(call, 'no');
        else updates.allowed(call);
      } else if (result?.stopReason !== undefined) {
        updates.flush();
        usage = withAnswer(usage, usageOf(result as PromptResponse));
      }
    }
    const seen = written.map(short);
    expect(seen).toEqual(expected);
    // OpenCode tells of its last request only; its export has them all.
    expect(usage?.input_tokens).toBe(name === 'opencode' ? 100 : name === 'gemini' ? 400 : 300);
  });

  it('opencode’s export has every message since a time, with tokens and price', async () => {
    const text = await fixture('opencode-export.json');
    const first = (JSON.parse(text) as { messages: { info: { time: { created: number } } }[] }).messages[0]?.info.time
      .created;
    expect(sumOfExport(text, first ?? 0)).toEqual({
      usage: { input_tokens: 300, output_tokens: 30, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
      costUsd: expect.closeTo(0.000_36, 9),
    });
    expect(sumOfExport(text, Date.parse('2100-01-01T00:00:00Z'))?.usage.input_tokens).toBe(0);
    expect(sumOfExport('Error: no such session', 0)).toBeNull();
    expect(sumOfExport('{"info":{}}', 0)).toBeNull();
  });
});

describe('lines of Pi (0.73.1)', () => {
  it('captured: a call the extension refused, and the answer after it', async () => {
    const translator = createPiTranslator();
    const seen = (await linesOf('pi-refused-call.ndjson')).flatMap((entry) => translator.push(entry)).map(short);
    expect(seen).toEqual([
      'system 01a208e4-3509-739a-8220-e6675e030970',
      'Bash git push origin HEAD',
      'failed pushing is not for agents',
      'says Done then.',
    ]);
    expect(translator.end()).toEqual({
      sessionId: '01a208e4-3509-739a-8220-e6675e030970',
      failure: null,
      status: null,
      usage: { input_tokens: 200, output_tokens: 20, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
      costUsd: expect.closeTo(0.0009, 9),
      text: 'Done then.',
    });
  });

  it('a refused account ends well and says so in its last message; a retry that helped is forgotten', () => {
    const translator = createPiTranslator();
    const message = (fields: object) => ({
      type: 'message_end',
      message: { role: 'assistant', content: [], ...fields },
    });
    const error = '401 {"error":{"message":"invalid api key"}}';
    translator.push(message({ stopReason: 'error', errorMessage: error }));
    expect(translator.end()).toMatchObject({ failure: error, status: 401, costUsd: null });
    const retry = {
      type: 'auto_retry_start',
      attempt: 1,
      maxAttempts: 3,
      delayMs: 2_000,
      errorMessage: '529 overloaded',
    };
    expect(translator.push(retry)).toMatchObject([
      { subtype: 'api_retry', attempt: 1, max_retries: 3, retry_delay_ms: 2_000, error_status: 529 },
    ]);
    translator.push(message({ stopReason: 'stop' }));
    expect(translator.end()).toMatchObject({ failure: null, status: null });
  });
});
