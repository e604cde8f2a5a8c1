import { z } from 'zod';
import { LIMITS } from './limits.ts';

/** The two files of settings: the team's `config.yaml`, and `config.local.yaml` of this machine, which wins. */
export const CONFIG_FILES = ['project', 'local'] as const;
export const ConfigFileName = z.enum(CONFIG_FILES);
export type ConfigFileName = z.infer<typeof ConfigFileName>;

/** A value as it stands in the file: text, number, switch, list or section. */
export const ConfigValue = z.json();
export type ConfigValue = z.infer<typeof ConfigValue>;

/** From when on a changed setting holds. */
export const CONFIG_EFFECTS = ['now', 'nextTurn', 'nextAgent', 'nextMerge', 'restart'] as const;
export const ConfigEffect = z.enum(CONFIG_EFFECTS);
export type ConfigEffect = z.infer<typeof ConfigEffect>;

/** The end of the sentence "it holds ...", for every face. */
export const CONFIG_EFFECT_WORDS: Readonly<Record<ConfigEffect, string>> = {
  now: 'at once',
  nextTurn: 'from the next turn on',
  nextAgent: 'for agents slung from now on',
  nextMerge: 'from the next merge on',
  restart: 'when the engine next starts',
};

/** One setting: what is in force and where it comes from. */
export const SettingView = z.object({
  /** Dotted, such as `runtime.default` or `models.builder`. */
  key: z.string(),
  /** Null when nothing is set and nothing is built in. */
  value: ConfigValue,
  from: z.enum(['default', ...CONFIG_FILES]),
  effect: ConfigEffect,
});
export type SettingView = z.infer<typeof SettingView>;

/** All settings of the project. */
export const ConfigView = z.object({
  /** Of both files together; a write names the version it was made on. */
  version: z.string(),
  settings: z.array(SettingView),
  /** One line each: old words, unknown keys, doubtful values. */
  warnings: z.array(z.string()),
  /** Why the files as they are now cannot be used; the engine goes on with what it read before. */
  problem: z.string().nullable(),
  /** The files that exist. */
  files: z.array(ConfigFileName),
});
export type ConfigView = z.infer<typeof ConfigView>;

/** One change of one key; without a value the key is taken out of the file. */
export const ConfigChange = z.object({
  key: z.string().min(1).max(200),
  value: ConfigValue.optional(),
});
export type ConfigChange = z.infer<typeof ConfigChange>;

/** Changes that are made together or not at all. */
export const WriteConfigInput = z.object({
  /** From `config.read`: files that were changed since refuse the write. Absent: whatever they are now. */
  version: z.string().max(100).optional(),
  file: ConfigFileName.default('project'),
  changes: z.array(ConfigChange).min(1).max(LIMITS.pageRows),
});
export type WriteConfigInput = z.infer<typeof WriteConfigInput>;

export const WriteConfigReply = z.object({
  view: ConfigView,
  /** Keys of `config.yaml` that were written and have no effect, because `config.local.yaml` sets them too. */
  overridden: z.array(z.string()),
});
export type WriteConfigReply = z.infer<typeof WriteConfigReply>;
