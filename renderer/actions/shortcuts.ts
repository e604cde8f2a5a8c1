import type { Room } from '../stores/room.ts';
import { frontRoom } from '../stores/stage.ts';
import { shortcutOf } from './keyBindings.ts';
import type { Action } from './registry.ts';
import { canonicalShortcut, isMac, shortcutOfPress } from './shortcutNames.ts';

/** True while the person types text, where single letters belong to the text. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** True inside an element marked `data-keys="terminal"`, whose program wants the keys itself. */
function inTerminal(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[data-keys="terminal"]') !== null;
}

/** True inside an element marked `data-keys="record"`, which takes the next key press as a new shortcut. */
function isRecording(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[data-keys="record"]') !== null;
}

/** True while a dialogue or a menu holds the keyboard; one that is fading away has given it back. */
export function overlayOpen(): boolean {
  return (
    document.querySelector(':is([role="dialog"], [role="alertdialog"], [role="menu"]):not([data-closed])') !== null
  );
}

/** Says whether a shortcut counts where the keyboard is: with `Mod` nearly everywhere, others not while typing. */
function countsHere(shortcut: string, action: Action, target: EventTarget | null): boolean {
  const withMod = shortcut.startsWith('Mod+');
  if (inTerminal(target)) return withMod && action.inTerminal !== false;
  return withMod || (!isTyping(target) && !overlayOpen());
}

/** Runs the action whose shortcut is pressed anywhere in the window. Returns the end of it. */
export function listenForShortcuts(room: Room, target: Window): () => void {
  const mac = isMac();
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || isRecording(event.target)) return;
    const pressed = shortcutOfPress(event, mac);
    if (pressed === null) return;
    const { keys } = room.ui.getState();
    for (const action of room.actions.store.getState().byId.values()) {
      const shortcut = shortcutOf(action, keys);
      if (shortcut === undefined || canonicalShortcut(shortcut) !== pressed) continue;
      if (!countsHere(pressed, action, event.target) || !room.actions.run(action.id, frontRoom(room))) continue;
      event.preventDefault();
      return;
    }
  };
  // The capture phase comes before xterm's own handler, which would swallow the key.
  target.addEventListener('keydown', onKey, true);
  return () => target.removeEventListener('keydown', onKey, true);
}
