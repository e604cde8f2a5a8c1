import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds the turn of a stopped agent may take to settle, and between looks. */
const SETTLE_MS = 10_000;
const LOOK_MS = 20;

/**
 * Waits until no turn of an agent runs or is being settled: what it did is in the databases then.
 * @returns false when it does not come to rest in time.
 */
export async function untilSettled(isBusy: (agentName: string) => boolean, agentName: string): Promise<boolean> {
  for (let waited = 0; isBusy(agentName) && waited < SETTLE_MS; waited += LOOK_MS) await delay(LOOK_MS);
  return !isBusy(agentName);
}
