import type { CallError, Result } from '../../contract/result.ts';

/** The value of a good result; a measure that meets a failure crashes with its line. */
export function must<Value>(result: Result<Value, CallError>): Value {
  if (!result.ok) throw new Error(`${result.error.tag}: ${result.error.message}`);
  return result.value;
}
