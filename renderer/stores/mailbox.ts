import { createStore, type StoreApi } from 'zustand/vanilla';
import { LIMITS } from '../../contract/limits.ts';
import type { MailMessage } from '../../contract/mail.ts';
import type { RoomLink } from '../client/link.ts';
import type { TopicStores } from './topicStores.ts';

/** All mail the page holds: the live window of the topic, and the older pages the person asked for. */
export interface Mailbox {
  readonly store: StoreApi<MailboxState>;
  /** Fetches one more page of older mail; the message of a failure, null when it worked. */
  loadOlder(): Promise<string | null>;
}

export interface MailboxState {
  readonly byId: Readonly<Record<string, MailMessage>>;
  readonly loading: boolean;
  /** False once the oldest mail is here; also while the live window is not full, as there is nothing older then. */
  readonly hasOlder: boolean;
}

function oldestOf(byId: Readonly<Record<string, MailMessage>>): MailMessage | undefined {
  let oldest: MailMessage | undefined;
  for (const message of Object.values(byId)) {
    if (oldest === undefined || message.createdAt < oldest.createdAt) oldest = message;
  }
  return oldest;
}

/** Joins the mail topic with older pages. Mail that leaves the live window stays, once a person has paged back. */
export function createMailbox(link: RoomLink, live: TopicStores['mail']): Mailbox {
  let older: Readonly<Record<string, MailMessage>> = {};
  let paged = false;
  let reachedEnd = false;
  const join = () => {
    const window = live.getState().state.byId;
    const byId = paged ? { ...older, ...window } : window;
    const full = Object.keys(window).length >= LIMITS.mailWindow;
    return { byId, hasOlder: !reachedEnd && (paged || full) };
  };
  const store = createStore<MailboxState>(() => ({ ...join(), loading: false }));
  live.subscribe((_content, before) => {
    if (paged) older = { ...older, ...before.state.byId };
    store.setState(join());
  });
  return {
    store,
    async loadOlder() {
      const oldest = oldestOf(store.getState().byId);
      if (oldest === undefined || store.getState().loading) return null;
      store.setState({ loading: true });
      const page = await link.call('mail.list', { before: oldest.id, limit: LIMITS.pageRows });
      if (page.ok) {
        paged = true;
        reachedEnd = page.value.messages.length < LIMITS.pageRows;
        older = { ...older, ...Object.fromEntries(page.value.messages.map((message) => [message.id, message])) };
      }
      store.setState({ ...join(), loading: false });
      return page.ok ? null : page.error.message;
    },
  };
}
