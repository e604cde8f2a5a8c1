import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Answer } from './toolCall.ts';

/** Writes a reply as a stream of the OpenAI Responses API. */
export function writeResponses(response: ServerResponse, reply: Answer): void {
  if (reply.kind === 'refuse') {
    response.writeHead(reply.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { type: reply.type, code: reply.type, message: reply.message } }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const send = (type: string, data: object): void => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  };
  const id = `resp_${randomUUID()}`;
  send('response.created', { response: { id } });
  send('response.output_item.done', { output_index: 0, item: itemOf(reply) });
  const usage = {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 10,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 110,
  };
  send('response.completed', { response: { id, usage } });
  response.end();
}

function itemOf(reply: Exclude<Answer, { kind: 'refuse' }>): object {
  if (reply.kind === 'text') {
    const content = [{ type: 'output_text', text: reply.text, annotations: [] }];
    return { type: 'message', id: `msg_${randomUUID()}`, role: 'assistant', status: 'completed', content };
  }
  const call_id = `call_${randomUUID()}`;
  return {
    type: 'function_call',
    id: `fc_${randomUUID()}`,
    call_id,
    name: reply.name,
    arguments: JSON.stringify(reply.input),
  };
}
