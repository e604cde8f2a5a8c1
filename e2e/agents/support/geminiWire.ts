import type { ServerResponse } from 'node:http';
import type { Answer } from './toolCall.ts';

const STATUS: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  429: 'RESOURCE_EXHAUSTED',
};

/** Writes a reply of the Gemini API; `streamed` as server-sent events. */
export function writeGemini(response: ServerResponse, reply: Answer, model: string, streamed: boolean): void {
  if (reply.kind === 'refuse') {
    response.writeHead(reply.status, { 'content-type': 'application/json' });
    const status = STATUS[reply.status] ?? 'UNAVAILABLE';
    response.end(JSON.stringify({ error: { code: reply.status, message: reply.message, status } }));
    return;
  }
  const part = reply.kind === 'text' ? { text: reply.text } : { functionCall: { name: reply.name, args: reply.input } };
  const answer = {
    candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 10, totalTokenCount: 110 },
    modelVersion: model,
  };
  response.writeHead(200, { 'content-type': streamed ? 'text/event-stream' : 'application/json' });
  response.end(streamed ? `data: ${JSON.stringify(answer)}\n\n` : JSON.stringify(answer));
}
