import { TERMINAL_PARAMETER } from '../../../contract/shell.ts';
import { loadPreferences, type PreferenceStorage } from '../../stores/preferences.ts';
import type { Room } from '../../stores/room.ts';
import type { UiState } from '../../stores/uiStore.ts';
import { tabStore } from './tabStore.ts';

/** Begins the name of the lock a terminal's window holds for as long as it lives, however it ends. */
const LOCK = 'overstory.terminal:';
/** Channel on which windows say that they are there, and are asked to close. */
const CHANNEL = 'overstory.terminal-windows';
/** Size of a browser's window of one terminal, in pixels. */
const FEATURES = 'popup,width=900,height=640';

type Word = { readonly kind: 'opened' | 'close'; readonly id: string };

/** The browser's part in it: a lock that goes with its window, and a channel between windows of one origin. */
export interface WindowParts {
  readonly locks: Pick<LockManager, 'request' | 'query'>;
  openChannel(name: string): Pick<BroadcastChannel, 'postMessage' | 'onmessage'>;
}

export function pageParts(): WindowParts {
  return { locks: navigator.locks, openChannel: (name) => new BroadcastChannel(name) };
}

/** Id of the one terminal this page shows; null for the room. */
export function terminalOfPage(search: string): string | null {
  return new URLSearchParams(search).get(TERMINAL_PARAMETER);
}

const channels = new WeakMap<Room, ReturnType<WindowParts['openChannel']>>();

/** Room's side: which terminals stand in windows of their own. They come back when their window goes, however it went. */
export function followTerminalWindows(room: Room, parts: WindowParts): void {
  const followed = new Set<string>();
  const setApart = (id: string, apart: boolean) =>
    tabStore(room).setState((state) => {
      const next = new Set(state.apart);
      if (apart) next.add(id);
      else next.delete(id);
      return { apart: next };
    });
  const follow = (id: string) => {
    if (followed.has(id)) return;
    followed.add(id);
    setApart(id, true);
    // Granted as soon as the window that holds it is gone.
    void parts.locks.request(`${LOCK}${id}`, () => {
      followed.delete(id);
      setApart(id, false);
    });
  };
  const channel = parts.openChannel(CHANNEL);
  channels.set(room, channel);
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data.kind === 'opened') follow(data.id);
  };
  void parts.locks.query().then(({ held }) => {
    for (const { name } of held ?? []) if (name?.startsWith(LOCK)) follow(name.slice(LOCK.length));
  });
}

/** Window's side: says that the terminal is here until this page goes, and closes when the room wants it back. */
export function holdTerminal(id: string, parts: WindowParts, close: () => void): void {
  const channel = parts.openChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data.kind === 'close' && data.id === id) close();
  };
  void parts.locks.request(`${LOCK}${id}`, () => {
    channel.postMessage({ kind: 'opened', id } satisfies Word);
    // Held until the page goes.
    return new Promise<never>(() => {});
  });
}

/** Opens the window of a terminal. */
export function popOut(room: Room, id: string): void {
  if (room.desktop !== null) {
    room.desktop.post({ type: 'popOutTerminal', terminalId: id });
    return;
  }
  const address = `/?${new URLSearchParams({ [TERMINAL_PARAMETER]: id })}`;
  if (window.open(address, `${LOCK}${id}`, FEATURES) === null)
    room.notices.say('error', 'The browser blocked the window; allow pop-ups for this page and try again.');
}

/** Asks the window of a terminal to close, which brings the terminal back. */
export function bringBack(room: Room, id: string): void {
  channels.get(room)?.postMessage({ kind: 'close', id } satisfies Word);
}

/** Preferences of a window of one terminal: those of the room, never written, because the room writes all of its own at once. */
export function borrowedStorage(storage: PreferenceStorage): PreferenceStorage {
  return storage === null ? null : { getItem: (key) => storage.getItem(key), setItem() {} };
}

/** Turns a fresh room into that of one terminal, which takes over what the person changes in the big one. */
export function showAlone(room: Room, id: string, storage: PreferenceStorage, page: Window): void {
  const alone = (): Partial<UiState> => ({
    screen: 'terminals',
    terminalTabs: [id],
    terminalFront: id,
    terminalLayout: null,
  });
  room.ui.setState(alone());
  tabStore(room).setState({ focus: id });
  page.addEventListener('storage', () => room.ui.setState({ ...loadPreferences(storage), ...alone() }));
}
