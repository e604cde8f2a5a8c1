import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { errorLine, isMissing } from '../util/files.ts';
import { migrateLegacy } from './legacy.ts';
import { mergeDocuments, valueAt } from './merge.ts';
import { CONFIG_FILE, type Config, LOCAL_CONFIG_FILE } from './schema.ts';
import type { SettingsProblem } from './settingsReader.ts';
import { unknownKeyWarnings } from './unknownKeys.ts';
import { readSettings } from './validate.ts';
import { parseYamlMapping, type YamlMapping } from './yamlText.ts';

/** A usable config and what a person should know about it. */
export interface LoadedConfig {
  readonly config: Config;
  /** One line each: old words, unknown keys, doubtful values. */
  readonly warnings: readonly string[];
}

/**
 * Loads the settings of a project: defaults, then `config.yaml`, then `config.local.yaml` (spec 03 §5.1). Both files may
 * be missing. Every failure has the tag `config` and one line that names file, key, value and remedy.
 * @param root absolute project root; it replaces whatever `project.root` says.
 */
export async function loadConfig(root: string): Promise<Result<LoadedConfig>> {
  const base = await readDocument(join(root, CONFIG_FILE), CONFIG_FILE);
  if (!base.ok) return base;
  const local = await readDocument(join(root, LOCAL_CONFIG_FILE), LOCAL_CONFIG_FILE);
  if (!local.ok) return local;
  return resolveConfig(base.value, local.value, root);
}

/** The pure part of `loadConfig`: two documents as read, no I/O. */
export function resolveConfig(base: YamlMapping, local: YamlMapping, root: string): Result<LoadedConfig> {
  const migrated = migrateLegacy(base, local);
  const merged = mergeDocuments(migrated.base.document, migrated.local.document);
  const read = readSettings(merged, root);
  const first = read.problems[0];
  if (first !== undefined) {
    const file = fileOf(first, migrated.local.document);
    return fail('config', `${file}: ${first.key} is ${shown(first.value)}, but ${first.remedy}`, {
      field: first.key,
      data: { value: first.value, file, problems: read.problems.map((problem) => problem.key) },
    });
  }
  const warnings = [
    ...migrated.base.warnings,
    ...migrated.local.warnings,
    ...unknownKeyWarnings(migrated.base.document, CONFIG_FILE),
    ...unknownKeyWarnings(migrated.local.document, LOCAL_CONFIG_FILE),
    ...read.warnings,
  ];
  return ok({ config: read.config, warnings: [...new Set(warnings)] });
}

async function readDocument(path: string, label: string): Promise<Result<YamlMapping>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return ok({});
    return fail('config', `${label} cannot be read (${errorLine(error)}); check its permissions`, { data: { path } });
  }
  const parsed = parseYamlMapping(text, label);
  return parsed.ok ? parsed : fail(parsed.error.tag, parsed.error.message, { data: { path } });
}

/** The file that sets the key, the local one first because it wins. */
function fileOf(problem: SettingsProblem, local: YamlMapping): string {
  const path = problem.key.replace(/\[\d+\].*$/, '').split('.');
  return valueAt(local, path) === undefined ? CONFIG_FILE : LOCAL_CONFIG_FILE;
}

function shown(value: unknown): string {
  if (value === '') return 'empty';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
