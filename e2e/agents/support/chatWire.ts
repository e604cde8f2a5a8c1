import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Answer } from './toolCall.ts';

/** Writes a reply as a stream of the Chat Completions API that many servers of models speak. */
export function writeChat(response: ServerResponse, reply: Answer, model: string): void {
  if (reply.kind === 'refuse') {
    response.writeHead(reply.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { type: reply.type, code: reply.type, message: reply.message } }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const id = `chatcmpl-${randomUUID()}`;
  const send = (part: object): void => {
    const chunk = { id, object: 'chat.completion.chunk', created: Math.floor(Date.now() / 1_000), model, ...part };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  const choice = (delta: object, finish_reason: string | null = null) => ({
    choices: [{ index: 0, delta, finish_reason }],
  });
  if (reply.kind === 'text') {
    send(choice({ role: 'assistant', content: reply.text }));
    send(choice({}, 'stop'));
  } else {
    const tool = { index: 0, id: `call_${randomUUID()}`, type: 'function' };
    send(
      choice({
        role: 'assistant',
        tool_calls: [{ ...tool, function: { name: reply.name, arguments: JSON.stringify(reply.input) } }],
      }),
    );
    send(choice({}, 'tool_calls'));
  }
  send({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 } });
  response.end('data: [DONE]\n\n');
}
