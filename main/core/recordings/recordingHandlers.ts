import { ok } from '../../../contract/result.ts';
import type { RoomHandlers } from '../../../contract/room.ts';
import type { Replay } from '../replay/replayService.ts';
import type { Recordings } from './recordingsService.ts';

type Names =
  | 'recordings.list'
  | 'recordings.state'
  | 'recordings.read'
  | 'recordings.room'
  | 'recordings.changes'
  | 'replay.window'
  | 'replay.overview'
  | 'replay.merge'
  | 'replay.costs'
  | 'replay.watchdog';

/** The contract's procedures of recordings and of their replay over the services. */
export function recordingHandlers(recordings: Recordings, replay: Replay): Pick<RoomHandlers, Names> {
  return {
    'recordings.list': () => recordings.list().then((listed) => (listed.ok ? ok({ ...listed.value }) : listed)),
    'recordings.state': (input) => recordings.state(input.terminalId, input.at),
    'recordings.read': (input) => recordings.read(input),
    'recordings.room': (input) => recordings.room(input.at),
    'recordings.changes': (input) => recordings.changes(input.from, input.to, input.limit),
    'replay.window': (input) => replay.window(input),
    'replay.merge': (input) => replay.merge(input),
    'replay.costs': (input) => replay.costs(input),
    'replay.watchdog': (input) => replay.watchdog(input),
    'replay.overview': (input) => replay.overview(input),
  };
}
