import {
  CONFIG_EFFECT_WORDS,
  type ConfigFileName,
  type ConfigValue,
  type ConfigView,
  type SettingView,
} from '../../../contract/config.ts';
import type { RuntimeView } from '../../../contract/runtimes.ts';
import type { GlyphShape } from '../../components/Glyph.tsx';

/** Files by the names a person knows. */
export const ORIGIN_WORDS: Readonly<Record<SettingView['from'], string>> = {
  default: 'built in',
  project: 'config.yaml',
  local: 'config.local.yaml',
};

export function findSetting(view: ConfigView, key: string): SettingView | undefined {
  return view.settings.find((setting) => setting.key === key);
}

/** Where a change of a key belongs: what `config.local.yaml` sets is changed there, or the change would have no effect. */
export function fileFor(setting: SettingView | undefined, wanted: ConfigFileName): ConfigFileName {
  return setting?.from === 'local' ? 'local' : wanted;
}

/** What a person is told after a change: from when on it holds, or what overrides it. */
export function changeWords(view: ConfigView, keys: readonly string[], overridden: readonly string[]): string {
  const first = overridden[0];
  if (first !== undefined) return `config.local.yaml sets ${first} too, and wins: change it there.`;
  const effects = new Set(keys.map((key) => findSetting(view, key)?.effect ?? 'now'));
  const [only] = effects;
  if (effects.size !== 1 || only === undefined) return 'Kept.';
  return `Kept: it holds ${CONFIG_EFFECT_WORDS[only]}.`;
}

/** A value as one line: text as it is, everything else as in the file. */
export function valueText(value: ConfigValue): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What a person typed as a value: a number, a switch, a list or section as JSON, else text. */
export function typedValue(text: string): ConfigValue {
  const trimmed = text.trim();
  try {
    return JSON.parse(trimmed) as ConfigValue;
  } catch {
    // Not JSON: it is text, as in the file.
    return trimmed;
  }
}

/** How ready a runtime is, as glyph and words. */
export function readiness(runtime: RuntimeView): {
  readonly glyph: GlyphShape;
  readonly words: string;
  readonly ready: boolean;
} {
  if (!runtime.ready) return { glyph: 'open', words: 'not usable', ready: false };
  if (runtime.loggedIn === false) return { glyph: 'half', words: 'not logged in', ready: false };
  return { glyph: 'dot', words: runtime.loggedIn === true ? 'ready, logged in' : 'ready', ready: true };
}

/** How far the limits of roles hold under a runtime, in words. */
export function guardWords(runtime: RuntimeView): string {
  const level = runtime.guard?.level ?? runtime.features.guards;
  const shown =
    runtime.guard?.verified === true ? ', tried' : runtime.guard?.verified === false ? ', did not answer' : '';
  return `guards ${level}${shown}`;
}

/** Names for a choice of runtimes: those that are known, and whatever is set. */
export function runtimeNames(runtimes: readonly RuntimeView[], set: readonly (string | null)[]): readonly string[] {
  const known = runtimes.map((runtime) => runtime.name);
  const others = set.filter((name): name is string => name !== null && name !== '' && !known.includes(name));
  return [...new Set([...known, ...others])];
}
