import { afterEach, describe, expect, test, vi } from 'vitest';
import { Preferences, savePreferences } from '../../stores/preferences.ts';
import { fakeRoom } from '../../testing/fakeRoom.tsx';
import { tabStore } from './tabStore.ts';
import {
  borrowedStorage,
  bringBack,
  followTerminalWindows,
  holdTerminal,
  popOut,
  showAlone,
  terminalOfPage,
  type WindowParts,
} from './terminalWindows.ts';

afterEach(() => vi.restoreAllMocks());

/** Locks and channels of one browser, shared by its windows; `end` is a window that goes, however it does. */
function browser() {
  const queues = new Map<string, { readonly window: number; readonly grant: () => unknown }[]>();
  const channels: { readonly window: number; onmessage: ((event: MessageEvent) => void) | null }[] = [];
  const grant = (name: string) => {
    const [first] = queues.get(name) ?? [];
    const held = first?.grant();
    // A callback that gives no promise lets go at once.
    if (first !== undefined && !(held instanceof Promise)) release(name, first.window);
  };
  const release = (name: string, window: number) => {
    const queue = queues.get(name) ?? [];
    const [first] = queue;
    queues.set(
      name,
      queue.filter((entry) => entry.window !== window),
    );
    if (first?.window === window) grant(name);
  };
  const parts = (window: number): WindowParts => ({
    // Only the two members in use, in their simplest form.
    locks: {
      request: async (name: string, callback: () => unknown) => {
        const queue = queues.get(name) ?? [];
        queues.set(name, [...queue, { window, grant: callback }]);
        if (queue.length === 0) grant(name);
      },
      query: async () => ({ held: [...queues].filter(([, queue]) => queue.length > 0).map(([name]) => ({ name })) }),
    } as unknown as WindowParts['locks'],
    openChannel() {
      const channel = { window, onmessage: null as ((event: MessageEvent) => void) | null };
      channels.push(channel);
      return {
        get onmessage() {
          return channel.onmessage;
        },
        set onmessage(listener) {
          channel.onmessage = listener as typeof channel.onmessage;
        },
        postMessage(data: unknown) {
          for (const other of channels) if (other !== channel) other.onmessage?.(new MessageEvent('message', { data }));
        },
      };
    },
  });
  return {
    parts,
    end: (window: number) => {
      for (const name of queues.keys()) release(name, window);
    },
  };
}
const apart = (fake: ReturnType<typeof fakeRoom>) => [...tabStore(fake.room).getState().apart];

describe('windows of one terminal', () => {
  test('a terminal is apart while its window lives, however that ends', () => {
    const shared = browser();
    const fake = fakeRoom();
    followTerminalWindows(fake.room, shared.parts(1));
    holdTerminal('shell:1', shared.parts(2), () => {});
    holdTerminal('agent:worker', shared.parts(3), () => {});
    expect(apart(fake)).toEqual(['shell:1', 'agent:worker']);
    shared.end(2);
    expect(apart(fake)).toEqual(['agent:worker']);
    holdTerminal('shell:1', shared.parts(4), () => {});
    expect(apart(fake)).toEqual(['agent:worker', 'shell:1']);
  });

  test('a room that is loaded anew finds the windows that are there', async () => {
    const shared = browser();
    holdTerminal('shell:1', shared.parts(2), () => {});
    const fake = fakeRoom();
    followTerminalWindows(fake.room, shared.parts(1));
    await vi.waitFor(() => expect(apart(fake)).toEqual(['shell:1']), { timeout: 60_000 });
  });

  test('brought back, only its own window closes', () => {
    const shared = browser();
    const fake = fakeRoom();
    followTerminalWindows(fake.room, shared.parts(1));
    const closed: string[] = [];
    holdTerminal('shell:1', shared.parts(2), () => closed.push('shell:1'));
    holdTerminal('shell:2', shared.parts(3), () => closed.push('shell:2'));
    bringBack(fake.room, 'shell:2');
    expect(closed).toEqual(['shell:2']);
  });

  test('the browser opens it by its address; a blocked one is said', () => {
    const fake = fakeRoom();
    const open = vi.spyOn(window, 'open').mockReturnValue(null);
    popOut(fake.room, 'shell:a&b');
    const [address = ''] = open.mock.lastCall ?? [];
    expect(terminalOfPage(String(address).slice(1))).toBe('shell:a&b');
    expect(fake.room.notices.store.getState().items[0]?.text).toMatch(/blocked the window/);
    expect(terminalOfPage('?view=wallboard')).toBeNull();
  });

  test('it takes over the preferences of the room and never writes them', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    const borrowed = borrowedStorage(storage);
    savePreferences(borrowed, Preferences.parse({ terminalFontSize: 20 }));
    expect(kept.size).toBe(0);
    const fake = fakeRoom();
    showAlone(fake.room, 'shell:1', borrowed, window);
    expect(fake.room.ui.getState()).toMatchObject({ screen: 'terminals', terminalFront: 'shell:1' });
    savePreferences(storage, Preferences.parse({ terminalFontSize: 17, terminalFront: 'shell:2' }));
    window.dispatchEvent(new Event('storage'));
    expect(fake.room.ui.getState()).toMatchObject({ terminalFontSize: 17, terminalFront: 'shell:1' });
  });
});
