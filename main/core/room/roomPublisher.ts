import type { AgentView } from '../../../contract/agents.ts';
import { LIMITS } from '../../../contract/limits.ts';
import type { MailMessage } from '../../../contract/mail.ts';
import type { RoomContract } from '../../../contract/room.ts';
import type { RunView } from '../../../contract/runs.ts';
import type { RoomStatus } from '../../../contract/status.ts';
import type { TopicHub } from '../../../contract/wire/topicHub.ts';
import type { Changes } from '../changes.ts';
import type { Log } from '../engineLog.ts';
import { deriveAttention, openQuestions } from './attentionRules.ts';
import type { RoomReader } from './roomReader.ts';
import { toTimelineItem } from './timelineRules.ts';

export interface RoomPublisher extends Changes {
  /** Reads everything anew, for the start. */
  everything(): void;
  /** Reads anew what lies in these databases: another process has written to them. Names are those of the stores' connections. */
  foreign(databases: readonly string[]): void;
  /** Sends what waits, for shutdown and tests. */
  flush(): void;
  close(): void;
}

/** Milliseconds of one display frame. */
const FRAME_MS = 16;
/** Mails looked at first when another process has written some: that there are new ones is what it mostly means. */
const FRESH_MAILS = 20;
/** Topics that are read from each database, beside agents and mail. */
const FOREIGN: Readonly<Record<string, readonly Name[]>> = {
  mail: ['attention', 'status'],
  sessions: ['runs', 'attention', 'status'],
  events: ['events', 'runs', 'status'],
  mergeQueue: ['merges', 'attention', 'status'],
  control: ['tasks', 'merges', 'attention', 'status'],
};
/** Rows read at once when events have come in. */
const EVENT_PAGE = 500;

type Name = 'status' | 'runs' | 'tasks' | 'merges' | 'terminals' | 'attention' | 'events';

/**
 * Keeps the room's topics equal to the stores: told what changed, it reads exactly that, compares with what was sent, and
 * publishes the difference. Reading by row and comparing makes double signals harmless.
 */
