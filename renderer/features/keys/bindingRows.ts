import type { Result } from '../../../contract/result.ts';
import { ACTION_GROUPS, type ActionGroup } from '../../../contract/shellActions.ts';
import { checkShortcut, shortcutOf, withChoice } from '../../actions/keyBindings.ts';
import { type Action, actionContext } from '../../actions/registry.ts';
import { canonicalShortcut, shortcutLabel } from '../../actions/shortcutNames.ts';
import { matchCommand } from '../../components/commandMatch.ts';
import type { Room } from '../../stores/room.ts';

/** An action with the keys it has now. */
export interface BindingRow {
  readonly action: Action;
  readonly title: string;
  readonly shortcut: string | undefined;
  /** True when the person changed it. */
  readonly changed: boolean;
}

/** A heading with its actions. */
export interface BindingGroup {
  readonly group: ActionGroup;
  readonly rows: readonly BindingRow[];
}

/** Every registered action with its keys, without an agent in its title. */
export function bindingRows(
  room: Room,
  actions: Iterable<Action>,
  keys: Readonly<Record<string, string>>,
): readonly BindingRow[] {
  const context = { ...actionContext(room), agent: null };
  return [...actions].map((action) => ({
    action,
    title: action.title(context),
    shortcut: shortcutOf(action, keys),
    changed: keys[action.id] !== undefined,
  }));
}

/** The rows that fit what was typed, under their headings. A key's own words are found too: `ctrl k`. */
export function groupRows(
  rows: readonly BindingRow[],
  typed: string,
  onlyWithKeys: boolean,
  mac: boolean,
): readonly BindingGroup[] {
  const fits = (row: BindingRow): boolean => {
    if (onlyWithKeys && row.shortcut === undefined && !row.changed) return false;
    const keys = row.shortcut === undefined ? '' : shortcutLabel(row.shortcut, mac);
    return matchCommand(typed, [row.title, row.action.group, row.action.keywords ?? '', keys]) > 0;
  };
  return ACTION_GROUPS.map((group) => ({
    group,
    rows: rows.filter((row) => row.action.group === group && fits(row)),
  })).filter((group) => group.rows.length > 0);
}

/** Gives an action these keys, or says in one line why it may not have them. */
export function chooseKeys(room: Room, action: Action, shortcut: string, mac: boolean): Result<string> {
  const { keys } = room.ui.getState();
  const others = bindingRows(room, room.actions.store.getState().byId.values(), keys).map(
    ({ action: { id }, ...row }) => ({
      id,
      title: row.title,
      shortcut: row.shortcut,
    }),
  );
  const own = action.shortcut !== undefined && canonicalShortcut(action.shortcut) === canonicalShortcut(shortcut);
  const checked = checkShortcut(shortcut, action, others, mac);
  // An action's own keys may be ones that a person could not choose, such as `Mod+1` of a screen.
  if (!checked.ok && !(own && checked.error.tag !== 'conflict')) return checked;
  room.ui.setState({ keys: withChoice(keys, action, canonicalShortcut(shortcut)) });
  return { ok: true, value: canonicalShortcut(shortcut) };
}

/** Takes an action's keys away. */
export function removeKeys(room: Room, action: Action): void {
  room.ui.setState(({ keys }) => ({ keys: withChoice(keys, action, '') }));
}

/** Gives an action its own keys back; fails when another action has them meanwhile. */
export function resetKeys(room: Room, action: Action, mac: boolean): Result<string> {
  if (action.shortcut !== undefined) return chooseKeys(room, action, action.shortcut, mac);
  room.ui.setState(({ keys }) => ({ keys: withChoice(keys, action, '') }));
  return { ok: true, value: '' };
}
