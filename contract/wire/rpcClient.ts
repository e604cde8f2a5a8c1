import { createBirpc } from 'birpc';
import { LIMITS } from '../limits.ts';
import { type CallError, fail, type Result } from '../result.ts';
import type { Scheduler } from './channel.ts';
import type { Contract } from './definition.ts';
import { exceeds } from './frames.ts';
import type { ServerMessage } from './serverMessages.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds until the caller gives up; `LIMITS.callTimeoutMs` when left out. */
  readonly timeoutMs?: number;
}

/** The calling half: birpc matches answers to requests; cancelling, time limits and error values are here. */
export interface RpcClient {
  call(name: string, input: unknown, options?: CallOptions): Promise<Result<unknown>>;
  /** Takes a checked answer. */
  response(message: Extract<ServerMessage, { t: 's' }>): void;
  /** Fails every call under way with `unavailable`. */
  close(reason: string): void;
}

export interface RpcClientOptions {
  readonly contract: Contract;
  readonly scheduler: Scheduler;
  readonly send: (text: string) => void;
  /** Also checks outputs against their schemas; for development and tests. */
  readonly validate: boolean;
}

/** A reason not to send a request, thrown through birpc to the call it belongs to. */
class NotSent extends Error {
  readonly result: Result<never>;
  constructor(result: Result<never>) {
    super('not sent');
    this.result = result;
  }
}

/** An answer as it must be; null for anything else. A failure keeps whatever else a newer server says of it. */
function readResult(answer: unknown): Result<unknown> | null {
  if (typeof answer !== 'object' || answer === null || !('ok' in answer)) return null;
  if (answer.ok === true) return { ok: true, value: 'value' in answer ? answer.value : undefined };
  if (answer.ok !== false || !('error' in answer)) return null;
  const { error } = answer;
  if (typeof error !== 'object' || error === null || !('tag' in error) || !('message' in error)) return null;
  if (typeof error.tag !== 'string' || typeof error.message !== 'string') return null;
  // The tag comes from the same contract; an unknown one of a newer server still has its readable message.
  return { ok: false, error: error as CallError };
}

/** Creates the calls of one connection. */
export function createRpcClient(options: RpcClientOptions): RpcClient {
  const { contract, scheduler, send, validate } = options;
  let receive: (message: unknown) => void = () => {};
  let lastCall = 0;
  let closedReason: string | null = null;

  const post = (message: unknown): void => {
    let text: string;
    try {
      text = JSON.stringify(message);
    } catch (error) {
      throw new NotSent(fail('validation', `the input cannot be sent as JSON: ${String(error)}`));
    }
    if (exceeds(text, LIMITS.frameBytes)) {
      throw new NotSent(fail('validation', `the input is too large: at most ${LIMITS.frameBytes} bytes fit one call`));
    }
    send(text);
  };
  const rpc = createBirpc<Record<string, (input: unknown, call: number) => unknown>, Record<string, never>, false>(
    {},
    {
      post,
      on(listener) {
        receive = listener;
      },
      proxify: false,
      bind: 'functions',
      // Time limits are ours: they use the injected scheduler and tell the server.
      timeout: -1,
    },
  );

  const check = (name: string, answer: unknown): Result<unknown> => {
    const result = readResult(answer);
    if (result === null) return fail('internal', `the answer to ${name} is not readable`);
    if (!result.ok) return result;
    const output = contract.procedures[name]?.output;
    if (validate && output !== undefined) {
      const value = output.safeParse(result.value);
      if (!value.success) return fail('internal', `the answer to ${name} breaks the contract: ${value.error.message}`);
    }
    return result;
  };

  return {
    call(name, input, { signal, timeoutMs = LIMITS.callTimeoutMs } = {}) {
      if (contract.outline !== true && !Object.hasOwn(contract.procedures, name)) {
        return Promise.resolve(fail('notFound', `${contract.name} has no procedure "${name}"`));
      }
      if (closedReason !== null) return Promise.resolve(fail('unavailable', closedReason));
      if (signal?.aborted) return Promise.resolve(fail('cancelled', `${name} was cancelled`));
      lastCall += 1;
      const call = lastCall;
      return new Promise((resolve) => {
        const settle = (result: Result<unknown>): void => {
          cancelTimer();
          signal?.removeEventListener('abort', onAbort);
          resolve(result);
        };
        const giveUp = (result: Result<never>): void => {
          send(JSON.stringify({ t: 'cancel', call }));
          settle(result);
        };
        const onAbort = (): void => giveUp(fail('cancelled', `${name} was cancelled`));
        const cancelTimer = scheduler.after(timeoutMs, () =>
          giveUp(fail('timeout', `${name} did not finish within ${timeoutMs / 1_000} s; it was cancelled`)),
        );
        signal?.addEventListener('abort', onAbort, { once: true });
        rpc.$call(name, input, call).then(
          (answer) => settle(check(name, answer)),
          (error: unknown) =>
            settle(
              error instanceof NotSent ? error.result : fail('unavailable', closedReason ?? 'the connection is gone'),
            ),
        );
      });
    },
    response: (message) => receive(message),
    close(reason) {
      if (closedReason !== null) return;
      closedReason = reason;
      rpc.$close();
    },
  };
}
