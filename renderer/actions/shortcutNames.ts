/** The parts of a key press that name a shortcut. */
export interface KeyPress {
  readonly key: string;
  /** The place of the key on the keyboard, such as `KeyK`; counts where the layout writes no Latin letter there. */
  readonly code?: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** True on a Mac, where Cmd takes the place of Ctrl. */
export function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.platform);
}

const MODIFIERS = ['Mod', 'Alt', 'Shift'] as const;
const MODIFIER_KEYS = new Set(['Control', 'Meta', 'Alt', 'Shift', 'AltGraph', 'CapsLock', 'Fn', 'Dead', 'Process']);

/** Letters and named keys tell Shift apart; on other keys Shift only chooses the character, as in `?`. */
function shiftCounts(key: string): boolean {
  return key.length > 1 || /^[A-Z]$/.test(key);
}

/** The key's own name: a capital letter, a character, or what the browser calls it. */
function keyName({ key, code = '', ctrlKey, metaKey, altKey, shiftKey }: KeyPress): string {
  if (key === ' ') return 'Space';
  const withModifier = ctrlKey || metaKey || altKey;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (withModifier && letter !== undefined && !/^[a-z]$/i.test(key)) return letter;
  const digit = /^Digit(\d)$/.exec(code)?.[1];
  if (withModifier && digit !== undefined && !shiftKey && !/^[a-z\d]$/i.test(key)) return digit;
  return /^[a-z]$/.test(key) ? key.toUpperCase() : key;
}

function joined(modifiers: ReadonlySet<string>, key: string): string {
  const kept = MODIFIERS.filter((name) => modifiers.has(name) && (name !== 'Shift' || shiftCounts(key)));
  return [...kept, key].join('+');
}

/**
 * The shortcut a key press is, such as `Mod+K` or `Shift+N`; null when it is none: a modifier alone, a half-composed
 * character, or the system's other modifier. `Mod` is Cmd on a Mac, Ctrl elsewhere.
 */
export function shortcutOfPress(press: KeyPress, mac: boolean): string | null {
  if (press.key === '' || press.key === 'Unidentified' || press.key === '+') return null;
  if (mac ? press.ctrlKey : press.metaKey) return null;
  const key = keyName(press);
  if (MODIFIER_KEYS.has(key)) return null;
  const modifiers = new Set<string>();
  if (mac ? press.metaKey : press.ctrlKey) modifiers.add('Mod');
  if (press.altKey) modifiers.add('Alt');
  if (press.shiftKey) modifiers.add('Shift');
  return joined(modifiers, key);
}

/** One spelling for each shortcut: modifiers in one order, letters as capitals, no Shift where it does not count. */
export function canonicalShortcut(shortcut: string): string {
  const parts = shortcut.split('+');
  const key = parts.at(-1) ?? '';
  return joined(new Set(parts.slice(0, -1)), /^[a-z]$/.test(key) ? key.toUpperCase() : key);
}

/** Says whether a key press is this shortcut. */
export function matchesShortcut(shortcut: string, press: KeyPress, mac: boolean): boolean {
  return shortcutOfPress(press, mac) === canonicalShortcut(shortcut);
}

const KEY_WORDS: Readonly<Record<string, string>> = {
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  Escape: 'Esc',
  Delete: 'Del',
  PageUp: 'Page Up',
  PageDown: 'Page Down',
};

/** How a shortcut is written on screen: `Ctrl K`, `⌘K`. */
export function shortcutLabel(shortcut: string, mac: boolean): string {
  const parts = shortcut.split('+').map((part) => {
    if (part === 'Mod') return mac ? '⌘' : 'Ctrl';
    if (part === 'Shift') return mac ? '⇧' : 'Shift';
    if (part === 'Alt') return mac ? '⌥' : 'Alt';
    return part.length === 1 ? part.toUpperCase() : (KEY_WORDS[part] ?? part);
  });
  return parts.join(mac ? '' : ' ');
}
