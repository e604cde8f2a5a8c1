import { fail, ok, type Result } from '../../../contract/result.ts';
import { WatchdogLimitName, WatchdogLimits, type WatchdogLimitView } from '../../../contract/watchdogLimits.ts';
import type { OwnWatchdogSettings } from '../config/ownWatchdog.ts';
import type { Config } from '../config/schema.ts';
import type { ControlStore } from '../control/controlStore.ts';

/** The part of the settings the watchdog reads. */
export type WatchdogConfig = Pick<Config, 'watchdog' | 'coordinator'> & {
  readonly controlRoom: { readonly watchdog: OwnWatchdogSettings };
};

/** Values a person set in the room. */
export type LimitWishes = Partial<WatchdogLimits>;

/** Name of the setting that holds them. */
const SETTING = 'watchdog.limits';

const NAMES = WatchdogLimitName.options;

/** The limits a config says. */
export function limitsOf(config: WatchdogConfig): WatchdogLimits {
  const { staleThresholdMs, zombieThresholdMs, nudgeIntervalMs, maxEscalationLevel } = config.watchdog;
  const { loopRounds, loopMinimumMs } = config.controlRoom.watchdog;
  return { staleThresholdMs, zombieThresholdMs, nudgeIntervalMs, maxEscalationLevel, loopRounds, loopMinimumMs };
}

/** What was kept, without what this version does not know or would refuse. */
export function readWishes(kept: unknown): LimitWishes {
  const shape = WatchdogLimits.shape;
  const wishes: { -readonly [Name in keyof LimitWishes]: LimitWishes[Name] } = {};
  if (typeof kept !== 'object' || kept === null) return wishes;
  for (const name of NAMES) {
    const parsed = shape[name].safeParse((kept as Readonly<Record<string, unknown>>)[name]);
    if (parsed.success) wishes[name] = parsed.data;
  }
  return wishes;
}

/** The config with the wishes in it. Two wishes that contradict a config edited since are left out. */
export function withLimits<Given extends WatchdogConfig>(config: Given, wishes: LimitWishes): Given {
  if (Object.keys(wishes).length === 0) return config;
  const limits = { ...limitsOf(config), ...wishes };
  if (limits.zombieThresholdMs <= limits.staleThresholdMs) return config;
  const { loopRounds, loopMinimumMs, ...times } = limits;
  return {
    ...config,
    watchdog: { ...config.watchdog, ...times },
    controlRoom: { ...config.controlRoom, watchdog: { ...config.controlRoom.watchdog, loopRounds, loopMinimumMs } },
  };
}

/** Checks one value beside the others; the line names what it may be. */
export function checkLimit(
  name: WatchdogLimitName,
  value: number | null,
  config: WatchdogConfig,
  wishes: LimitWishes,
): Result<LimitWishes> {
  const { [name]: _former, ...others } = wishes;
  const next: LimitWishes = value === null ? others : { ...others, [name]: value };
  const parsed = WatchdogLimits.safeParse({ ...limitsOf(config), ...next });
  if (!parsed.success) {
    const { minimum, maximum } = boundsOf(name);
    return fail('validation', `${name} must be a whole number from ${minimum} to ${maximum}, not ${value}`, {
      field: name,
    });
  }
  const { staleThresholdMs, zombieThresholdMs } = parsed.data;
  if (zombieThresholdMs <= staleThresholdMs)
    return fail(
      'validation',
      `zombieThresholdMs (${zombieThresholdMs}) must be greater than staleThresholdMs (${staleThresholdMs}): change the other one first`,
      { field: name },
    );
  return ok(next);
}

/** Smallest and greatest value of a limit. */
function boundsOf(name: WatchdogLimitName): { readonly minimum: number; readonly maximum: number } {
  const { minValue, maxValue } = WatchdogLimits.shape[name];
  return { minimum: minValue ?? 0, maximum: maxValue ?? Number.MAX_SAFE_INTEGER };
}

/** The limits in force: config.yaml, and what a person set in the room before it. */
export interface WatchdogLimitService {
  /** The config the watchdog reads. */
  config(): WatchdogConfig;
  views(): WatchdogLimitView[];
  set(name: WatchdogLimitName, value: number | null): Result<WatchdogLimitView[]>;
}

export function createWatchdogLimits(
  control: Pick<ControlStore, 'getSetting' | 'putSetting'>,
  config: () => WatchdogConfig,
  onChange: () => void = () => {},
): WatchdogLimitService {
  let wishes = readWishes(control.getSetting(SETTING));
  /** Made once for a config and its wishes: it is read many times a second. */
  let made: { readonly from: WatchdogConfig; readonly by: LimitWishes; readonly merged: WatchdogConfig } | null = null;
  function merged(): WatchdogConfig {
    const from = config();
    if (made === null || made.from !== from || made.by !== wishes)
      made = { from, by: wishes, merged: withLimits(from, wishes) };
    return made.merged;
  }
  function views(): WatchdogLimitView[] {
    const now = limitsOf(merged());
    const presets = limitsOf(config());
    return NAMES.map((name) => ({ name, value: now[name], preset: presets[name] }));
  }
  return {
    config: merged,
    views,
    set(name, value) {
      const checked = checkLimit(name, value, config(), wishes);
      if (!checked.ok) return checked;
      wishes = checked.value;
      control.putSetting(SETTING, wishes);
      onChange();
      return ok(views());
    },
  };
}
