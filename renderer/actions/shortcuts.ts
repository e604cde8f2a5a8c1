import type { Room } from '../stores/room.ts';
import type { Action } from './registry.ts';

/** The parts of a key press that name a shortcut. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** True on a Mac, where Cmd takes the place of Ctrl. */
export function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.platform);
}

/** Says whether a key press is this shortcut. Shift counts only for letters and named keys. */
export function matchesShortcut(shortcut: string, press: KeyPress, mac: boolean): boolean {
  const parts = shortcut.split('+');
  const key = (parts.at(-1) ?? '').toLowerCase();
  const wanted = new Set(parts.slice(0, -1));
  const mod = mac ? press.metaKey : press.ctrlKey;
  const otherMod = mac ? press.ctrlKey : press.metaKey;
  return (
    press.key.toLowerCase() === key &&
    mod === wanted.has('Mod') &&
    !otherMod &&
    press.altKey === wanted.has('Alt') &&
    press.shiftKey === wanted.has('Shift')
  );
}

/** How a shortcut is written on screen: `Ctrl K`, `⌘K`. */
export function shortcutLabel(shortcut: string, mac: boolean): string {
  const parts = shortcut.split('+').map((part) => {
    if (part === 'Mod') return mac ? '⌘' : 'Ctrl';
    if (part === 'Shift') return mac ? '⇧' : 'Shift';
    if (part === 'Alt') return mac ? '⌥' : 'Alt';
    return part.length === 1 ? part.toUpperCase() : part;
  });
  return parts.join(mac ? '' : ' ');
}

/** True while the person types text, where single letters belong to the text. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** True inside an element marked `data-keys="terminal"`, whose program wants the keys itself. */
function inTerminal(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[data-keys="terminal"]') !== null;
}

/** True while a dialogue or a menu holds the keyboard. */
export function overlayOpen(): boolean {
  return document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null;
}

function applies(action: Action, event: KeyboardEvent): boolean {
  if (action.shortcut === undefined) return false;
  const withMod = action.shortcut.includes('Mod+');
  if (inTerminal(event.target)) return withMod && action.inTerminal !== false;
  return withMod || (!isTyping(event.target) && !overlayOpen());
}

/** Runs the action whose shortcut is pressed anywhere in the window. Returns the end of it. */
export function listenForShortcuts(room: Room, target: Window): () => void {
  const mac = isMac();
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    for (const action of room.actions.store.getState().byId.values()) {
      if (action.shortcut === undefined || !matchesShortcut(action.shortcut, event, mac)) continue;
      if (applies(action, event) && room.actions.run(action.id, room)) event.preventDefault();
      return;
    }
  };
  // The capture phase comes before xterm's own handler, which would swallow the key.
  target.addEventListener('keydown', onKey, true);
  return () => target.removeEventListener('keydown', onKey, true);
}
