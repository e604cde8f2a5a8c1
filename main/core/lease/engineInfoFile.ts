import { rm } from 'node:fs/promises';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { type EngineInfo, engineInfoPath, readEngineInfo } from './engineInfo.ts';

/** Publishes a started engine; mode 0600, whole or not at all. */
export async function writeEngineInfo(projectRoot: string, info: EngineInfo): Promise<void> {
  await writeFileAtomic(engineInfoPath(projectRoot), `${JSON.stringify(info, null, 2)}\n`, 0o600);
}

/** Withdraws the file if it still is this engine's. */
export async function removeEngineInfo(projectRoot: string, instanceId: string): Promise<void> {
  const info = await readEngineInfo(projectRoot);
  if (info?.instanceId === instanceId) await rm(engineInfoPath(projectRoot), { force: true });
}
