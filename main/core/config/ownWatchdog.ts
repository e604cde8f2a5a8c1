import { type RuleMode, WATCHDOG_RULES } from '../../../contract/evidence.ts';
import type { SettingsReader } from './settingsReader.ts';

/** Settings of the watchdog beside the reference's own section: `controlRoom.watchdog`. */
export interface OwnWatchdogSettings {
  /** Rules that act, and rules that only record what they would do; the operator's switch goes before both. */
  readonly live: readonly string[];
  readonly shadow: readonly string[];
  /** Rules that do not even record. */
  readonly off: readonly string[];
  /** Rounds of the same steps, without a new file, commit or mail, after which an agent counts as looping. */
  readonly loopRounds: number;
  /** Milliseconds those rounds must have taken at least: a quick burst of equal calls is no loop. */
  readonly loopMinimumMs: number;
  /** Milliseconds between two looks at what costs nothing to look at; the whole look follows `tier0IntervalMs`. */
  readonly refreshMs: number;
}

export const DEFAULT_OWN_WATCHDOG: OwnWatchdogSettings = {
  live: [],
  shadow: [],
  off: [],
  loopRounds: 8,
  loopMinimumMs: 120_000,
  refreshMs: 5_000,
};

/** Reads the section; a rule nobody knows is refused with the list. */
export function readOwnWatchdog(reader: SettingsReader): OwnWatchdogSettings {
  const base = DEFAULT_OWN_WATCHDOG;
  const key = 'controlRoom.watchdog';
  const rules = (name: RuleMode): readonly string[] => {
    const given = reader.texts(`${key}.${name}`, base[name]);
    const unknown = given.find((rule) => !WATCHDOG_RULES.some((known) => known === rule));
    if (unknown === undefined) return given;
    reader.reject(`${key}.${name}`, unknown, `it must be one of ${WATCHDOG_RULES.join(', ')}`);
    return base[name];
  };
  const live = rules('live');
  const shadow = rules('shadow');
  const off = rules('off');
  const all = [...live, ...shadow, ...off];
  const twice = all.find((rule, at) => all.indexOf(rule) !== at);
  if (twice !== undefined) reader.reject(key, twice, 'it stands under more than one of live, shadow and off: keep one');
  return {
    live,
    shadow,
    off,
    loopRounds: reader.number(`${key}.loopRounds`, base.loopRounds, { integer: true, min: 3, max: 12 }),
    loopMinimumMs: reader.number(`${key}.loopMinimumMs`, base.loopMinimumMs, { min: 0, unit: 'milliseconds' }),
    refreshMs: reader.number(`${key}.refreshMs`, base.refreshMs, { min: 100, unit: 'milliseconds' }),
  };
}
