import type { ObservedKind } from '../../../contract/history.ts';
import type { RoomContract } from '../../../contract/room.ts';
import type { TopicDelta } from '../../../contract/wire/definition.ts';
import type { TopicHub } from '../../../contract/wire/topicHub.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../engineLog.ts';
import type { HistoryStore } from './historyStore.ts';
import {
  callingSight,
  capSights,
  createThinner,
  evidenceSight,
  guardSight,
  progressSight,
  radarSights,
  type Sight,
  spendingSight,
  type Thinner,
  tickSight,
} from './observations.ts';
import type { Observed } from './observedTable.ts';

/**
 * Records what the room shows and no store holds, from the topics as they are published. Whoever publishes waits for
 * nothing: rows are gathered in memory and written together.
 */
export interface RoomRecorder {
  /** Writes what was gathered, so that a reader finds everything up to now. */
  flush(): void;
  close(): void;
}

export interface RoomRecorderOptions {
  readonly hub: Pick<TopicHub<RoomContract>, 'attach' | 'state'>;
  readonly history: Pick<HistoryStore, 'observe' | 'present'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly thinner?: Thinner;
}

/** Milliseconds for which rows are gathered: what a crash may cost. */
const GATHER_MS = 1_000;

type TopicName = keyof RoomContract['topics'] & string;

export function createRoomRecorder(options: RoomRecorderOptions): RoomRecorder {
  const { hub, history, clock, log } = options;
  const thinner = options.thinner ?? createThinner();
  let gathered: Observed[] = [];
  let timer: { readonly at: number; readonly handle: NodeJS.Timeout } | null = null;
  let failed = false;
  let closed = false;

  function take(row: Observed | null): void {
    if (row !== null) gathered.push(row);
  }
  function put(kind: ObservedKind, sight: Sight): void {
    take(thinner.see(kind, sight, clock.now()));
  }
  function remove(kind: ObservedKind, key: string): void {
    take(thinner.gone(kind, key, clock.now()));
  }
  /** All there is of a kind: what is not among it is gone. */
  function putAll(kind: ObservedKind, sights: readonly Sight[]): void {
    const keys = new Set(sights.map((sight) => sight.key));
    for (const sight of sights) put(kind, sight);
    for (const key of thinner.present(kind)) if (!keys.has(key)) remove(kind, key);
  }
  /** The sight of a row, or that there is none any more. */
  function putOrRemove(kind: ObservedKind, key: string, sight: Sight | null): void {
    if (sight === null) remove(kind, key);
    else put(kind, sight);
  }

  function plan(): void {
    if (closed) return;
    const now = clock.now();
    const due = thinner.nextDue();
    const at = gathered.length > 0 ? now + GATHER_MS : due === null ? null : Math.max(due, now + GATHER_MS);
    if (at === null || (timer !== null && timer.at <= at)) return;
    if (timer !== null) clearTimeout(timer.handle);
    const handle = setTimeout(() => {
      timer = null;
      flush();
      plan();
    }, at - now);
    handle.unref();
    timer = { at, handle };
  }

  function flush(): void {
    const rows = [...gathered, ...thinner.due(clock.now())];
    gathered = [];
    if (rows.length === 0) return;
    try {
      history.observe(rows);
      failed = false;
    } catch (error) {
      // A gap in the past is better than a queue without end; a full disk is told by everything else that writes.
      if (!failed) log('warn', 'what the room shows could not be recorded', { error: String(error) });
      failed = true;
    }
  }

  /** Follows a topic, from what it holds by now. */
  function follow<Name extends TopicName>(name: Name, on: (delta: TopicDelta<RoomContract, Name>) => void): () => void {
    return hub.attach(name, null, (batch) => {
      // The hub hands out what was published to this very topic.
      on(batch.delta as TopicDelta<RoomContract, Name>);
      plan();
    }).detach;
  }

  // Nothing is known when an engine starts, and that is what its room shows.
  for (const { kind, key } of history.present()) gathered.push({ at: clock.now(), kind, key, value: null });
  const ends = [
    follow('evidence', (delta) => {
      for (const name of delta.remove) remove('evidence', name);
      for (const row of delta.put) put('evidence', evidenceSight(row));
    }),
    follow('radar', (delta) => putAll('radar', radarSights(delta.value))),
    follow('status', ({ value }) => {
      putAll('cap', capSights(value));
      put('spending', spendingSight(value));
      put('tick', tickSight(value));
    }),
    follow('agents', (delta) => {
      for (const name of delta.remove) remove('guards', name);
      for (const row of delta.put) put('guards', guardSight(row));
    }),
    follow('merges', (delta) => {
      for (const id of delta.remove) remove('progress', id);
      for (const row of delta.put) putOrRemove('progress', String(row.id), progressSight(row));
    }),
    follow('attention', (delta) => {
      for (const id of delta.remove) remove('calling', id);
      for (const row of delta.put) putOrRemove('calling', row.id, callingSight(row));
    }),
  ];
  plan();

  return {
    flush,
    close() {
      closed = true;
      for (const end of ends) end();
      if (timer !== null) clearTimeout(timer.handle);
      flush();
    },
  };
}