export function createRoomPublisher(options: {
  readonly hub: TopicHub<RoomContract>;
  readonly reader: RoomReader;
  readonly log: Log;
}): RoomPublisher {
  const { hub, reader } = options;
  const dirty = new Set<Name>();
  const agents = new Set<string>();
  const mails = new Set<string>();
  let allAgents = false;
  let allMail = false;
  let lastEvent = 0;
  let asks: ReadonlyMap<string, string> = new Map();
  let cancel: (() => void) | null = null;
  let closed = false;
  let flushedAt = Number.NEGATIVE_INFINITY;
  let lookMs = 0;

  const schedule = (): void => {
    if (cancel !== null || closed) return;
    // The first change of a burst goes out at once (baselines.md wants it on a screen within 5 ms); a stream of changes costs one look a display frame, and less often
    // when looking itself is slow, so that the room never takes more than a fifth of this thread.
    const wait = flushedAt + Math.max(FRAME_MS, 4 * lookMs) - performance.now();
    const look = (): void => {
      cancel = null;
      const started = performance.now();
      try {
        publish();
      } catch (error) {
        options.log('error', 'room could not be read', { error: error instanceof Error ? error.stack : String(error) });
      }
      flushedAt = performance.now();
      lookMs = flushedAt - started;
    };
    // After quiet at once, but not within the change itself: what it does in one go is one look.
    if (wait <= 0) {
      const immediate = setImmediate(look);
      cancel = () => clearImmediate(immediate);
    } else {
      const timer = setTimeout(look, wait);
      cancel = () => clearTimeout(timer);
    }
  };
  const mark = (...names: readonly Name[]): void => {
    for (const name of names) dirty.add(name);
    schedule();
  };

  function publish(): void {
    if (allMail || mails.size > 0) publishMail();
    if (dirty.delete('merges')) putAll('merges', reader.merges(), (merge) => String(merge.id));
    if (dirty.delete('attention')) publishAttention();
    if (allAgents || agents.size > 0) publishAgents();
    if (dirty.delete('tasks')) putAll('tasks', reader.tasks(), (task) => task.id);
    if (dirty.delete('runs')) putAll<'runs', RunView>('runs', reader.runs(), (run) => run.id);
    if (dirty.delete('terminals')) putAll('terminals', reader.terminals(), (terminal) => terminal.id);
    if (dirty.delete('events')) publishEvents();
    if (dirty.delete('status')) publishStatus(reader.status());
  }

  function publishMail(): void {
    const everyMail = allMail;
    // New ones leave before a thousand are compared.
    if (everyMail) publishFreshMail();
    const wanted = everyMail ? reader.newestMail(LIMITS.mailWindow) : [...mails].flatMap((id) => reader.mail(id) ?? []);
    const known = hub.state('mail').byId;
    const gone = everyMail
      ? missing(known, wanted, (message) => message.id)
      : [...mails].filter((id) => Object.hasOwn(known, id) && !wanted.some((message) => message.id === id));
    allMail = false;
    mails.clear();
    const put = wanted.filter((message) => !same(known[message.id], message));
    const overflow = Object.keys(known).length + put.length - gone.length - LIMITS.mailWindow;
    const dropped = overflow > 0 ? oldest(Object.values(known), overflow) : [];
    if (put.length > 0 || gone.length > 0 || dropped.length > 0)
      hub.publish('mail', { put, remove: [...gone, ...dropped] });
    for (const message of [...put, ...gone.flatMap((id) => known[id] ?? [])]) {
      agents.add(message.to);
      agents.add(message.from);
    }
    dirty.add('attention');
    dirty.add('status');
  }

  function publishFreshMail(): void {
    const known = hub.state('mail').byId;
    const put = reader.newestMail(FRESH_MAILS).filter((message) => known[message.id] === undefined);
    if (put.length === 0 || put.length === FRESH_MAILS) return;
    hub.publish('mail', { put, remove: [] });
    for (const message of put) {
      agents.add(message.to);
      agents.add(message.from);
    }
  }

  function publishAttention(): void {
    const items = deriveAttention(reader.attentionFacts());
    putAll('attention', items, (item) => item.id);
    const next = openQuestions(items);
    for (const name of new Set([...asks.keys(), ...next.keys()]))
      if (asks.get(name) !== next.get(name)) agents.add(name);
    asks = next;
  }

  function publishAgents(): void {
    const known = hub.state('agents').byId;
    const names = allAgents ? reader.agentNames() : [...agents];
    const parents = names.flatMap((name) => known[name]?.parent ?? reader.parentOf(name) ?? []);
    const wanted = reader.agents([...new Set([...names, ...parents])], asks);
    const gone = allAgents
      ? missing(known, wanted, (agent) => agent.name)
      : names.filter((name) => Object.hasOwn(known, name) && !wanted.some((agent) => agent.name === name));
    const statesChanged = gone.length > 0 || wanted.some((agent) => known[agent.name]?.state !== agent.state);
    allAgents = false;
    agents.clear();
    const put = wanted.filter((agent: AgentView) => !same(known[agent.name], agent));
    if (put.length > 0 || gone.length > 0) hub.publish('agents', { put, remove: gone });
    if (statesChanged) {
      // Deaths ask for attention; counts of runs and the status bar follow states. One more look, never a loop: states are settled now.
      dirty.add('runs');
      publishAttention();
      if (agents.size > 0) publishAgents();
    }
    dirty.add('status');
  }

  function publishEvents(): void {
    for (;;) {
      const rows =
        lastEvent === 0 ? reader.newestEvents(LIMITS.timelineWindow) : reader.eventsAfter(lastEvent, EVENT_PAGE);
      if (rows.length === 0) return;
      lastEvent = rows.at(-1)?.id ?? lastEvent;
      hub.publish('timeline', { append: rows.map(toTimelineItem) });
    }
  }

  function publishStatus(status: RoomStatus): void {
    if (!same(hub.state('status').value, status)) hub.publish('status', { value: status });
  }

  function putAll<N extends 'tasks' | 'merges' | 'runs' | 'terminals' | 'attention', Row>(
    topic: N,
    rows: readonly Row[],
    keyOf: (row: Row) => string,
  ): void {
    const known = (hub.state(topic) as { readonly byId: Readonly<Record<string, Row>> }).byId;
    const put = rows.filter((row) => !same(known[keyOf(row)], row));
    const remove = missing(known, rows, keyOf);
    if (put.length > 0 || remove.length > 0)
      hub.publish(topic, { put, remove } as unknown as Parameters<typeof hub.publish<N>>[1]);
  }

  return {
    agent(name) {
      agents.add(name);
      schedule();
    },
    allAgents() {
      allAgents = true;
      schedule();
    },
    mail(ids) {
      for (const id of ids) mails.add(id);
      if (ids.length > 0) schedule();
    },
    tasks: () => mark('tasks'),
    merges: () => mark('merges', 'attention', 'status'),
    runs: () => mark('runs', 'status'),
    events: () => mark('events'),
    terminals: () => mark('terminals', 'status'),
    status: () => mark('status'),
    attention: () => mark('attention'),
    everything() {
      allAgents = true;
      allMail = true;
      mark('status', 'runs', 'tasks', 'merges', 'terminals', 'attention', 'events');
    },
    foreign(databases) {
      for (const name of databases) {
        if (name === 'mail') allMail = true;
        // Agents are put together from all the others; their mail is found by the mails themselves.
        else allAgents = true;
        mark(...(FOREIGN[name] ?? []));
      }
    },
    flush() {
      cancel?.();
      cancel = null;
      publish();
      publish();
      hub.flush();
    },
    close() {
      closed = true;
      cancel?.();
    },
  };
}

/** Plain data of the contract: equal text means equal value, and keys come in the order the builder writes them. */
function same(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function missing<Row>(
  known: Readonly<Record<string, unknown>>,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): string[] {
  const wanted = new Set(rows.map(keyOf));
  return Object.keys(known).filter((key) => !wanted.has(key));
}

function oldest(messages: readonly MailMessage[], count: number): string[] {
  return [...messages]
    .sort((one, other) => one.createdAt.localeCompare(other.createdAt))
    .slice(0, count)
    .map((message) => message.id);
}
