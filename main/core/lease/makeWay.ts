import { setTimeout as delay } from 'node:timers/promises';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { PROTOCOL_VERSION } from '../../../contract/version.ts';
import { isSameProcess } from '../../platform/processes.ts';
import { type EngineInfo, findLiveEngine } from './engineInfo.ts';
import { judgeEngine } from './engineVersions.ts';

/** Milliseconds an older engine is given to store what it has and let go of its turns. */
const LEAVE_MS = 30_000;
/** Milliseconds between two looks whether it has gone. */
const LOOK_MS = 25;

/**
 * Looks for an engine of another version and has it hand the project over: the older one in the background is asked to
 * leave and waited for. Fails with `config` and one line when the engine there cannot be used nor replaced.
 * @returns the engine to use; null when none holds the project now.
 */
export async function makeWay(projectRoot: string): Promise<Result<EngineInfo | null>> {
  const info = await findLiveEngine(projectRoot);
  if (info === null) return ok(null);
  const judgement = judgeEngine(info, PROTOCOL_VERSION);
  if (judgement.do === 'use') return ok(info);
  if (judgement.do === 'refuse') return fail('config', judgement.reason, { data: { version: info.version } });
  return askToLeave(info);
}

/**
 * By the one word every version understands. An engine lets go of its turns without ending any, as in every shutdown; the
 * next one adopts them.
 */
async function askToLeave(info: EngineInfo): Promise<Result<null>> {
  try {
    process.kill(info.pid, 'SIGTERM');
  } catch {
    // It ended in this moment, which is what it was asked for; one of another user is told below.
  }
  const deadline = performance.now() + LEAVE_MS;
  while (performance.now() < deadline) {
    if (!(await isSameProcess(info))) return ok(null);
    await delay(LOOK_MS);
  }
  return fail(
    'config',
    `the older engine (version ${info.version}, process ${info.pid}) does not give the project over: end it and try again; its agents go on`,
  );
}
