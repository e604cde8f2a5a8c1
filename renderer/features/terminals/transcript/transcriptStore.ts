import { createStore, type StoreApi } from 'zustand/vanilla';
import { TRANSCRIPT, type TranscriptItem } from '../../../../contract/transcripts.ts';
import type { Room } from '../../../stores/room.ts';
import { joinNewest } from './transcriptRows.ts';

export interface TranscriptState {
  readonly items: readonly TranscriptItem[];
  /** Where the page before begins; null when everything is held. */
  readonly before: number | null;
  readonly status: 'loading' | 'ready' | 'failed';
  /** Why it failed, one line. */
  readonly reason: string;
  readonly loadingOlder: boolean;
}

/** What an agent said and did, as far as it was asked for. */
export interface Transcript {
  readonly store: StoreApi<TranscriptState>;
  /** Follows the agent until the returned end. */
  follow(): () => void;
  older(): Promise<void>;
  retry(): void;
}

/** Pages asked for to close a gap; a longer absence begins anew with the newest. */
const CLOSING_PAGES = 5;

export function createTranscript(room: Room, agentName: string): Transcript {
  const store = createStore<TranscriptState>(() => ({
    items: [],
    before: null,
    status: 'loading',
    reason: '',
    loadingOlder: false,
  }));
  let asking = false;
  let again = false;

  const page = (before: number | null) =>
    room.link.call('transcripts.page', {
      agentName,
      limit: TRANSCRIPT.pageItems,
      ...(before === null ? {} : { before }),
    });

  async function refresh(): Promise<void> {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    do {
      again = false;
      await readNewest();
    } while (again);
    asking = false;
  }

  async function readNewest(): Promise<void> {
    const held = store.getState();
    let fresh: readonly TranscriptItem[] = [];
    let before: number | null = null;
    for (let pages = 0; pages < CLOSING_PAGES; pages += 1) {
      const read = await page(before);
      if (!read.ok) {
        store.setState({ status: 'failed', reason: read.error.message });
        return;
      }
      fresh = [...read.value.items, ...fresh];
      before = read.value.before;
      const joined = joinNewest(held.items, fresh, before === null);
      if (joined !== null) {
        const first = held.items.length === 0;
        const older = first ? before : store.getState().before;
        if (joined !== held.items || held.status !== 'ready' || older !== held.before)
          store.setState({ items: joined, before: older, status: 'ready', reason: '' });
        return;
      }
    }
    store.setState({ items: fresh, before, status: 'ready', reason: '' });
  }

  return {
    store,
    follow() {
      let newest = newestOf(room, agentName);
      const stops = [
        room.topics.timeline.subscribe(() => {
          const now = newestOf(room, agentName);
          if (now === newest) return;
          newest = now;
          void refresh();
        }),
        room.link.state.subscribe((now, before) => {
          if (now.kind === 'online' && before.kind !== 'online') void refresh();
        }),
      ];
      void refresh();
      return () => {
        for (const stop of stops) stop();
      };
    },
    async older() {
      const { before, loadingOlder } = store.getState();
      if (before === null || loadingOlder) return;
      store.setState({ loadingOlder: true });
      const read = await page(before);
      if (!read.ok) {
        store.setState({ loadingOlder: false });
        room.notices.say('error', read.error.message);
        return;
      }
      store.setState(({ items }) => {
        const first = items[0]?.id ?? Number.POSITIVE_INFINITY;
        const fresh = read.value.items.filter((item) => item.id < first);
        return { items: [...fresh, ...items], before: read.value.before, loadingOlder: false };
      });
    },
    retry() {
      store.setState({ status: 'loading', reason: '' });
      void refresh();
    },
  };
}

/** Id of the newest thing the timeline holds of an agent; 0 without one. */
function newestOf(room: Room, agentName: string): number {
  const { items } = room.topics.timeline.getState().state;
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const item = items[index];
    if (item?.agent === agentName) return item.id;
  }
  return 0;
}
