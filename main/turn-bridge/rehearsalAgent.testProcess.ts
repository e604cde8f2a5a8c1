import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import {
  type AgentContext,
  agent,
  methods,
  ndJsonStream,
  type PermissionOption,
  PROTOCOL_VERSION,
  RequestError,
  type SessionUpdate,
  type ToolCall,
} from '@agentclientprotocol/sdk';

/**
 * A rehearsal agent that speaks the Agent Client Protocol, for tests: what it does stands in the prompt, one word a line.
 * `--no-memory` keeps no conversations, `--no-account` wants a login first, `--late-history` tells a loaded conversation only
 * after loading, `--tell-cost` tells what it has cost by then, `--stubborn` tries a refused call again.
 */
const flags = new Set(process.argv.slice(2));
const fileOf = (cwd: string): string => join(cwd, 'conversation.json');
/** Told prompts by conversation. */
const told = new Map<string, { readonly cwd: string; readonly prompts: string[] }>();
let cancelled = new AbortController();

const text = (value: string) => ({ type: 'text', text: value }) as const;
const chunk = (value: string) => ({ sessionUpdate: 'agent_message_chunk', content: text(value) }) as const;

const OPTIONS: PermissionOption[] = [
  { optionId: 'always', name: 'Always', kind: 'allow_always' },
  { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
  { optionId: 'no', name: 'No', kind: 'reject_once' },
];

async function perform(
  client: AgentContext,
  sessionId: string,
  prompt: string,
): Promise<'end_turn' | 'cancelled' | 'refusal'> {
  const update = (change: SessionUpdate) => client.notify(methods.client.session.update, { sessionId, update: change });
  for (const [index, line] of prompt.split('\n').entries()) {
    const [word = '', ...rest] = line.split(' ');
    const argument = rest.join(' ');
    const toolCallId = `call-${index}`;
    if (word === 'say') for (const part of argument.split(' ')) await update(chunk(`${part} `));
    if (word === 'remember') await update(chunk((told.get(sessionId)?.prompts ?? []).join(' | ')));
    if (word === 'cost')
      await update({
        sessionUpdate: 'usage_update',
        used: 1,
        size: 2,
        cost: { amount: Number(argument), currency: 'USD' },
      });
    if (word === 'edit') {
      const locations = rest.map((path) => ({ path }));
      const call: ToolCall = { toolCallId, title: 'Edit', kind: 'edit', locations };
      await client.request(methods.client.session.requestPermission, { sessionId, toolCall: call, options: OPTIONS });
    }
    if (word === 'usage' || word === 'quota') toldUsage = tokensIn(word, rest.map(Number));
    if (word === 'words') await update(chunk('Error: Authentication failed (HTTP 401).\n  Check your key.'));
    if (word === 'fail') throw new RequestError(Number(argument), '{"error":{"message":"refused by the server"}}');
    if (line.startsWith('The guard of this project')) {
      await update(chunk(`told: ${line}`));
      if (flags.has('--stubborn')) return perform(client, sessionId, 'run git push');
    }
    if (word === 'refuse') return 'refusal';
    if (word === 'die') process.exit(3);
    if (word === 'wait') {
      await update(chunk('waiting'));
      await new Promise<void>((done) => cancelled.signal.addEventListener('abort', () => done(), { once: true }));
      return 'cancelled';
    }
    if (word === 'run') {
      const call: ToolCall = { toolCallId, title: argument, kind: 'execute', rawInput: { command: argument } };
      await update({ sessionUpdate: 'tool_call', ...call, status: 'pending' });
      const { outcome } = await client.request(methods.client.session.requestPermission, {
        sessionId,
        toolCall: call,
        options: OPTIONS,
      });
      const answer = outcome.outcome === 'selected' ? outcome.optionId : 'cancelled';
      const status = answer === 'yes' ? 'completed' : 'failed';
      await update({
        sessionUpdate: 'tool_call_update',
        toolCallId,
        status,
        content: [{ type: 'content', content: text(answer) }],
      });
    }
  }
  return 'end_turn';
}

/** What an answer tells of tokens, in the shapes that were seen. */
let toldUsage: object = {};
function tokensIn(word: string, [one = 0, two = 0, three = 0, four = 0, five = 0]: readonly number[]): object {
  if (word === 'quota') return { _meta: { quota: { token_count: { input_tokens: one, output_tokens: two } } } };
  const [cachedReadTokens, cachedWriteTokens, totalTokens] = [three, four, five];
  return { usage: { inputTokens: one, outputTokens: two, cachedReadTokens, cachedWriteTokens, totalTokens } };
}

const app = agent({ name: 'rehearsal' })
  .onRequest(methods.agent.initialize, () => ({
    protocolVersion: PROTOCOL_VERSION,
    agentCapabilities: { loadSession: !flags.has('--no-memory') },
  }))
  .onRequest(methods.agent.session.new, ({ params }) => {
    if (flags.has('--no-account')) throw RequestError.authRequired();
    told.set('conversation-1', { cwd: params.cwd, prompts: [] });
    return { sessionId: 'conversation-1' };
  })
  .onRequest(methods.agent.session.load, async ({ params, client }) => {
    const prompts = await readFile(fileOf(params.cwd), 'utf8').catch(() => null);
    if (prompts === null || params.sessionId !== 'conversation-1')
      throw RequestError.resourceNotFound(params.sessionId);
    told.set(params.sessionId, { cwd: params.cwd, prompts: JSON.parse(prompts) as string[] });
    const { sessionId } = params;
    const history = () => client.notify(methods.client.session.update, { sessionId, update: chunk('HISTORY') });
    if (flags.has('--tell-cost'))
      await client.notify(methods.client.session.update, {
        sessionId,
        update: { sessionUpdate: 'usage_update', used: 1, size: 2, cost: { amount: 0.25, currency: 'USD' } },
      });
    // Gemini tells it piece by piece after it has answered.
    if (flags.has('--late-history'))
      setImmediate(() => void history().then(() => setImmediate(() => void history().then(history))));
    else await history();
    return {};
  })
  .onNotification(methods.agent.session.cancel, () => cancelled.abort())
  .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
    cancelled = new AbortController();
    const prompt = params.prompt.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
    const stopReason = await perform(client, params.sessionId, prompt);
    const conversation = told.get(params.sessionId);
    if (conversation !== undefined) {
      conversation.prompts.push(prompt.split('\n')[0] ?? '');
      await writeFile(fileOf(conversation.cwd), JSON.stringify(conversation.prompts));
    }
    const answer = { stopReason, ...toldUsage };
    toldUsage = {};
    return answer;
  });
app.connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>));
