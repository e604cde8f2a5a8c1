import { act, type RenderResult, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { ok, type Result } from '../../contract/result.ts';
import type { RoomContract } from '../../contract/room.ts';
import { topics } from '../../contract/topics.ts';
import type { TopicDelta, TopicState } from '../../contract/wire/definition.ts';
import { agentActions } from '../actions/agentActions.tsx';
import { roomActions } from '../actions/roomActions.tsx';
import type { LinkState, RoomLink, TopicName } from '../client/link.ts';
import { mailActions } from '../features/mail/mailActions.tsx';
import { RoomContext } from '../stores/hooks.ts';
import { createRoom, type Room } from '../stores/room.ts';
import { NOW } from './fixtures.ts';

/** A call the room under test made. */
export interface RecordedCall {
  readonly name: string;
  readonly input: unknown;
}

/** A room over a link of which the test plays the engine. The stores, selectors and actions are the real ones. */
export interface FakeRoom {
  readonly room: Room;
  readonly calls: RecordedCall[];
  /** Publishes a delta, as the engine would; the first one of a topic arrives as its snapshot. */
  publish<N extends TopicName>(name: N, delta: TopicDelta<RoomContract, N>): void;
  /** Sends the whole present state again in fresh objects, as after a reconnect. */
  resend(name: TopicName): void;
  /** Decides the answer to every later call of that name. */
  answer(name: string, reply: (input: unknown) => Promise<Result<unknown>> | Result<unknown>): void;
  /** Moves the clock to so many seconds after `NOW`. */
  tick(seconds: number): void;
  setLink(state: LinkState): void;
}

/** Builds the room with all topics loaded and empty, unless told to leave them unloaded. */
export function fakeRoom(options: { readonly loaded?: boolean } = {}): FakeRoom {
  const states = new Map<string, unknown>();
  const listeners = new Map<string, (state: never, delta: never) => void>();
  const answers = new Map<string, (input: unknown) => Promise<Result<unknown>> | Result<unknown>>();
  const calls: RecordedCall[] = [];
  const linkState = createStore<LinkState>(() => ({
    kind: 'online',
    connection: 1,
    serverTime: new Date(NOW).toISOString(),
    scope: 'admin',
  }));
  const link: RoomLink = {
    state: linkState,
    call: (async (name: string, input: unknown) => {
      calls.push({ name, input });
      return (await answers.get(name)?.(input)) ?? ok({});
    }) as RoomLink['call'],
    openStream: () => ({ ack() {}, close() {} }),
    subscribe(name, listener) {
      listeners.set(name, listener as (state: never, delta: never) => void);
      return () => listeners.delete(name);
    },
    retryNow() {},
    close() {},
  };
  let now = NOW;
  let tick = () => {};
  const room = createRoom({
    link,
    desktop: null,
    storage: null,
    clockSource: {
      now: () => now,
      every(_milliseconds, run) {
        tick = run;
        return () => {};
      },
      hidden: () => false,
      onVisibility: () => () => {},
    },
    after: () => {},
  });
  room.actions.register([...roomActions, ...agentActions, ...mailActions]);
  const tell = (name: string, delta: unknown) =>
    act(() => listeners.get(name)?.(states.get(name) as never, delta as never));
  if (options.loaded !== false) {
    for (const [name, topic] of Object.entries(topics)) {
      states.set(name, topic.initial);
      tell(name, null);
    }
  }
  return {
    room,
    calls,
    publish(name, delta) {
      const topic = topics[name] as { initial: unknown; reduce(state: unknown, delta: unknown): unknown };
      states.set(name, topic.reduce(states.get(name) ?? topic.initial, delta));
      tell(name, delta);
    },
    resend(name) {
      states.set(name, structuredClone(states.get(name)) as TopicState<RoomContract, TopicName>);
      tell(name, null);
    },
    answer: (name, reply) => void answers.set(name, reply),
    tick(seconds) {
      now = NOW + seconds * 1_000;
      act(() => tick());
    },
    setLink: (state) => act(() => linkState.setState(state, true)),
  };
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
