import { KNOWN, type KnownKeys, nearest } from './unknownKeys.ts';

/** Section whose names are parts of models' names, which may have dots in them. */
export const PRICES = 'controlRoom.prices';

/** The steps of a dotted key. */
export function pathOf(key: string): readonly string[] {
  const prices = `${PRICES}.`;
  return key.startsWith(prices) ? [...PRICES.split('.'), key.slice(prices.length)] : key.split('.');
}

/** Null when somebody reads this key; else one line that says what is near it. */
export function refuseUnknown(key: string): string | null {
  let known: KnownKeys = KNOWN;
  const parts = key.split('.');
  for (const [depth, part] of parts.entries()) {
    if (part === '' || part === '__proto__') return `${key} is not a setting: write it like runtime.default`;
    if (!Object.hasOwn(known, part)) {
      const near = nearest(part, Object.keys(known));
      const above = parts
        .slice(0, depth)
        .map((name) => `${name}.`)
        .join('');
      return near === null
        ? `there is no setting ${key}: "ov config list" shows all`
        : `there is no setting ${key}: did you mean ${above}${near}?`;
    }
    const below = known[part];
    if (below === null || below === undefined) return null;
    known = below;
  }
  return null;
}

/** True for a section, which is no setting itself. */
export function isSection(key: string): boolean {
  let known: KnownKeys | null | undefined = KNOWN;
  for (const part of key.split('.')) {
    if (known === null || known === undefined) return false;
    known = known[part];
  }
  return known !== null && known !== undefined;
}
