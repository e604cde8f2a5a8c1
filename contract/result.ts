/** Expected failures are values: a call either holds a value or a typed error, and never throws for bad input. */
export type Result<Value, Failure = CallError> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure };

/** Every tag an error can carry across the border. The word decides what a face does; the message is for a person. */
export type ErrorTag =
  | 'validation'
  | 'notFound'
  | 'conflict'
  | 'invalidState'
  | 'capacity'
  | 'config'
  | 'agent'
  | 'hierarchy'
  | 'worktree'
  | 'mail'
  | 'merge'
  | 'group'
  | 'unavailable'
  | 'unauthorized'
  | 'cancelled'
  | 'timeout'
  | 'internal';

/** A typed error: `message` is one clear line that says what is wrong and what to do. */
export interface CallError {
  readonly tag: ErrorTag;
  readonly message: string;
  /** The input field at fault, where there is one. */
  readonly field?: string;
  /** Extra facts (conflict files, state, limits), JSON-safe. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Wraps a value as success. */
export function ok<Value>(value: Value): Result<Value, never> {
  return { ok: true, value };
}

/** Builds a failed result from a tag, a line for a person, and optional facts. */
export function fail(
  tag: ErrorTag,
  message: string,
  extra?: { readonly field?: string; readonly data?: Readonly<Record<string, unknown>> },
): Result<never, CallError> {
  return { ok: false, error: { tag, message, ...extra } };
}

/** Compile-time proof that a switch is exhaustive; reaching it at run time is a bug, hence the exception. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
