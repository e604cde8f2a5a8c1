import { createBirpc } from 'birpc';
import type { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { type CallError, fail, type Result } from '../result.ts';
import type { CallContext, Contract, Handlers, Scope, StreamWriter } from './definition.ts';
import type { ClientMessage, WireLog } from './messages.ts';
import { plainIssue } from './plainIssue.ts';
import { readServerMessage } from './serverMessages.ts';

/** One client's calls: birpc matches answers to requests; cancelling, validation, scopes and error values are here. */
export interface RpcServer {
  /** Takes a checked request whose method exists. */
  request(message: Extract<ClientMessage, { t: 'q' }>): void;
  cancel(call: number): void;
  /** Aborts everything under way; answers go nowhere any more. */
  close(): void;
}

export interface RpcServerOptions<C extends Contract> {
  readonly contract: C;
  readonly handlers: Handlers<C>;
  readonly scope: Scope;
  readonly connection: number;
  readonly sendText: (text: string) => void;
  readonly openStream: (startOffset: number) => { readonly writer: StreamWriter; readonly abandon: () => void };
  readonly log: WireLog;
  readonly validate: boolean;
  readonly explain: (error: unknown) => CallError | null;
}

const RANK: Readonly<Record<Scope, number>> = { read: 0, control: 1, admin: 2 };

/** True when a caller of scope `held` may do what needs `needed`. */
export function allows(held: Scope, needed: Scope): boolean {
  return RANK[held] >= RANK[needed];
}

/** The first thing wrong with an input, as a value. */
export function validationError(error: z.ZodError): Result<never, CallError> {
  const issue = error.issues[0];
  const field = (issue?.path ?? []).map(String).join('.');
  const message = issue?.message ?? 'the input is not valid';
  return field === '' ? fail('validation', message) : fail('validation', `${field}: ${message}`, { field });
}

/** A short name for an unexpected error, told to the person and written into the log beside the stack. */
function errorId(): string {
  return Math.random().toString(36).slice(2, 10).padEnd(8, '0');
}

type AnyHandler = (input: unknown, context: CallContext) => Promise<Result<unknown>> | Result<unknown>;

/** Creates the calls of one connection. */
export function createRpcServer<C extends Contract>(options: RpcServerOptions<C>): RpcServer {
  const { contract, scope, connection, log } = options;
  // Each handler takes what its own schema has parsed; one map of them can only be typed by giving that up here.
  const handlers = options.handlers as unknown as Readonly<Record<string, AnyHandler>>;
  const running = new Map<number, AbortController>();
  let receive: (message: unknown) => void = () => {};

  const internal = (name: string, error: unknown): Result<never, CallError> => {
    const id = errorId();
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log('error', `unexpected error in ${name}`, { id, procedure: name, connection, stack });
    const explained = options.explain(error);
    if (explained !== null) return { ok: false, error: explained };
    return fail('internal', `unexpected error ${id} in ${name}; the log has the details under that id`, {
      data: { id },
    });
  };

  const run = async (name: string, input: unknown, call: number): Promise<Result<unknown>> => {
    const procedure = contract.procedures[name];
    const handler = handlers[name];
    if (procedure === undefined || handler === undefined) return internal(name, new Error('no handler'));
    if (!allows(scope, procedure.scope)) {
      return fail('unauthorized', `${name} needs ${procedure.scope} access; this connection has ${scope} access`);
    }
    if (running.size >= LIMITS.callsInFlight) {
      return fail('capacity', `more than ${LIMITS.callsInFlight} calls at once; wait for some to finish`);
    }
    const parsed = procedure.input.safeParse(input, { error: plainIssue });
    if (!parsed.success) return validationError(parsed.error);

    const controller = new AbortController();
    const { signal } = controller;
    const streams: (() => void)[] = [];
    running.set(call, controller);
    const cancelled = new Promise<Result<never, CallError>>((resolve) => {
      signal.addEventListener('abort', () => resolve(fail('cancelled', `${name} was cancelled`)), { once: true });
    });
    const context: CallContext = {
      signal,
      scope,
      connection,
      openStream(startOffset) {
        const stream = options.openStream(startOffset);
        // A handler that opens a stream after nobody waits for its answer gets one that is over.
        if (signal.aborted) stream.abandon();
        else streams.push(stream.abandon);
        return stream.writer;
      },
    };
    const work = (async () => handler(parsed.data, context))();
    let result: Result<unknown>;
    try {
      result = await Promise.race([work, cancelled]);
      // What the handler does after a cancel is not awaited; its failing then is the expected way to stop.
      if (signal.aborted) work.catch(() => {});
      if (result.ok && options.validate) procedure.output.parse(result.value);
    } catch (error) {
      result = internal(name, error);
    }
    running.delete(call);
    if (!result.ok) for (const abandon of streams) abandon();
    else if (streams.length > 0) remember(call, streams);
    return result;
  };
  /** The streams of answered calls, for the caller that gave up while the answer was on its way: its cancel ends them. */
  const answered = new Map<number, readonly (() => void)[]>();
  const remember = (call: number, streams: readonly (() => void)[]): void => {
    answered.set(call, streams);
    const oldest = answered.keys().next();
    if (answered.size > LIMITS.unopenedStreams && oldest.done !== true) answered.delete(oldest.value);
  };
  /** `run` itself throws only where a schema does. */
  const answer = async (name: string, input: unknown, call: number): Promise<Result<unknown>> => {
    try {
      return await run(name, input, call);
    } catch (error) {
      return internal(name, error);
    }
  };

  // birpc writes answers through here. It must not throw: birpc would answer with an unreadable error, or not at all.
  const post = (message: unknown): void => {
    let text: string;
    try {
      text = JSON.stringify(message);
    } catch (error) {
      const unsendable = readServerMessage(message);
      if (unsendable?.t !== 's') throw error;
      text = JSON.stringify({ t: 's', i: unsendable.i, r: internal('an answer', error) });
    }
    options.sendText(text);
  };

  const functions: Record<string, (input: unknown, call: number) => Promise<Result<unknown>>> = {};
  for (const name of Object.keys(contract.procedures)) functions[name] = (input, call) => answer(name, input, call);
  const rpc = createBirpc<Record<string, never>, typeof functions, false>(functions, {
    post,
    on(listener) {
      receive = listener;
    },
    proxify: false,
    bind: 'functions',
    timeout: -1,
  });

  return {
    request: (message) => receive(message),
    cancel(call) {
      running.get(call)?.abort();
      for (const abandon of answered.get(call) ?? []) abandon();
      answered.delete(call);
    },
    close() {
      rpc.$close();
      for (const controller of running.values()) controller.abort();
    },
  };
}
