import { z } from 'zod';

/** The screens of the left rail, in their order (ui.md "Frame"). */
export const SCREENS = ['fleet', 'terminals', 'mail', 'board', 'timeline'] as const;
export type ScreenId = (typeof SCREENS)[number];

export const THEMES = ['system', 'dark', 'light'] as const;
export type ThemeChoice = (typeof THEMES)[number];

const PanelLayout = z.record(z.string().max(40), z.number().min(0).max(100));

/**
 * Everything the renderer keeps for itself between visits. One bounded registry: a new preference is a new field here,
 * never a second key of the storage. A field that does not parse falls back to its default without losing the others.
 */
export const Preferences = z.object({
  theme: z.enum(THEMES).catch('system'),
  screen: z.enum(SCREENS).catch('fleet'),
  treeOpen: z.boolean().catch(true),
  /** Screens on which the inspector is folded away. */
  inspectorFolded: z.array(z.enum(SCREENS)).catch(['mail', 'board', 'timeline']),
  /** Sizes of resizable panes in percent, by group id. */
  layouts: z.record(z.string().max(40), PanelLayout).catch({}),
  fleetSort: z
    .object({ column: z.string().max(20), descending: z.boolean() })
    .catch({ column: 'state', descending: false }),
  /** Open terminal tabs, by terminal id, and the one in front. */
  terminalTabs: z.array(z.string().max(200)).max(50).catch([]),
  terminalFront: z.string().max(200).nullable().catch(null),
  terminalFontSize: z.number().int().min(9).max(24).catch(13),
  screenReaderTerminal: z.boolean().catch(false),
});
export type Preferences = z.infer<typeof Preferences>;

/** The only key the renderer uses in local storage. */
const STORAGE_KEY = 'overstory.room';
/** Characters. A larger value is not ours and is ignored. */
const STORAGE_LIMIT = 32_768;

/** Where preferences live; null where the browser forbids storage. */
export type PreferenceStorage = Pick<Storage, 'getItem' | 'setItem'> | null;

/** Reads the registry; anything unreadable gives the defaults. */
export function loadPreferences(storage: PreferenceStorage): Preferences {
  try {
    const text = storage?.getItem(STORAGE_KEY) ?? null;
    const held: unknown = text !== null && text.length <= STORAGE_LIMIT ? JSON.parse(text) : {};
    const parsed = Preferences.safeParse(held);
    return parsed.success ? parsed.data : Preferences.parse({});
  } catch {
    // Storage that is blocked or holds broken text must not keep the room from opening; defaults are right then.
    return Preferences.parse({});
  }
}

/** Writes the registry. */
export function savePreferences(storage: PreferenceStorage, preferences: Preferences): void {
  try {
    storage?.setItem(STORAGE_KEY, JSON.stringify(preferences));
  } catch {
    // A full or blocked storage costs the layout of the next visit, nothing else.
  }
}
