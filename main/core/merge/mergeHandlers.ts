import type { RoomHandlers } from '../../../contract/room.ts';
import type { MergeService } from './mergeService.ts';

type MergeProcedure = Extract<keyof RoomHandlers, `merges.${string}`>;

/** The merge queue's procedures of the room. */
export function mergeHandlers(merges: MergeService): Pick<RoomHandlers, MergeProcedure> {
  return {
    'merges.run': (input) => merges.run(input),
    'merges.predict': (input) => merges.predict(input),
    'merges.detail': (input) => merges.details.detail(input.id),
    'merges.conflict': (input) => merges.details.conflict(input.id, input.path),
    'merges.gateLog': (input) => merges.details.gateLog(input.id, input.gate),
    'merges.skip': (input) => merges.skip(input.id),
    'merges.accept': (input) => merges.accept(input.id, input.what, input.by),
    'merges.audit': (input) => merges.audit(input.id),
    'merges.cancel': (input) => merges.cancel(input.id),
  };
}
