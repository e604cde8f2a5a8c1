import { act, type RenderResult, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { vi } from 'vitest';
import { agentActions } from '../actions/agentActions.tsx';
import { roomActions } from '../actions/roomActions.tsx';
import { mailActions } from '../features/mail/mailActions.tsx';
import { RoomContext } from '../stores/hooks.ts';
import type { PreferenceStorage } from '../stores/preferences.ts';
import { createPlayedRoom, type PlayedRoom, type PlayedRoomOptions } from './playedRoom.ts';

/** A room of which the test plays the engine; React has drawn every piece of news before the next line of the test. */
export type FakeRoom = PlayedRoom;

/** Builds the room with all topics loaded and empty, unless told to leave them unloaded. */
export function fakeRoom(options: Pick<PlayedRoomOptions, 'loaded' | 'storage'> = {}): FakeRoom {
  const played = createPlayedRoom({ ...options, around: (run) => act(run) });
  played.room.actions.register([...roomActions, ...agentActions, ...mailActions]);
  return played;
}

/** Local storage that outlives a room: hand it to the next one, and the page was loaded again. */
export function lastingStorage(): NonNullable<PreferenceStorage> {
  const held = new Map<string, string>();
  return { getItem: (key) => held.get(key) ?? null, setItem: (key, value) => void held.set(key, value) };
}

/** Pixels the page under test pretends to have: happy-dom lays nothing out, and a virtual list in no space shows nothing. */
const VIEW = 800;
const ROW = 40;

/** Renders inside the room, on a page that pretends to have a layout. */
export function renderRoom(fake: FakeRoom, content: ReactNode): RenderResult {
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockImplementation(function offsetHeight(this: HTMLElement) {
    return this.hasAttribute('data-index') ? ROW : VIEW;
  });
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(VIEW);
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(VIEW);
  return render(<RoomContext value={fake.room}>{content}</RoomContext>);
}

/** Presses a key where the focus is, as a person would. */
export function press(key: string, more: KeyboardEventInit = {}): void {
  const target = document.activeElement ?? document.body;
  act(() => {
    target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
  });
}

/** Lets promises that are already settled run on. */
export async function settled(): Promise<void> {
  await act(async () => {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  });
}
