import type { Result } from '../../../contract/result.ts';
import { type RoomClient, roomContract } from '../../../contract/room.ts';
import { connectByContract, connectToLiveEngineBy } from './engineConnection.ts';
import type { EngineInfo } from './engineInfo.ts';

/** Connects to a known engine. */
export function connectToEngine(info: Pick<EngineInfo, 'socket' | 'token'>): Promise<Result<RoomClient>> {
  return connectByContract(roomContract, info);
}

/** Connects to the engine that holds a project; null when none does. Never starts one. */
export function connectToLiveEngine(projectRoot: string): Promise<Result<RoomClient | null>> {
  return connectToLiveEngineBy(roomContract, projectRoot);
}
