import { createHash } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CONFIG_FILES,
  type ConfigChange,
  type ConfigFileName,
  type ConfigView,
  type WriteConfigInput,
  type WriteConfigReply,
} from '../../../contract/config.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { errorLine, isMissing, readTextIfPresent } from '../util/files.ts';
import { SerialQueue } from '../util/serialQueue.ts';
import { editYaml } from './editYaml.ts';
import { migrateLegacy } from './legacy.ts';
import { resolveConfig } from './loadConfig.ts';
import { valueAt } from './merge.ts';
import { CONFIG_FILE, type Config, LOCAL_CONFIG_FILE, STATE_FOLDER } from './schema.ts';
import { isSection, pathOf, refuseUnknown } from './settingKeys.ts';
import { settingsOf } from './settingsView.ts';
import { parseYamlMapping, type YamlMapping } from './yamlText.ts';

const PATHS: Readonly<Record<ConfigFileName, string>> = { project: CONFIG_FILE, local: LOCAL_CONFIG_FILE };

/** Milliseconds after the last touch of a file: editors write in several steps. */
const SETTLE_MS = 150;

/** The project's settings: what is in force, and how it is changed. */
export interface ConfigService {
  /** What is in force. */
  current(): Config;
  /** Version of what is in force, and why newer files cannot be used; null when they can. */
  state(): { readonly version: string; readonly problem: string | null };
  /** Reads the files as they are now, and has them take effect where they can be used. */
  read(): Promise<Result<ConfigView>>;
  /** Changes one file, comments kept. Refused with `config` when the outcome cannot be used, with `conflict` when the files were changed meanwhile. */
  write(input: WriteConfigInput): Promise<Result<WriteConfigReply>>;
  /** Follows changes by editors and other processes. */
  follow(): void;
  close(): void;
}

export interface ConfigServiceOptions {
  readonly projectRoot: string;
  /** What is in force at first; absent: whatever the files say, read by the first call. */
  readonly initial: Config;
  /** Called when other settings are in force, or files cannot be used any more. */
  readonly onChange: () => void;
  readonly warn: (line: string) => void;
}

interface Files {
  readonly texts: Readonly<Record<ConfigFileName, string | null>>;
  readonly version: string;
}

