import { type ActionRegistry, createActionRegistry } from '../actions/registry.ts';
import type { Desktop } from '../client/desktop.ts';
import type { RoomLink } from '../client/link.ts';
import { type Clock, type ClockSource, createClock } from './clock.ts';
import { createDrafts, type Drafts } from './drafts.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { createNotices, type Notices } from './notices.ts';
import type { PreferenceStorage } from './preferences.ts';
import { createSlots, type Slots } from './slots.ts';
import { createStage, type Replaying, type Stage } from './stage.ts';
import { createTopicStores, type TopicStores } from './topicStores.ts';
import { createUiStore, type UiStore } from './uiStore.ts';

/** Everything a component may reach: one object, made once, handed down by context. */
export interface Room {
  readonly link: RoomLink;
  /** The desktop shell, or null in a browser. */
  readonly desktop: Desktop | null;
  readonly topics: TopicStores;
  /** The mail topic joined with older pages. */
  readonly mailbox: Mailbox;
  readonly clock: Clock;
  readonly ui: UiStore;
  readonly notices: Notices;
  /** What a person has written and not sent. */
  readonly drafts: Drafts;
  readonly slots: Slots;
  readonly actions: ActionRegistry;
  readonly stage: Stage;
  /** Set in a room that shows the past; its link refuses whatever acts. */
  readonly replay: Replaying | null;
}

/** Composes the room over a link. */
export function createRoom(parts: {
  readonly link: RoomLink;
  readonly desktop: Desktop | null;
  readonly storage: PreferenceStorage;
  readonly clockSource: ClockSource;
  readonly after: (milliseconds: number, run: () => void) => void;
}): Room {
  const clock = createClock(parts.clockSource);
  const align = () => {
    const state = parts.link.state.getState();
    if (state.kind === 'online') clock.align(state.serverTime);
  };
  parts.link.state.subscribe(align);
  align();
  const topics = createTopicStores(parts.link);
  const notices = createNotices(parts.after);
  return {
    link: parts.link,
    desktop: parts.desktop,
    topics,
    mailbox: createMailbox(parts.link, topics.mail),
    clock,
    ui: createUiStore(parts.storage),
    notices,
    drafts: createDrafts({
      storage: parts.storage,
      project: () => topics.status.getState().state.value?.project.root ?? null,
      now: parts.clockSource.now,
      refused: (words) => notices.say('error', words),
    }),
    slots: createSlots(),
    actions: createActionRegistry(),
    stage: createStage(),
    replay: null,
  };
}
