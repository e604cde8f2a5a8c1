import type { WatchedRoom } from '../../contract/notices.ts';
import type { Result } from '../../contract/result.ts';
import { type RoomContract, roomContract } from '../../contract/room.ts';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import type { Channel, Scheduler } from '../../contract/wire/channel.ts';
import { createReconnectingClient, type ReconnectingClient } from '../../contract/wire/reconnect.ts';

/** What the shell itself knows of the room: for tray, notifications and the question at quitting. */
export interface RoomWatch {
  readonly room: WatchedRoom | null;
  readonly paused: boolean;
  readonly client: ReconnectingClient<RoomContract>;
  close(): void;
}

/**
 * Watches the topics that tray and notifications need, as one more client of the engine. `onChange` is called once all of
 * them have arrived and after every change.
 */
export function watchRoom(options: {
  readonly open: () => Promise<Result<Channel>>;
  readonly scheduler: Scheduler;
  readonly onChange: () => void;
}): RoomWatch {
  const client = createReconnectingClient({
    contract: roomContract,
    connect: options.open,
    hello: { build: PRODUCT_VERSION },
    scheduler: options.scheduler,
  });
  let agents: WatchedRoom['agents'] | null = null;
  let attention: WatchedRoom['attention'] | null = null;
  let runs: WatchedRoom['runs'] | null = null;
  let paused = false;
  let notifications: WatchedRoom['notifications'];
  let room: WatchedRoom | null = null;

  const changed = (): void => {
    if (agents === null || attention === null || runs === null) return;
    room = { agents, attention, runs, notifications };
    options.onChange();
  };
  client.subscribe('agents', (state) => {
    agents = state.byId;
    changed();
  });
  client.subscribe('attention', (state) => {
    attention = state.byId;
    changed();
  });
  client.subscribe('runs', (state) => {
    runs = state.byId;
    changed();
  });
  client.subscribe('status', (state) => {
    const next = state.value?.paused ?? false;
    const rings = state.value?.notifications;
    if (next === paused && JSON.stringify(rings) === JSON.stringify(notifications)) return;
    paused = next;
    notifications = rings;
    changed();
  });
  return {
    get room() {
      return room;
    },
    get paused() {
      return paused;
    },
    client,
    close: () => client.close(),
  };
}
