/** Electron's words for keys that the page calls otherwise. */
const KEY_WORDS: Readonly<Record<string, string>> = {
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  Enter: 'Return',
};
/** Keys whose names are the same for both. */
const SAME = /^(F([1-9]|1\d|2[0-4])|Space|Tab|Backspace|Delete|Insert|Home|End|PageUp|PageDown|Escape|[!-*,-~])$/;

/**
 * Electron's accelerator for keys of the page (`Mod+Shift+P`); null where a menu cannot show them. On a Mac a menu takes
 * every key that it shows, so only those with Cmd may stand there: others would be taken from a text being typed.
 */
export function acceleratorOf(keys: string, platform: string): string | null {
  const parts = keys.split('+');
  const key = parts.at(-1) ?? '';
  const modifiers = parts.slice(0, -1);
  if (platform === 'darwin' && !modifiers.includes('Mod')) return null;
  const name = KEY_WORDS[key] ?? (SAME.test(key) ? key : null);
  if (name === null) return null;
  return [...modifiers.map((modifier) => (modifier === 'Mod' ? 'CmdOrCtrl' : modifier)), name].join('+');
}
