import { valueAt } from './merge.ts';
import { isMapping, type YamlMapping, type YamlValue } from './yamlText.ts';

/** One thing that is wrong with a settings document. */
export interface SettingsProblem {
  /** Dotted key, lists with their index: `project.qualityGates[1].command`. */
  readonly key: string;
  readonly value: unknown;
  /** What the value must be and what to do, as the end of a sentence. */
  readonly remedy: string;
}

/** Limits of a number; a missing bound is open. */
export interface NumberRule {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
  readonly integer?: boolean;
  readonly unit?: string;
}

/**
 * Reads typed values out of a settings document. A missing key gives the default; a wrong one gives the default too and is
 * noted as a problem, so that one pass finds everything that is wrong.
 */
export class SettingsReader {
  readonly problems: SettingsProblem[] = [];
  readonly warnings: string[] = [];
  readonly document: YamlMapping;

  constructor(document: YamlMapping) {
    this.document = document;
  }

  /** Notes a problem. */
  reject(key: string, value: unknown, remedy: string): void {
    this.problems.push({ key, value, remedy });
  }

  /** Raw value, or undefined when the key is missing. */
  raw(key: string): YamlValue | undefined {
    return valueAt(this.document, key.split('.'));
  }

  /** Text that is not blank. Numbers are taken as text: a project may well be called 2048. */
  text(key: string, fallback: string): string {
    const value = this.raw(key);
    if (value === undefined) return fallback;
    if (typeof value === 'number') return String(value);
    if (typeof value === 'string' && value.trim() !== '') return value;
    this.reject(key, value, 'it must be non-empty text');
    return fallback;
  }

  /** Text that may be absent; an explicit null unsets it. */
  optionalText(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string' && value.trim() !== '') return value;
    this.reject(key, value, 'it must be non-empty text, or be left out');
    return undefined;
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.raw(key);
    if (value === undefined) return fallback;
    if (typeof value === 'boolean') return value;
    this.reject(key, value, 'it must be true or false');
    return fallback;
  }

  number(key: string, fallback: number, rule: NumberRule): number {
    const value = this.raw(key);
    if (value === undefined) return fallback;
    if (typeof value === 'number' && fits(value, rule)) return value;
    this.reject(key, value, `it must be ${describe(rule)}`);
    return fallback;
  }

  choice<Choice extends string>(key: string, fallback: Choice, choices: readonly Choice[]): Choice {
    const value = this.raw(key);
    if (value === undefined) return fallback;
    const known = choices.find((choice) => choice === value);
    if (known !== undefined) return known;
    this.reject(key, value, `it must be one of ${choices.join(', ')}`);
    return fallback;
  }

  /** List of texts; an explicit null empties it. */
  texts(key: string, fallback: readonly string[]): readonly string[] {
    const value = this.raw(key);
    if (value === undefined) return fallback;
    if (value === null) return [];
    if (isList(value) && value.every((item): item is string => typeof item === 'string' && item.trim() !== '')) {
      return value;
    }
    this.reject(key, value, 'it must be a list of texts, one "- item" a line');
    return fallback;
  }

  /** Mapping of names to texts, laid over the default; null empties it, a null entry removes that entry. */
  textMap(key: string, fallback: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const entries = this.entries(key);
    if (entries === undefined) return fallback;
    if (entries === null) return {};
    const map: Record<string, string> = { ...fallback };
    for (const [name, value] of entries) {
      if (value === null) delete map[name];
      else if (typeof value === 'string' && value.trim() !== '') map[name] = value;
      else this.reject(`${key}.${name}`, value, 'it must be non-empty text');
    }
    return map;
  }

  /** Entries of a section; undefined when it is missing or wrong, null when it is explicitly null. */
  entries(key: string): ReadonlyArray<readonly [string, YamlValue]> | null | undefined {
    const value = this.raw(key);
    if (value === undefined || value === null) return value;
    if (isMapping(value)) return Object.entries(value);
    this.reject(key, value, 'it must be a section of indented "key: value" lines');
    return undefined;
  }
}

/** True for a list of plain data. */
export function isList(value: YamlValue | undefined): value is readonly YamlValue[] {
  return Array.isArray(value);
}

function fits(value: number, rule: NumberRule): boolean {
  if (!Number.isFinite(value)) return false;
  if (rule.integer === true && !Number.isInteger(value)) return false;
  if (rule.above !== undefined && value <= rule.above) return false;
  return (rule.min === undefined || value >= rule.min) && (rule.max === undefined || value <= rule.max);
}

function describe(rule: NumberRule): string {
  const kind = rule.integer === true ? 'a whole number' : 'a number';
  const unit = rule.unit === undefined ? '' : ` of ${rule.unit}`;
  const bounds: string[] = [];
  if (rule.above !== undefined) {
    bounds.push(rule.max === undefined ? `above ${rule.above}` : `above ${rule.above} and at most ${rule.max}`);
    return [kind + unit, ...bounds].join(' ');
  }
  if (rule.min !== undefined && rule.max !== undefined) bounds.push(`from ${rule.min} to ${rule.max}`);
  else if (rule.min !== undefined) bounds.push(`of at least ${rule.min}`);
  else if (rule.max !== undefined) bounds.push(`of at most ${rule.max}`);
  return [kind + unit, ...bounds].join(' ').replace(/ of (\S+) of /, ' of $1, ');
}
