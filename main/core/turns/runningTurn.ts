import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NewEvent } from '../events/eventRow.ts';
import type { RuntimeAdapter } from '../runtimes/adapter.ts';
import type { ActiveTurn } from './activeTurn.ts';
import type { TurnFiles } from './turnFiles.ts';
import type { TurnLease } from './turnLock.ts';
import type { Turn } from './turnRow.ts';

/** A turn this engine looks after. */
export interface RunningTurn {
  readonly active: ActiveTurn;
  readonly adapter: RuntimeAdapter;
  readonly files: TurnFiles;
  readonly lease: TurnLease;
  /** Resolved once the turn is launched or taken over: nobody may judge it before. */
  readonly ready: PromiseWithResolvers<void>;
  isReady: boolean;
  /** Ending its process tree is under way: nobody settles before nothing of it is left. */
  ending: Promise<void> | null;
  /** When the agent's last activity was written, milliseconds since the epoch. */
  activityAt: number;
  /** Its end is being written, or this engine has let go of it. */
  settling: boolean;
}

/** Lets whoever waits for the turn's launch or take-over go on. */
export function setReady(running: RunningTurn): void {
  running.isReady = true;
  running.ready.resolve();
}

/** An event that tells of a turn as a whole. */
export function eventOfTurn(
  turn: Turn,
  eventType: 'turn_start' | 'custom',
  data: Readonly<Record<string, unknown>>,
): NewEvent {
  return {
    agentName: turn.agentName,
    runId: turn.runId,
    sessionId: turn.conversationId,
    eventType,
    data: JSON.stringify({ turnId: turn.turnId, number: turn.number, ...data }),
  };
}

function pidFile(overstoryDirectory: string, agentName: string): string {
  return join(overstoryDirectory, 'agents', agentName, 'turn.pid');
}

/** `turn.pid` is how the original `ov stop` finds the process (spec 01 §0.3). */
export async function writePidFile(overstoryDirectory: string, agentName: string, pid: number): Promise<void> {
  await mkdir(join(overstoryDirectory, 'agents', agentName), { recursive: true });
  await writeFile(pidFile(overstoryDirectory, agentName), `${pid}\n`);
}

export async function removePidFile(overstoryDirectory: string, agentName: string): Promise<void> {
  await rm(pidFile(overstoryDirectory, agentName), { force: true });
}
