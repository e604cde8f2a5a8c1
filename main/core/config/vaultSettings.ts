import type { SettingsReader } from './settingsReader.ts';

/** `controlRoom.vault`: snapshots of uncommitted work. Times are milliseconds. */
export interface VaultSettings {
  /** Between snapshots of an agent that works; 0 takes none by the clock. */
  readonly intervalMs: number;
  /** Kept of one agent, or of the project's checkout. */
  readonly maxSnapshots: number;
  readonly maxAgeMs: number;
  /** Of all snapshots together, counted as the changed files they hold. */
  readonly maxBytes: number;
  /** Of one untracked file; a larger one is left out with a note. */
  readonly maxFileBytes: number;
  /** Of all untracked files of one snapshot. */
  readonly maxUntrackedBytes: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const MIB = 1024 * 1024;

export const DEFAULT_VAULT: VaultSettings = {
  intervalMs: 5 * MINUTE_MS,
  maxSnapshots: 50,
  maxAgeMs: 14 * DAY_MS,
  maxBytes: 2_048 * MIB,
  maxFileBytes: 64 * MIB,
  maxUntrackedBytes: 256 * MIB,
};

/** Milliseconds. Closer together, the clock's snapshots would cost more than the work they keep. */
const SHORTEST_INTERVAL_MS = 10_000;

/** Reads the section; every bound is checked by itself and against the others. */
export function readVaultSettings(reader: SettingsReader, defaults: VaultSettings): VaultSettings {
  const key = (name: keyof VaultSettings): string => `controlRoom.vault.${name}`;
  const bytes = (name: 'maxBytes' | 'maxFileBytes' | 'maxUntrackedBytes'): number =>
    reader.number(key(name), defaults[name], { integer: true, min: 0, unit: 'bytes' });
  const settings: VaultSettings = {
    intervalMs: reader.number(key('intervalMs'), defaults.intervalMs, {
      integer: true,
      min: 0,
      max: DAY_MS,
      unit: 'milliseconds',
    }),
    maxSnapshots: reader.number(key('maxSnapshots'), defaults.maxSnapshots, { integer: true, min: 1, max: 10_000 }),
    maxAgeMs: reader.number(key('maxAgeMs'), defaults.maxAgeMs, {
      integer: true,
      min: MINUTE_MS,
      unit: 'milliseconds',
    }),
    maxBytes: bytes('maxBytes'),
    maxFileBytes: bytes('maxFileBytes'),
    maxUntrackedBytes: bytes('maxUntrackedBytes'),
  };
  if (settings.intervalMs > 0 && settings.intervalMs < SHORTEST_INTERVAL_MS) {
    reader.reject(
      key('intervalMs'),
      settings.intervalMs,
      `it must be at least ${SHORTEST_INTERVAL_MS}, or 0 for no snapshots by the clock`,
    );
  }
  if (settings.maxUntrackedBytes < settings.maxFileBytes) {
    reader.reject(
      key('maxUntrackedBytes'),
      settings.maxUntrackedBytes,
      `it must be at least maxFileBytes (${settings.maxFileBytes}): raise it or lower that`,
    );
  }
  return settings;
}
