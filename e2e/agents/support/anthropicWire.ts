import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Answer } from './toolCall.ts';

/** Tokens each answer is said to cost. */
const USAGE = { input_tokens: 100, output_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

/** Writes a reply as a stream of the Anthropic Messages API. */
export function writeAnthropic(response: ServerResponse, reply: Answer, model: string): void {
  if (reply.kind === 'refuse') {
    response.writeHead(reply.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ type: 'error', error: { type: reply.type, message: reply.message } }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const send = (type: string, data: object): void => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  };
  const id = randomUUID().replaceAll('-', '');
  const message = { id: `msg_${id}`, type: 'message', role: 'assistant', model, content: [], stop_reason: null };
  send('message_start', { message: { ...message, stop_sequence: null, usage: { ...USAGE, output_tokens: 1 } } });
  if (reply.kind === 'text') {
    send('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
    send('content_block_delta', { index: 0, delta: { type: 'text_delta', text: reply.text } });
  } else {
    const call = { type: 'tool_use', id: `toolu_${id}`, name: reply.name, input: {} };
    const input = JSON.stringify(reply.input);
    send('content_block_start', { index: 0, content_block: call });
    send('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: input } });
  }
  send('content_block_stop', { index: 0 });
  const reason = reply.kind === 'text' ? 'end_turn' : 'tool_use';
  send('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 10 } });
  send('message_stop', {});
  response.end();
}
