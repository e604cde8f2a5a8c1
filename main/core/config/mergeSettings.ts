import type { SettingsReader } from './settingsReader.ts';

/** `controlRoom.merge`: what a merge does beyond git. Times are milliseconds. */
export interface MergeSettings {
  /** Runs the quality gates the project names on the merged files before the target branch moves. */
  readonly verify: boolean;
  /** One gate may take. */
  readonly gateTimeoutMs: number;
  /** A model may take for one file. */
  readonly modelTimeoutMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const DEFAULT_MERGE: MergeSettings = {
  verify: true,
  gateTimeoutMs: 10 * MINUTE_MS,
  modelTimeoutMs: 5 * MINUTE_MS,
};

/** Milliseconds. No gate or model does anything of use in less. */
const SHORTEST_MS = 1_000;

/** Reads the section. */
export function readMergeSettings(reader: SettingsReader, defaults: MergeSettings): MergeSettings {
  const time = (name: 'gateTimeoutMs' | 'modelTimeoutMs'): number =>
    reader.number(`controlRoom.merge.${name}`, defaults[name], {
      integer: true,
      min: SHORTEST_MS,
      max: 24 * HOUR_MS,
      unit: 'milliseconds',
    });
  return {
    verify: reader.boolean('controlRoom.merge.verify', defaults.verify),
    gateTimeoutMs: time('gateTimeoutMs'),
    modelTimeoutMs: time('modelTimeoutMs'),
  };
}
