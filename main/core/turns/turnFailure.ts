import { neutralise } from '../../platform/neutralText.ts';
import type { RuntimeFailure } from '../runtimes/adapter.ts';
import type { RunningTurn } from './runningTurn.ts';
import { readEnd } from './turnFiles.ts';

/** Bytes of a turn's terminal that are searched for the reason of a failure. */
const TERMINAL_TAIL_BYTES = 8_192;

/**
 * What the runtime's own words make of a turn that did not end well; null for a clean one and for failures that trying
 * again may mend. The turn's log must be read to its end.
 * @param now milliseconds since the epoch.
 */
export async function failureOf(
  running: Pick<RunningTurn, 'active' | 'adapter' | 'files'>,
  now: number,
): Promise<RuntimeFailure | null> {
  const { active, adapter, files } = running;
  if (active.result?.isError === false) return null;
  if (active.endedBy === 'login') return { kind: 'needsLogin', detail: 'the account was refused (401)' };
  const terminal = await readEnd(files.stderr, TERMINAL_TAIL_BYTES);
  const facts = {
    result: active.result,
    retry: active.lastRetry,
    errors: active.errors,
    terminalText: neutralise(terminal),
    resumeId: active.turn.resumeId,
    now,
  };
  return adapter.classifyFailure?.(facts) ?? null;
}
