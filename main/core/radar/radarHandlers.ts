import { ok } from '../../../contract/result.ts';
import type { RoomHandlers } from '../../../contract/room.ts';
import type { Radar } from './radarService.ts';

type RadarProcedure = Extract<keyof RoomHandlers, `radar.${string}`>;

/** The radar's procedures of the room. */
export function radarHandlers(radar: Radar): Pick<RoomHandlers, RadarProcedure> {
  return {
    'radar.look': () => radar.look(),
    'radar.pair': ({ one, other }) => radar.pair(one, other),
    'radar.conflict': ({ one, other, path }) => radar.conflict(one, other, path),
    'radar.planned': (input) => ok({ collisions: [...radar.planned(input.files)] }),
  };
}
