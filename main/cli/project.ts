import { setTimeout as delay } from 'node:timers/promises';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { RoomClient } from '../../contract/room.ts';
import { resolveProjectRoot } from '../core/config/projectRoot.ts';
import { ensureBackgroundEngine } from '../core/lease/backgroundEngine.ts';
import { connectToEngine, connectToLiveEngine } from '../core/lease/engineClient.ts';
import { findLiveEngine } from '../core/lease/engineInfo.ts';

/** The project a command is about; it must be set up. */
export async function requireProject(override: string | undefined): Promise<Result<string>> {
  const found = await resolveProjectRoot({
    start: process.cwd(),
    ...(override === undefined ? {} : { override }),
    environmentRoot: process.env.OVERSTORY_PROJECT_ROOT,
  });
  if (!found.ok) return found;
  if (!found.value.initialised) return fail('config', 'Not in an overstory project. Run "ov init" first.');
  return ok(found.value.root);
}

/** Milliseconds a command waits for an engine that starts or leaves while it asks. */
const REACH_MS = 15_000;
const AGAIN_MS = 50;

/** A client of the project's engine; a background engine is started when none runs. */
export async function requireEngine(projectRoot: string): Promise<Result<RoomClient>> {
  const deadline = Date.now() + REACH_MS;
  for (;;) {
    const info = await ensureBackgroundEngine(projectRoot);
    if (!info.ok) return info;
    const client = await connectToEngine(info.value);
    // An engine that ends between being found and being asked is followed by the next one; a refusal is final.
    if (client.ok || client.error.tag !== 'unavailable' || Date.now() > deadline) return client;
    await delay(AGAIN_MS);
  }
}

/** A client of the running engine, or null when none runs: for commands that can work on the stores themselves. */
export async function liveEngine(projectRoot: string): Promise<Result<RoomClient | null>> {
  const client = await connectToLiveEngine(projectRoot);
  if (client.ok || client.error.tag !== 'unavailable') return client;
  // It may have ended just now: then the stores are free to be used.
  return (await findLiveEngine(projectRoot)) === null ? ok(null) : client;
}
