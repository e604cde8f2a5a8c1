import { setTimeout as delay } from 'node:timers/promises';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { BriefRoomClient } from '../../contract/roomOutline.ts';
import { resolveProjectRoot } from '../core/config/projectRoot.ts';
import { connectBriefly, connectBrieflyToLiveEngine } from '../core/lease/briefEngineClient.ts';
import { findLiveEngine } from '../core/lease/engineInfo.ts';
import { makeWay } from '../core/lease/makeWay.ts';

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
const REACH_MS = 30_000;
const AGAIN_MS = 50;

/** A client of the project's engine; a background engine is started when none runs. */
export async function requireEngine(projectRoot: string): Promise<Result<BriefRoomClient>> {
  const deadline = Date.now() + REACH_MS;
  for (;;) {
    const found = await makeWay(projectRoot);
    if (!found.ok) return found;
    let info = found.value;
    if (info === null) {
      // Loaded only now: most commands find an engine.
      const { ensureBackgroundEngine } = await import('../core/lease/backgroundEngine.ts');
      const started = await ensureBackgroundEngine(projectRoot);
      if (!started.ok) return started;
      info = started.value;
    }
    const client = await connectBriefly(info);
    // An engine that ends between being found and being asked is followed by the next one; a refusal is final.
    if (client.ok || client.error.tag !== 'unavailable' || Date.now() > deadline) return client;
    await delay(AGAIN_MS);
  }
}

/** A client of the running engine, or null when none runs: for commands that can work on the stores themselves. */
export async function liveEngine(projectRoot: string): Promise<Result<BriefRoomClient | null>> {
  const client = await connectBrieflyToLiveEngine(projectRoot);
  if (client.ok || client.error.tag !== 'unavailable') return client;
  // It may have ended just now: then the stores are free to be used.
  return (await findLiveEngine(projectRoot)) === null ? ok(null) : client;
}