export function createConfigService(options: ConfigServiceOptions): ConfigService {
  const { projectRoot, warn } = options;
  const queue = new SerialQueue();
  let config = options.initial;
  let inForce: string | null = null;
  let problem: string | null = null;
  let watcher: FSWatcher | null = null;
  let settle: NodeJS.Timeout | null = null;

  async function readFiles(): Promise<Result<Files>> {
    const texts: Record<ConfigFileName, string | null> = { project: null, local: null };
    for (const file of CONFIG_FILES) {
      try {
        texts[file] = await readTextIfPresent(join(projectRoot, PATHS[file]));
      } catch (error) {
        return fail('config', `${PATHS[file]} cannot be read (${errorLine(error)}); check its permissions`);
      }
    }
    return ok({ texts, version: versionOf(texts) });
  }

  /** Has files take effect, or notes why they cannot. */
  function apply(files: Files): Result<ConfigView> {
    const loaded = load(files.texts, projectRoot);
    const before = { inForce, problem };
    if (!loaded.ok) {
      problem = loaded.error.message;
      if (problem !== before.problem) {
        warn(`${problem}; the settings read before stay in force`);
        options.onChange();
      }
      return loaded;
    }
    problem = null;
    if (files.version !== inForce) {
      config = loaded.value.config;
      inForce = files.version;
    }
    if (before.inForce !== inForce || before.problem !== null) options.onChange();
    return ok({
      version: files.version,
      settings: settingsOf(loaded.value.documents, config),
      warnings: [...loaded.value.warnings],
      problem: null,
      files: CONFIG_FILES.filter((file) => files.texts[file] !== null),
    });
  }

  async function look(): Promise<Result<ConfigView>> {
    const files = await readFiles();
    if (!files.ok) return files;
    const applied = apply(files.value);
    if (applied.ok) return applied;
    // Files nobody can use are told of, with what is in force instead.
    return ok({
      version: files.value.version,
      settings: settingsOf({ project: {}, local: {} }, config),
      warnings: [],
      problem: applied.error.message,
      files: CONFIG_FILES.filter((file) => files.value.texts[file] !== null),
    });
  }

  async function change(input: WriteConfigInput): Promise<Result<WriteConfigReply>> {
    for (const { key } of input.changes) {
      const unknown = refuseUnknown(key);
      if (unknown !== null) return fail('validation', unknown, { field: key });
      if (isSection(key)) return fail('validation', `${key} is a section: name one setting in it`, { field: key });
      if (key === 'project.root')
        return fail('validation', 'project.root is always the folder of the project: it cannot be set', { field: key });
    }
    const files = await readFiles();
    if (!files.ok) return files;
    const { texts, version } = files.value;
    if (input.version !== undefined && input.version !== version)
      return fail(
        'conflict',
        'the settings were changed meanwhile by somebody else: look at them and change them again',
      );
    const file = PATHS[input.file];
    const text = texts[input.file] ?? '';
    const old = refuseOldWords(text, file, input.changes);
    if (old !== null) return fail('config', old);
    const edited = editYaml(text, input.changes, file);
    if (!edited.ok) return edited;
    const after = { ...texts, [input.file]: edited.value };
    const loaded = load(after, projectRoot);
    if (!loaded.ok) return loaded;
    if (edited.value !== text) {
      try {
        await replaceFile(join(projectRoot, file), edited.value);
      } catch (error) {
        return fail('config', `${file} cannot be written (${errorLine(error)}); check its permissions`);
      }
    }
    const view = apply({ texts: after, version: versionOf(after) });
    if (!view.ok) return view;
    const overridden =
      input.file === 'local'
        ? []
        : input.changes
            .filter(({ key }) => valueAt(loaded.value.documents.local, pathOf(key)) !== undefined)
            .map(({ key }) => key);
    return ok({ view: view.value, overridden });
  }

  const reread = (): Promise<Result<ConfigView>> => queue.run('config', look);

  return {
    current: () => config,
    state: () => ({ version: inForce ?? '', problem }),
    read: reread,
    write: (input) => queue.run('config', () => change(input)),
    follow() {
      try {
        watcher = watch(join(projectRoot, STATE_FOLDER), { persistent: false }, (_event, name) => {
          if (name === null || !/^config(\.local)?\.yaml$/.test(name)) return;
          if (settle !== null) clearTimeout(settle);
          settle = setTimeout(() => {
            settle = null;
            void reread().then((seen) => {
              if (!seen.ok) warn(seen.error.message);
            });
          }, SETTLE_MS);
          settle.unref();
        });
        watcher.on('error', () => watcher?.close());
      } catch (error) {
        // The folder cannot be watched: changes by hand are seen by the next who asks for the settings.
        warn(`changes of ${CONFIG_FILE} by hand are not noticed at once (${errorLine(error)})`);
      }
    },
    close() {
      watcher?.close();
      watcher = null;
      if (settle !== null) clearTimeout(settle);
    },
  };
}

interface Loaded {
  readonly config: Config;
  readonly warnings: readonly string[];
  /** In today's words. */
  readonly documents: Readonly<Record<ConfigFileName, YamlMapping>>;
}

function load(texts: Files['texts'], projectRoot: string): Result<Loaded> {
  const project = parseYamlMapping(texts.project ?? '', CONFIG_FILE);
  if (!project.ok) return project;
  const local = parseYamlMapping(texts.local ?? '', LOCAL_CONFIG_FILE);
  if (!local.ok) return local;
  const resolved = resolveConfig(project.value, local.value, projectRoot);
  if (!resolved.ok) return resolved;
  const migrated = migrateLegacy(project.value, local.value);
  return ok({
    ...resolved.value,
    documents: { project: migrated.base.document, local: migrated.local.document },
  });
}

/** Old and new words of one section in one file would mean something else than either (spec 03 §5.3). */
function refuseOldWords(text: string, file: string, changes: readonly ConfigChange[]): string | null {
  const parsed = parseYamlMapping(text, file);
  if (!parsed.ok) return null;
  const touched = (section: string): boolean => changes.some(({ key }) => key.startsWith(`${section}.`));
  const warnings = migrateLegacy(parsed.value, {}).base.warnings;
  const old = warnings.find(
    (line) =>
      (line.includes('watchdog.') && touched('watchdog')) || (line.includes('taskTracker') && touched('taskTracker')),
  );
  return old === undefined
    ? null
    : `${file} still uses old words: ${old.replace('DEPRECATED: ', '')}, then change it here`;
}

/** A link to a file stays a link; the file keeps who may read it. */
async function replaceFile(path: string, text: string): Promise<void> {
  try {
    const target = await realpath(path);
    await writeFileAtomic(target, text, (await stat(target)).mode & 0o777);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await writeFileAtomic(path, text);
  }
}

function versionOf(texts: Files['texts']): string {
  const hash = createHash('sha256');
  for (const file of CONFIG_FILES) hash.update(texts[file] === null ? '\0absent' : `\0${texts[file]}`);
  return hash.digest('hex').slice(0, 20);
}
