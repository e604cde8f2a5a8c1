import { isMapping, type YamlMapping, type YamlValue } from './yamlText.ts';

/**
 * Lays one document over another: mappings merge deeply, lists and everything else replace, an explicit null overwrites
 * (spec 03 §5.1). Neither argument is changed.
 */
export function mergeDocuments(base: YamlMapping, over: YamlMapping): YamlMapping {
  const merged: Record<string, YamlValue> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isMapping(value) && isMapping(below) ? mergeDocuments(below, value) : value;
  }
  return merged;
}

/** The value at a path of keys, or undefined when any step is missing. */
export function valueAt(document: YamlMapping, path: readonly string[]): YamlValue | undefined {
  let current: YamlValue | undefined = document;
  for (const key of path) {
    if (!isMapping(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
}
