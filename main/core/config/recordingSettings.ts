import type { RecordingSettings } from '../../../contract/recordings.ts';
import type { SettingsReader } from './settingsReader.ts';

/** Keys of `controlRoom.recordings`. */
export const RECORDING_KEYS = ['enabled', 'maxAgeDays', 'maxMegabytes'] as const;

/** Reads `controlRoom.recordings`: how much of terminals is kept, and for how long. */
export function readRecordingSettings(reader: SettingsReader, defaults: RecordingSettings): RecordingSettings {
  return {
    enabled: reader.boolean('controlRoom.recordings.enabled', defaults.enabled),
    maxAgeDays: reader.number('controlRoom.recordings.maxAgeDays', defaults.maxAgeDays, {
      above: 0,
      max: 3_650,
      unit: 'days',
    }),
    maxMegabytes: reader.number('controlRoom.recordings.maxMegabytes', defaults.maxMegabytes, {
      min: 10,
      max: 1_000_000,
      unit: 'megabytes',
    }),
  };
}
