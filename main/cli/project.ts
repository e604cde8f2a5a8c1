import { fail, ok, type Result } from '../../contract/result.ts';
import type { RoomClient } from '../../contract/room.ts';
import { resolveProjectRoot } from '../core/config/projectRoot.ts';
import { ensureBackgroundEngine } from '../core/lease/backgroundEngine.ts';
import { connectToEngine, connectToLiveEngine } from '../core/lease/engineClient.ts';

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

/** A client of the project's engine; a background engine is started when none runs. */
export async function requireEngine(projectRoot: string): Promise<Result<RoomClient>> {
  const info = await ensureBackgroundEngine(projectRoot);
  return info.ok ? connectToEngine(info.value) : info;
}

/** A client of the running engine, or null when none runs: for commands that can read the stores themselves. */
export function liveEngine(projectRoot: string): Promise<Result<RoomClient | null>> {
  return connectToLiveEngine(projectRoot);
}
