import type { z } from 'zod';
import type { Result } from '../result.ts';

/** What a client may do: watch, act, or change settings and lifecycle (engineering.md 3.3 #13). */
export type Scope = 'read' | 'control' | 'admin';

/** A call with its schemas; the schemas run on both sides of the border. */
export interface Procedure<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  readonly scope: Scope;
  readonly input: Input;
  readonly output: Output;
}
export type ProcedureMap = Readonly<Record<string, Procedure>>;

/** Declares a procedure; a function only so that the schemas' types are kept. */
export function procedure<Input extends z.ZodType, Output extends z.ZodType>(
  scope: Scope,
  input: Input,
  output: Output,
): Procedure<Input, Output> {
  return { scope, input, output };
}

/**
 * A live value: a snapshot, then deltas without a gap. `reduce` is pure, runs on both sides, and returns the same
 * reference when nothing changed. `squash` joins two deltas into one with the same effect.
 */
export interface Topic<State, Delta> {
  readonly initial: State;
  readonly delta: z.ZodType<Delta>;
  readonly state: z.ZodType<State>;
  reduce(state: State, delta: Delta): State;
  squash(earlier: Delta, later: Delta): Delta;
}
// biome-ignore lint/suspicious/noExplicitAny: a map of topics holds many state types; the helpers below recover each one.
export type TopicMap = Readonly<Record<string, Topic<any, any>>>;

/** Everything two peers agree on. The engine's faces share one contract, engine and pty host another. */
export interface Contract<Procedures extends ProcedureMap = ProcedureMap, Topics extends TopicMap = TopicMap> {
  readonly name: string;
  readonly protocol: number;
  readonly procedures: Procedures;
  readonly topics: Topics;
  /**
   * Set in an outline: a contract whose maps are empty, for a client that must start without the schemas. Its calls and
   * topics are checked by the server alone, and it holds no topic for longer than its first state.
   */
  readonly outline?: true;
}

export type ProcedureInput<C extends Contract, N extends keyof C['procedures']> = z.input<C['procedures'][N]['input']>;
export type ParsedInput<C extends Contract, N extends keyof C['procedures']> = z.output<C['procedures'][N]['input']>;
export type ProcedureOutput<C extends Contract, N extends keyof C['procedures']> = z.output<
  C['procedures'][N]['output']
>;
export type TopicState<C extends Contract, N extends keyof C['topics']> =
  C['topics'][N] extends Topic<infer State, infer _> ? State : never;
export type TopicDelta<C extends Contract, N extends keyof C['topics']> =
  C['topics'][N] extends Topic<infer _, infer Delta> ? Delta : never;

/** Who is calling, and how to stop. */
export interface CallContext {
  readonly signal: AbortSignal;
  readonly scope: Scope;
  /** Number of the connection, unique within this engine's life. */
  readonly connection: number;
  /**
   * Opens a byte stream to this caller, starting at an absolute offset; the handler returns its number in the output.
   * It ends with the connection, and with a call that fails or is cancelled. Bytes written before the answer are kept.
   */
  openStream(startOffset: number): StreamWriter;
}

/** One handler a procedure. Expected failures are values; a thrown exception becomes an `internal` error with an id. */
export type Handlers<C extends Contract> = {
  readonly [N in keyof C['procedures']]: (
    input: ParsedInput<C, N>,
    context: CallContext,
  ) => Promise<Result<ProcedureOutput<C, N>>> | Result<ProcedureOutput<C, N>>;
};

/** What a face holds of a connection. */
export interface Client<C extends Contract> {
  call<N extends keyof C['procedures'] & string>(
    name: N,
    input: ProcedureInput<C, N>,
    options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ): Promise<Result<ProcedureOutput<C, N>>>;
  /** Calls `listener` with the snapshot and after every applied delta; `delta` is null for a snapshot. Returns the end of it. */
  subscribe<N extends keyof C['topics'] & string>(
    name: N,
    listener: (state: TopicState<C, N>, delta: TopicDelta<C, N> | null) => void,
  ): () => void;
  /** Resolves with the first state of a topic, for one-shot readers such as the command line. */
  snapshot<N extends keyof C['topics'] & string>(name: N): Promise<Result<TopicState<C, N>>>;
  /** Takes the bytes of a stream whose number a procedure returned; bytes that came earlier are kept for it. */
  openStream(stream: number, sink: StreamSink): StreamReader;
  /** What the server said of itself. */
  readonly welcome: Welcome;
  onClose(listener: (reason: string) => void): () => void;
  close(): void;
}

export interface StreamSink {
  /** `offset` is the absolute position of the first byte. */
  onBytes(bytes: Uint8Array, offset: number): void;
  /** The stream ended; for a lagging viewer the reason is `lagging` and a fresh attach is due. */
  onEnd(reason: string): void;
}

export interface StreamReader {
  /** Says that everything up to this absolute offset has been consumed (parsed, not merely received). */
  ack(offset: number): void;
  close(): void;
}

/** A byte source's side of a stream, bounded by the reader's acks. */
export interface StreamWriter {
  readonly stream: number;
  /**
   * Sends or queues bytes at the running offset. Returns false when the window is full:
   * hold the source until `onDrain`. A source that goes on regardless is cut off as `lagging`. After the stream is over
   * bytes are dropped and the answer is true, so that a gone reader never holds a source. The memory is the caller's again
   * when this returns.
   */
  write(bytes: Uint8Array): boolean;
  /** Called each time a full window has room again (below `LIMITS.streamResumeBytes`). */
  onDrain(listener: () => void): void;
  /** The reader consumed up to this absolute offset: for relays, which pass the acknowledgement on to the source. */
  onAcknowledge(listener: (offset: number) => void): void;
  /** Called once when the reader closed, was cut off as lagging, or the connection is gone; at once when that already happened. */
  onClose(listener: () => void): void;
  /** Highest offset the reader has acknowledged. */
  readonly acknowledged: number;
  /** Ends the stream after everything written has been sent. */
  end(reason: string): void;
}

/** First frame of a client. */
export interface Hello {
  readonly protocol: number;
  readonly contract: string;
  /** Version of the product the client was built as, for the log. */
  readonly build: string;
  /** Secret of the socket, or session token of the browser; absent where the transport itself is the proof (MessagePort). */
  readonly token?: string;
  /** The most this client wants to be let do: a face that only shows gives up the rest of what it would earn. */
  readonly most?: Scope;
}

/** Answer to a good hello. `epoch` changes with every start of the server: what a client held before is stale. */
export interface Welcome {
  readonly protocol: number;
  readonly epoch: string;
  readonly build: string;
  readonly serverTime: string;
  readonly scope: Scope;
}
