import { randomUUID } from 'node:crypto';

/** Name under which all figures of a rehearsal are reported, so that nobody takes its costs for real ones. */
export const REHEARSAL_MODEL = 'rehearsal';

/** Characters counted as one token; a common rule of thumb for English text and code. */
const CHARACTERS_PER_TOKEN = 4;
/** Tokens every model round costs before the conversation: what claude's own instructions take (captures: about 3,250). */
const BASE_TOKENS = 3_250;
/** US dollars of pretended cost for a token. */
const INPUT_TOKEN_USD = 0.000_003;
const OUTPUT_TOKEN_USD = 0.000_015;

/** How a turn ended, for its `result` line. */
export interface TurnEnd {
  readonly kind: 'success' | 'failed' | 'interrupted';
  readonly text: string;
  /** HTTP status a pretended API failure has; null otherwise. */
  readonly status: number | null;
}

/** Writes claude's stream-json lines (real-agents.md §4) and keeps the pretended token counts. */
export interface Output {
  init(facts: { readonly cwd: string; readonly permissionMode: string }): Promise<void>;
  text(text: string): Promise<void>;
  toolUse(name: string, input: Readonly<Record<string, unknown>>): Promise<string>;
  toolResult(callId: string, content: string, isError: boolean): Promise<void>;
  retry(attempt: number, maxRetries: number, delayMs: number, status: number | null): Promise<void>;
  /** Text that costs nothing, however much of it there is. */
  uncounted(text: string): Promise<void>;
  /** Reports this many dollars for the process instead of made-up ones; several add up. */
  cost(usd: number): void;
  /** A line exactly as given. */
  raw(line: string): Promise<void>;
  result(end: TurnEnd): Promise<void>;
  /** The single line claude answers an unknown conversation with. */
  notFound(message: string): Promise<void>;
  /** What was said last in this turn: the text of its result. */
  lastText(): string;
  /** Characters of the conversation so far, to be kept in the session. */
  characters(): number;
}

/**
 * @param characters size of the conversation before this turn.
 * @param writeLine writes one line, resolved when it has left this process.
 */
export function createOutput(
  sessionId: string,
  characters: number,
  writeLine: (line: string) => Promise<void>,
): Output {
  let startedAt = Date.now();
  let conversation = characters;
  let rounds = 0;
  let lastText = '';
  let turn = { input: 0, output: 0 };
  const wholeProcess = { input: 0, output: 0 };
  let scripted: number | null = null;
  const costUsd = () => scripted ?? costOf(wholeProcess);

  const emit = (event: Readonly<Record<string, unknown>>) =>
    writeLine(JSON.stringify({ ...event, session_id: sessionId, uuid: randomUUID() }));
  const countRound = (produced: number) => {
    const input = BASE_TOKENS + Math.ceil(conversation / CHARACTERS_PER_TOKEN);
    const output = Math.max(1, Math.ceil(produced / CHARACTERS_PER_TOKEN));
    turn = { input: turn.input + input, output: turn.output + output };
    wholeProcess.input += input;
    wholeProcess.output += output;
    conversation += produced;
    rounds++;
  };
  const assistant = (block: Readonly<Record<string, unknown>>) =>
    emit({
      type: 'assistant',
      message: {
        id: `msg_${randomUUID().replaceAll('-', '')}`,
        type: 'message',
        role: 'assistant',
        model: REHEARSAL_MODEL,
        content: [block],
        stop_reason: null,
        usage: usageOf({ input: turn.input, output: 1 }),
      },
      parent_tool_use_id: null,
    });

  return {
    init(facts) {
      startedAt = Date.now();
      lastText = 'Done for now.';
      return emit({
        type: 'system',
        subtype: 'init',
        cwd: facts.cwd,
        tools: ['Bash', 'Edit', 'Read', 'Write'],
        mcp_servers: [],
        model: REHEARSAL_MODEL,
        permissionMode: facts.permissionMode,
        apiKeySource: 'none',
      });
    },
    async text(text) {
      lastText = text;
      countRound(text.length);
      await assistant({ type: 'text', text });
    },
    async toolUse(name, input) {
      const id = `toolu_${randomUUID().replaceAll('-', '')}`;
      countRound(JSON.stringify(input).length);
      await assistant({ type: 'tool_use', id, name, input });
      return id;
    },
    async toolResult(callId, content, isError) {
      conversation += content.length;
      await emit({
        type: 'user',
        message: {
          role: 'user',
          content: [{ tool_use_id: callId, type: 'tool_result', content, ...(isError ? { is_error: true } : {}) }],
        },
        parent_tool_use_id: null,
        timestamp: new Date().toISOString(),
      });
    },
    retry: (attempt, maxRetries, delayMs, status) =>
      emit({
        type: 'system',
        subtype: 'api_retry',
        attempt,
        max_retries: maxRetries,
        retry_delay_ms: delayMs,
        error_status: status,
        error: status === 401 ? 'authentication_failed' : status === 429 ? 'rate_limit' : 'overloaded',
      }),
    cost(usd) {
      scripted = (scripted ?? 0) + usd;
    },
    raw: writeLine,
    uncounted: (text) => assistant({ type: 'text', text }),
    async result(end) {
      const failed = end.kind !== 'success';
      await emit({
        type: 'result',
        // Failures of the API call themselves a success; only is_error tells (real-agents.md, first rule).
        subtype: end.kind === 'interrupted' ? 'error_during_execution' : 'success',
        is_error: failed,
        ...(end.kind === 'interrupted' ? { errors: [end.text] } : { result: end.text, api_error_status: end.status }),
        duration_ms: Date.now() - startedAt,
        duration_api_ms: 0,
        num_turns: rounds,
        stop_reason: failed ? null : 'end_turn',
        total_cost_usd: costUsd(),
        usage: usageOf(turn),
        modelUsage: {
          [REHEARSAL_MODEL]: {
            inputTokens: wholeProcess.input,
            outputTokens: wholeProcess.output,
            cacheReadInputTokens: 0,
            cacheCreationInputTokens: 0,
            costUSD: costUsd(),
          },
        },
        permission_denials: [],
        terminal_reason: end.kind === 'interrupted' ? 'aborted_tools' : 'completed',
      });
      turn = { input: 0, output: 0 };
      rounds = 0;
    },
    notFound: (message) =>
      emit({
        type: 'result',
        subtype: 'error_during_execution',
        is_error: true,
        errors: [message],
        duration_ms: 0,
        duration_api_ms: 0,
        num_turns: 0,
        stop_reason: null,
        total_cost_usd: 0,
        usage: usageOf({ input: 0, output: 0 }),
        modelUsage: {},
        permission_denials: [],
      }),
    lastText: () => lastText,
    characters: () => conversation,
  };
}

function usageOf(tokens: { readonly input: number; readonly output: number }) {
  return {
    input_tokens: tokens.input,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: tokens.output,
  };
}

function costOf(tokens: { readonly input: number; readonly output: number }): number {
  return tokens.input * INPUT_TOKEN_USD + tokens.output * OUTPUT_TOKEN_USD;
}
