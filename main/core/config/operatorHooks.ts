import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { errorLine, readTextIfPresent } from '../util/files.ts';
import { isMapping } from './yamlValue.ts';

/** One entry of a hook event: which tools, and what is run. Fields we do not know are kept. */
type HookEntry = Readonly<Record<string, unknown>>;
/** Entries by event, as Claude Code's settings hold them. */
export type Hooks = Readonly<Record<string, readonly HookEntry[]>>;

/** Where the hooks of a person's own agent go, relative to the project. */
export const HOOKS_TARGET = '.claude/settings.local.json';
const SOURCE = '.overstory/hooks.json';

/** Hooks of a person's own agent, which `ov init` writes and only `ov hooks install` puts to use (spec 02 §3.15). */
export function operatorHooks(): { readonly hooks: Hooks } {
  const entry = (matcher: string, ...commands: readonly string[]): HookEntry => ({
    matcher,
    hooks: commands.map((command) => ({ type: 'command', command })),
  });
  return {
    hooks: {
      SessionStart: [entry('', 'ov prime --agent orchestrator')],
      UserPromptSubmit: [entry('', 'ov mail check --inject --agent orchestrator')],
      PreToolUse: [
        entry('Bash', 'ov guard --agent orchestrator'),
        entry('', 'ov log tool-start --agent orchestrator --stdin'),
      ],
      PostToolUse: [entry('', 'ov log tool-end --agent orchestrator --stdin')],
      Stop: [entry('', 'ov log session-end --agent orchestrator --stdin')],
      PreCompact: [entry('', 'ov prime --agent orchestrator --compact')],
    },
  };
}

/**
 * Adds hooks to those that are there, event by event (spec 02 §3.15). An entry that is there already is not added; one of
 * ours from an earlier version makes way for the new ones instead of standing beside them. Pure.
 */
export function mergeHooks(present: Hooks, incoming: Hooks): Hooks {
  const merged: Record<string, readonly HookEntry[]> = { ...present };
  for (const [event, entries] of Object.entries(incoming)) {
    const kept = (present[event] ?? []).filter((entry) => !isOurs(entry) || entries.some((one) => same(one, entry)));
    merged[event] = [...kept, ...entries.filter((entry) => !kept.some((one) => same(one, entry)))];
  }
  return merged;
}

/** Takes ours out and leaves a person's own; events without any entry go. Pure. */
export function withoutOurHooks(present: Hooks): Hooks {
  return Object.fromEntries(
    Object.entries(present)
      .map(([event, entries]) => [event, entries.filter((entry) => !isOurs(entry))] as const)
      .filter(([, entries]) => entries.length > 0),
  );
}

/** True for an entry all of whose commands are calls of `ov` for the person's own agent. */
function isOurs(entry: HookEntry): boolean {
  const commands = commandsOf(entry);
  return commands.length > 0 && commands.every((command) => /^\s*ov\s.*--agent\s+orchestrator\b/.test(command));
}

function commandsOf(entry: HookEntry): readonly string[] {
  return (Array.isArray(entry.hooks) ? entry.hooks : []).flatMap((hook) =>
    isMapping(hook) && typeof hook.command === 'string' ? [hook.command] : [],
  );
}

/** Same matcher, same commands in the same order. */
function same(one: HookEntry, other: HookEntry): boolean {
  return (one.matcher ?? '') === (other.matcher ?? '') && commandsOf(one).join('\n') === commandsOf(other).join('\n');
}

export interface HooksStatus {
  readonly sourceExists: boolean;
  /** Ours are among the hooks of the project's settings. */
  readonly installed: boolean;
}

/** @returns `present` when hooks are there already and nothing was changed. */
export async function installHooks(root: string, force: boolean): Promise<Result<'installed' | 'present'>> {
  const source = await readJson(join(root, SOURCE));
  if (!source.ok) return source;
  if (source.value === null)
    return fail('validation', `${SOURCE} is missing: "ov init --force" writes it again and keeps what it replaces`, {
      field: 'source',
    });
  const settings = await readJson(join(root, HOOKS_TARGET));
  if (!settings.ok) return settings;
  const present = settings.value ?? {};
  if (present.hooks !== undefined && !force) return ok('present');
  const hooks = mergeHooks(hooksOf(present), hooksOf(source.value));
  const written = await writeJson(join(root, HOOKS_TARGET), { ...present, hooks });
  return written.ok ? ok('installed') : written;
}

/** @returns what was done: the file went with its last key, ours were taken out, or there was nothing of ours. */
export async function uninstallHooks(root: string): Promise<Result<'file removed' | 'removed' | 'none'>> {
  const path = join(root, HOOKS_TARGET);
  const settings = await readJson(path);
  if (!settings.ok) return settings;
  if (settings.value === null || settings.value.hooks === undefined) return ok('none');
  const { hooks: _, ...others } = settings.value;
  const before = hooksOf(settings.value);
  const left = withoutOurHooks(before);
  if (JSON.stringify(left) === JSON.stringify(before) && Object.keys(before).length > 0) return ok('none');
  if (Object.keys(left).length === 0 && Object.keys(others).length === 0) {
    try {
      await rm(path);
      return ok('file removed');
    } catch (error) {
      return fail('config', `${HOOKS_TARGET} cannot be removed (${errorLine(error)}); check its permissions`);
    }
  }
  const written = await writeJson(path, Object.keys(left).length === 0 ? others : { ...others, hooks: left });
  return written.ok ? ok('removed') : written;
}

export async function hooksStatus(root: string): Promise<Result<HooksStatus>> {
  const source = await readJson(join(root, SOURCE));
  if (!source.ok) return source;
  const settings = await readJson(join(root, HOOKS_TARGET));
  if (!settings.ok) return settings;
  const entries = Object.values(hooksOf(settings.value ?? {})).flat();
  return ok({ sourceExists: source.value !== null, installed: entries.some(isOurs) });
}

function hooksOf(settings: Readonly<Record<string, unknown>>): Hooks {
  const hooks = isMapping(settings.hooks) ? settings.hooks : {};
  return Object.fromEntries(
    Object.entries(hooks).map(([event, entries]) => [event, Array.isArray(entries) ? entries.filter(isMapping) : []]),
  );
}

async function readJson(path: string): Promise<Result<Readonly<Record<string, unknown>> | null>> {
  try {
    const text = await readTextIfPresent(path);
    if (text === null) return ok(null);
    const value: unknown = JSON.parse(text);
    if (isMapping(value)) return ok(value);
    return fail('config', `${path} holds no object: repair it or remove it`);
  } catch (error) {
    return fail('config', `${path} cannot be read (${errorLine(error)}): repair it or remove it`);
  }
}

async function writeJson(path: string, value: unknown): Promise<Result<null>> {
  try {
    await writeFileAtomic(path, `${JSON.stringify(value, null, '\t')}\n`);
    return ok(null);
  } catch (error) {
    return fail('config', `${path} cannot be written (${errorLine(error)}); check space and permissions`);
  }
}
