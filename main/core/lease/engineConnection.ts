import { fail, ok, type Result } from '../../../contract/result.ts';
import type { RoomClient, RoomContract } from '../../../contract/room.ts';
import { PRODUCT_VERSION, PROTOCOL_VERSION } from '../../../contract/version.ts';
import { connectClient } from '../../../contract/wire/client.ts';
import { nodeScheduler } from '../../platform/scheduler.ts';
import { connectSocket } from '../../platform/socketConnection.ts';
import { type EngineInfo, findLiveEngine } from './engineInfo.ts';
import { judgeEngine } from './engineVersions.ts';

/** Connects to a known engine by the whole contract or by its outline. */
export async function connectByContract(
  contract: RoomContract,
  info: Pick<EngineInfo, 'socket' | 'token'>,
): Promise<Result<RoomClient>> {
  const channel = await connectSocket(info.socket);
  if (!channel.ok) return channel;
  return connectClient({
    contract,
    channel: channel.value,
    hello: { build: PRODUCT_VERSION, token: info.token },
    scheduler: nodeScheduler,
  });
}

/** The same to the engine that holds a project; null when none does. Never starts one. */
export async function connectToLiveEngineBy(
  contract: RoomContract,
  projectRoot: string,
): Promise<Result<RoomClient | null>> {
  const info = await findLiveEngine(projectRoot);
  if (info === null) return ok(null);
  const judgement = judgeEngine(info, PROTOCOL_VERSION);
  if (judgement.do === 'refuse') return fail('config', judgement.reason, { data: { version: info.version } });
  if (judgement.do === 'replace')
    return fail(
      'config',
      `an older engine (version ${info.version}, process ${info.pid}) holds this project: "ov serve --background" takes over from it; its agents go on`,
    );
  const client = await connectByContract(contract, info);
  return client.ok
    ? client
    : fail(client.error.tag, `the engine (process ${info.pid}) does not answer: ${client.error.message}`);
}
