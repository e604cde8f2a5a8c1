import type { SettingsReader } from './settingsReader.ts';

/** `controlRoom.radar`: predicted conflicts between worktrees. */
export interface RadarSettings {
  readonly enabled: boolean;
  /** Seconds between two looks by the clock; without a change since the last one, no git is started. */
  readonly seconds: number;
}

export const DEFAULT_RADAR: RadarSettings = { enabled: true, seconds: 15 };

/** Reads the section. */
export function readRadarSettings(reader: SettingsReader, defaults: RadarSettings): RadarSettings {
  return {
    enabled: reader.boolean('controlRoom.radar.enabled', defaults.enabled),
    // Closer together, looking at many worktrees would cost more than it tells; beyond an hour it tells nothing.
    seconds: reader.number('controlRoom.radar.seconds', defaults.seconds, { min: 2, max: 3_600, unit: 'seconds' }),
  };
}
