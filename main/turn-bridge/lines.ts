/** Tokens of a turn, as claude's result names them. */
export interface BridgeUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly cache_creation_input_tokens: number;
}

/** How a turn ended. */
export interface BridgeResult {
  readonly sessionId: string | null;
  readonly isError: boolean;
  /** The last words on success, the reason on failure. */
  readonly text: string;
  readonly errors: readonly string[];
  /** Milliseconds. */
  readonly durationMs: number;
  readonly numTurns: number;
  readonly usage: BridgeUsage | null;
  /** US dollars; null when nobody said. */
  readonly costUsd: number | null;
  /** Status of the model's server, where one was told. */
  readonly status?: number | null;
}

/** An announced retry: silence until then is no stall. */
export interface BridgeRetry {
  readonly attempt: number;
  readonly maxRetries: number;
  /** Milliseconds. */
  readonly delayMs: number;
  readonly status: number | null;
  readonly error: string;
}

/** The lines a turn prints on standard output, in the form of claude's stream-json (real-agents.md §4), one object a line. */
export const lines = {
  init: (sessionId: string, model: string | null) => ({
    type: 'system',
    subtype: 'init',
    session_id: sessionId,
    ...(model === null ? {} : { model }),
  }),
  text: (text: string) => ({ type: 'assistant', message: { role: 'assistant', content: [{ type: 'text', text }] } }),
  toolUse: (id: string, name: string, input: Readonly<Record<string, unknown>>) => ({
    type: 'assistant',
    message: { role: 'assistant', content: [{ type: 'tool_use', id, name, input }] },
  }),
  toolResult: (id: string, content: string, isError: boolean) => ({
    type: 'user',
    message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content, is_error: isError }] },
  }),
  retry: (retry: BridgeRetry) => ({
    type: 'system',
    subtype: 'api_retry',
    attempt: retry.attempt,
    max_retries: retry.maxRetries,
    retry_delay_ms: retry.delayMs,
    error_status: retry.status,
    error: retry.error,
  }),
  foreign: (entry: unknown) => ({ type: 'foreign', entry }),
  result: (result: BridgeResult) => ({
    type: 'result',
    subtype: result.isError ? 'error_during_execution' : 'success',
    is_error: result.isError,
    session_id: result.sessionId,
    result: result.text,
    errors: result.errors,
    duration_ms: result.durationMs,
    num_turns: result.numTurns,
    total_cost_usd: result.costUsd,
    usage: result.usage,
    api_error_status: result.status ?? null,
  }),
} as const;

/** Writes lines in order and knows when the last has left the process, so that an exit loses none. */
export interface LineWriter {
  write(line: object): void;
  drained(): Promise<void>;
}

/** A reader that goes away does not stop the work: its turn is done to the end, as claude does (real-agents.md §3). */
export function createLineWriter(output: NodeJS.WritableStream): LineWriter {
  let last: Promise<void> = Promise.resolve();
  output.on('error', () => undefined);
  return {
    write(line) {
      const text = `${JSON.stringify(line)}\n`;
      last = new Promise((done) => output.write(text, () => done()));
    },
    drained: () => last,
  };
}
