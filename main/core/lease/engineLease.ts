import { randomUUID } from 'node:crypto';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { isAlive, processStartTime } from '../../platform/processes.ts';
import type { ControlStore } from '../control/controlStore.ts';

export interface HeldLease {
  readonly instanceId: string;
  readonly startTime: string | null;
  release(): void;
}

/**
 * Takes the project for this process: at most one engine holds it at any time. The claim is one transaction in
 * `control-room.db`, so that of two engines that start at once exactly one wins; a holder whose process is gone, or whose
 * pid belongs to a younger process, is replaced.
 */
export async function holdLease(control: ControlStore): Promise<Result<HeldLease>> {
  const instanceId = randomUUID();
  const startTime = await processStartTime(process.pid);
  const holder = control.readLease();
  // Read outside the transaction, because it needs the file system; asked for again by instance inside.
  const holderStart = holder === null ? null : await processStartTime(holder.pid);
  const claimed = control.claimLease({ pid: process.pid, startTime, instanceId }, (current) => {
    if (!isAlive(current.pid)) return false;
    if (current.instanceId !== holder?.instanceId || current.startTime === null) return true;
    return holderStart === current.startTime;
  });
  if (!claimed.ok) return fail('conflict', claimed.error.message, { data: claimed.error.data ?? {} });
  return ok({ instanceId, startTime, release: () => void control.releaseLease(instanceId) });
}
