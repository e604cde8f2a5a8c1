import { fail, ok, type Result } from '../../contract/result.ts';
import type { Action } from './registry.ts';
import { canonicalShortcut, shortcutLabel } from './shortcutNames.ts';

/** Shortcuts the person chose, by action id; an empty one takes the action's shortcut away. */
export type KeyChoices = Readonly<Record<string, string>>;

/** The shortcut an action has now: the person's choice, else its own. */
export function shortcutOf(action: Pick<Action, 'id' | 'shortcut'>, keys: KeyChoices): string | undefined {
  const chosen = keys[action.id];
  if (chosen === undefined) return action.shortcut;
  return chosen === '' ? undefined : chosen;
}

/** Keys that stay with the system, the window or the text that is typed, whatever action asks for them. */
const RESERVED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['A', 'C', 'V', 'X', 'Z', 'Y', 'Shift+Z'].map((key) => [`Mod+${key}`, 'editing text'])),
  ...Object.fromEntries(
    ['Q', 'W', 'M', 'H', 'R', 'T', 'Shift+R', 'Shift+T'].map((key) => [`Mod+${key}`, 'the window']),
  ),
  'Mod+O': 'opening a project',
  ...Object.fromEntries(['0', '-', '='].map((key) => [`Mod+${key}`, 'the zoom of the window'])),
  F6: 'leaving a terminal',
  F11: 'the full screen',
  F12: 'the system',
  'Mod+Tab': 'the system',
  'Alt+Tab': 'the system',
  'Alt+F4': 'the window',
};
/** Keys that walk, choose and leave everywhere. */
const WALKING =
  /^(Shift\+)?(Tab|Enter|Escape|Space|Backspace|Delete|Insert|Home|End|PageUp|PageDown|Arrow(Up|Down|Left|Right)|ContextMenu|F10)$/;

/**
 * Checks a shortcut a person chose for an action. Fails with one line: the key belongs to the system, to walking, to the
 * lists (a letter or digit alone), or to another action.
 */
export function checkShortcut(
  shortcut: string,
  action: Pick<Action, 'id'>,
  others: readonly { readonly id: string; readonly title: string; readonly shortcut: string | undefined }[],
  mac: boolean,
): Result<string> {
  const wanted = canonicalShortcut(shortcut);
  const label = shortcutLabel(wanted, mac);
  const owner = RESERVED[wanted];
  if (owner !== undefined) return fail('invalidState', `${label} belongs to ${owner}; choose another key.`);
  if (WALKING.test(wanted)) return fail('invalidState', `${label} moves and chooses everywhere; choose another key.`);
  if (/^[A-Z\d]$/.test(wanted)) {
    const more = mac ? 'Cmd, Option or Shift' : 'Ctrl, Alt or Shift';
    return fail('invalidState', `${label} alone belongs to the lists; add ${more}.`);
  }
  const same = others.find(
    (other) => other.id !== action.id && other.shortcut !== undefined && canonicalShortcut(other.shortcut) === wanted,
  );
  if (same !== undefined)
    return fail('conflict', `${label} already belongs to "${same.title}"; change that one first.`);
  return ok(wanted);
}

/** The choices after one more; choosing an action's own shortcut forgets the choice. */
export function withChoice(keys: KeyChoices, action: Pick<Action, 'id' | 'shortcut'>, shortcut: string): KeyChoices {
  const { [action.id]: _forgotten, ...rest } = keys;
  const own = action.shortcut === undefined ? '' : canonicalShortcut(action.shortcut);
  return shortcut === own ? rest : { ...rest, [action.id]: shortcut };
}
