import { z } from 'zod';
import { COST_GROUPS } from '../../contract/costs.ts';
import { SCREENS, type Screen } from '../../contract/shell.ts';
import { SETTINGS_PARTS } from '../features/settings/parts.ts';
import { PaneLayoutSchema } from './paneLayout.ts';

export { SCREENS };
export type ScreenId = Screen;

/** Parts of the Health screen, in their order. */
export const HEALTH_TABS = ['watchdog', 'engine', 'logs', 'doctor', 'drills'] as const;
export type HealthTab = (typeof HEALTH_TABS)[number];

export const THEMES = ['system', 'dark', 'light'] as const;
export type ThemeChoice = (typeof THEMES)[number];

/** Typefaces of terminals: the bundled one, or the system's own for fixed width. */
export const TERMINAL_FONTS = ['bundled', 'system'] as const;
export const AGENT_VIEWS = ['terminal', 'transcript', 'both'] as const;
export type AgentViewChoice = (typeof AGENT_VIEWS)[number];
/** What happens when a program in a terminal sets the clipboard (OSC 52). Reading it is never allowed. */
export const CLIPBOARD_POLICIES = ['off', 'ask', 'allow'] as const;
/** Bounds of the terminal's number fields: points of text, and lines kept above the screen. */
export const TERMINAL_FONT_SIZE = { min: 9, max: 24 } as const;
export const TERMINAL_SCROLLBACK = { min: 200, max: 50_000 } as const;

/** Characters of a shortcut and of an action's id; actions whose keys a person may change. */
const KEY_LIMITS = { shortcut: 40, id: 60, count: 200 } as const;
const Keys = z
  .record(z.string().max(KEY_LIMITS.id), z.string().max(KEY_LIMITS.shortcut))
  .refine((keys) => Object.keys(keys).length <= KEY_LIMITS.count);

const PanelLayout = z.record(z.string().max(40), z.number().min(0).max(100));

/**
 * Every choice the renderer keeps between visits. One bounded registry: a new preference is a new field here, never
 * another key of the storage. A field that does not parse falls back to its default without losing the others.
 */
export const Preferences = z.object({
  theme: z.enum(THEMES).catch('system'),
  /** True when nothing moves, whatever the machine wishes. */
  reducedMotion: z.boolean().catch(false),
  /** Part of the Settings screen that is in front. */
  settingsPart: z.enum(SETTINGS_PARTS).catch('runtimes'),
  screen: z.enum(SCREENS).catch('fleet'),
  healthTab: z.enum(HEALTH_TABS).catch('watchdog'),
  treeOpen: z.boolean().catch(true),
  /** Screens on which the inspector is folded away. */
  inspectorFolded: z
    .array(z.enum(SCREENS))
    .catch(['mail', 'board', 'timeline', 'merge', 'costs', 'health', 'settings']),
  /** Sizes of resizable panes in percent, by group id. */
  layouts: z.record(z.string().max(40), PanelLayout).catch({}),
  fleetSort: z
    .object({ column: z.string().max(20), descending: z.boolean() })
    .catch({ column: 'state', descending: false }),
  /** What the Costs screen sums up by, over which period (`run`, `today`, `week`, `all` or a run's id), in which order. */
  costBy: z.enum(COST_GROUPS).catch('agent'),
  costPeriod: z.string().max(100).catch('run'),
  costSort: z
    .object({ column: z.string().max(20), descending: z.boolean() })
    .catch({ column: 'cost', descending: true }),
  /** Open terminal tabs, by terminal id, and the one in front. */
  terminalTabs: z.array(z.string().max(200)).max(50).catch([]),
  terminalFront: z.string().max(200).nullable().catch(null),
  /** How the Terminals screen is divided; null while it shows one terminal. */
  terminalLayout: PaneLayoutSchema.nullable().catch(null),
  /** What an agent's tab shows: the drawn terminal, the transcript to read and fold, or both. */
  agentView: z.enum(AGENT_VIEWS).catch('terminal'),
  terminalFontSize: z.number().int().min(TERMINAL_FONT_SIZE.min).max(TERMINAL_FONT_SIZE.max).catch(13),
  terminalFont: z.enum(TERMINAL_FONTS).catch('bundled'),
  terminalLigatures: z.boolean().catch(false),
  /** Lines kept above the screen; about 12 bytes a cell (engineering.md 2.5). */
  terminalScrollback: z.number().int().min(TERMINAL_SCROLLBACK.min).max(TERMINAL_SCROLLBACK.max).catch(5_000),
  terminalClipboard: z.enum(CLIPBOARD_POLICIES).catch('ask'),
  /** True when a paste of several lines into a shell is shown first. */
  terminalPasteWarning: z.boolean().catch(true),
  screenReaderTerminal: z.boolean().catch(false),
  /** The guided first sling: asked for, or over and not offered again. */
  guide: z.enum(['off', 'on', 'done']).catch('off'),
  /** Shortcuts the person changed, by action id; an empty one takes the action's shortcut away. */
  keys: Keys.catch({}),
});
export type Preferences = z.infer<typeof Preferences>;

/** The key of local storage; what a person has written and not sent has its own (drafts.ts), and there is no third. */
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
