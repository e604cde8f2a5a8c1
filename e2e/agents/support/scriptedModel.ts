import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json as readJson } from 'node:stream/consumers';
import { writeAnthropic } from './anthropicWire.ts';
import { writeChat } from './chatWire.ts';
import { writeGemini } from './geminiWire.ts';
import { writeResponses } from './responsesWire.ts';
import { shellCall } from './toolCall.ts';

/** What the model says to one request. */
export type Reply =
  | { readonly kind: 'text'; readonly text: string }
  /** The agent is told to run this in its shell. */
  | { readonly kind: 'shell'; readonly command: string }
  /** The agent is told to use any tool of its own. */
  | { readonly kind: 'call'; readonly name: string; readonly input: object }
  | { readonly kind: 'refuse'; readonly status: number; readonly type: string; readonly message: string };

export const say = (text: string): Reply => ({ kind: 'text', text });
export const shell = (command: string): Reply => ({ kind: 'shell', command });
export const use = (name: string, input: object): Reply => ({ kind: 'call', name, input });
export const refuse = (status: number, type: string, message: string = type): Reply => ({
  kind: 'refuse',
  status,
  type,
  message,
});

/** Ways in which agents ask models. */
export type Wire = 'anthropic' | 'responses' | 'chat' | 'gemini';

/** One request for an answer, as far as a script cares. */
export interface Asked {
  readonly wire: Wire;
  /** Everything the request holds, as text. */
  readonly body: string;
  readonly model: string;
  /** The header; empty without one. */
  readonly authorization: string;
}

/** A model that says what it is told, on every wire that the real agents speak; loopback only. */
export interface ScriptedModel {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Answers that are still to be given, in order; an empty script answers "Nothing to do." */
  script(...replies: readonly Reply[]): void;
  /** Answers every request, until the next `script`. */
  always(reply: Reply): void;
  /** Requests answered so far, without those an agent makes for itself (titles, counts). */
  readonly asked: readonly Asked[];
  /** Paths of requests nobody here knows. */
  readonly strange: readonly string[];
  close(): Promise<void>;
}

/** As much of a request as every wire has. */
interface Body {
  readonly model?: string;
  readonly tools?: readonly Readonly<Record<string, unknown>>[];
}

function wireOf(path: string): Wire | null {
  if (path.endsWith('/v1/messages')) return 'anthropic';
  if (path.endsWith('/v1/responses')) return 'responses';
  if (path.endsWith('/chat/completions')) return 'chat';
  return /\/models\/[^/]+:(?:stream)?[gG]enerateContent$/.test(path) ? 'gemini' : null;
}

export async function startScriptedModel(): Promise<ScriptedModel> {
  let waiting: Reply[] = [];
  let standing: Reply = say('Nothing to do.');
  const asked: Asked[] = [];
  const strange: string[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (request.method === 'HEAD' || path === '/') return void response.writeHead(200).end();
    if (path.endsWith('/count_tokens') || path.endsWith(':countTokens')) {
      await readJson(request);
      response.setHeader('content-type', 'application/json');
      return void response.end(JSON.stringify({ input_tokens: 100, totalTokens: 100 }));
    }
    const wire = wireOf(path);
    if (wire === null) {
      strange.push(`${request.method} ${path}`);
      return void response.writeHead(404).end();
    }
    const body = (await readJson(request)) as Body;
    const model = body.model ?? /models\/([^:]+):/.exec(path)?.[1] ?? 'scripted';
    const tools = body.tools ?? [];
    // A request without tools is an agent's own: a title for the conversation, a summary.
    const own = wire !== 'responses' && tools.length === 0;
    const reply = own ? say('{"title":"A task"}') : (waiting.shift() ?? standing);
    if (!own)
      asked.push({ wire, body: JSON.stringify(body), model, authorization: request.headers.authorization ?? '' });
    const answer = reply.kind === 'shell' ? shellCall(tools, reply.command) : reply;
    switch (wire) {
      case 'anthropic':
        return writeAnthropic(response, answer, model);
      case 'responses':
        return writeResponses(response, answer);
      case 'chat':
        return writeChat(response, answer, model);
      case 'gemini':
        return writeGemini(response, answer, model, path.endsWith(':streamGenerateContent'));
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      strange.push(String(error));
      response.destroy();
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    script(...replies) {
      waiting = [...replies];
      standing = say('Nothing to do.');
    },
    always(reply) {
      waiting = [];
      standing = reply;
    },
    asked,
    strange,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}
