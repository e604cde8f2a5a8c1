import type { Result } from '../../../contract/result.ts';
import { type BriefRoomClient, roomOutline } from '../../../contract/roomOutline.ts';
import { connectByContract, connectToLiveEngineBy } from './engineConnection.ts';
import type { EngineInfo } from './engineInfo.ts';

/** Connects to a known engine without loading the room's schemas. */
export function connectBriefly(info: Pick<EngineInfo, 'socket' | 'token'>): Promise<Result<BriefRoomClient>> {
  return connectByContract(roomOutline, info);
}

/** The same to the engine that holds a project; null when none does. Never starts one. */
export function connectBrieflyToLiveEngine(projectRoot: string): Promise<Result<BriefRoomClient | null>> {
  return connectToLiveEngineBy(roomOutline, projectRoot);
}
