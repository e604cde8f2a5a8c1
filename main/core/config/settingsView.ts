import type { ConfigFileName, ConfigValue, SettingView } from '../../../contract/config.ts';
import { effectOf } from './effects.ts';
import { valueAt } from './merge.ts';
import type { Config } from './schema.ts';
import { PRICES } from './settingKeys.ts';
import { KNOWN, type KnownKeys } from './unknownKeys.ts';
import { isMapping, type YamlMapping } from './yamlValue.ts';

/** The project's own folder: whatever a file says, it is where the file lies. */
const NOT_SHOWN = new Set(['project.root']);

/** Every setting in the order of the reference's sections, with what is in force and where it comes from. Pure. */
export function settingsOf(documents: Readonly<Record<ConfigFileName, YamlMapping>>, config: Config): SettingView[] {
  const inForce = config as unknown as YamlMapping; // Plain data by its type; the mapping's index is what it lacks.
  const settings: SettingView[] = [];

  function add(path: readonly string[]): void {
    const key = path.join('.');
    if (NOT_SHOWN.has(key)) return;
    const local = valueAt(documents.local, path);
    const project = valueAt(documents.project, path);
    const value = local ?? project ?? valueAt(inForce, path) ?? null;
    const from = local !== undefined ? 'local' : project !== undefined ? 'project' : 'default';
    settings.push({ key, value: value as ConfigValue, from, effect: effectOf(key) });
  }

  function walk(known: KnownKeys, above: readonly string[]): void {
    for (const [key, below] of Object.entries(known)) {
      const path = [...above, key];
      if (below !== null) walk(below, path);
      else {
        const names = entriesAt(path);
        if (names === null) add(path);
        else for (const name of names) add([...path, name]);
      }
    }
  }

  /** Names a person chose, such as roles under `models`; null where there is a plain value. */
  function entriesAt(path: readonly string[]): readonly string[] | null {
    const found = [valueAt(documents.local, path), valueAt(documents.project, path), valueAt(inForce, path)];
    if (found.some((value) => value !== undefined && value !== null && !isMapping(value)) && !isPriceList(path))
      return null;
    const sections = (isPriceList(path) ? found.slice(0, 2) : found).filter(isMapping);
    if (sections.length === 0) return isPriceList(path) ? [] : null;
    return [...new Set(sections.flatMap((section) => Object.keys(section)))];
  }

  walk(KNOWN, []);
  return settings;
}

/** In the file by name, in force as a list: shown as it is in the file. */
function isPriceList(path: readonly string[]): boolean {
  return path.join('.') === PRICES;
}
