import { LIMITS } from '../../limits.ts';
import { ok } from '../../result.ts';
import type { Channel, Frame } from '../channel.ts';
import type { TopicState } from '../definition.ts';
import { type ConnectionState, createReconnectingClient } from '../reconnect.ts';
import {
  type ConformanceCase,
  check,
  connectProbe,
  createProbeServer,
  errorOf,
  inbox,
  leaky,
  type ProbeContract,
  type ProbeServer,
  probeContract,
  same,
  succeeded,
  type Transport,
} from './probe.ts';

type Rows = TopicState<ProbeContract, 'rows'>;
interface Change {
  readonly state: Rows;
  readonly snapshot: boolean;
}

const put = (id: string, n: number) => ({ put: [{ id, n }], remove: [] });
const isDelta = (frame: Frame): boolean => typeof frame === 'string' && frame.startsWith('{"t":"delta"');

async function until(changes: { next: () => Promise<Change> }, id: string, n: number): Promise<Change> {
  for (;;) {
    const change = await changes.next();
    if (change.state.byId[id]?.n === n) return change;
  }
}

/** Snapshots, deltas, gaps and resume. */
export const topicCases: readonly ConformanceCase[] = [
  {
    name: 'a topic starts with a snapshot and follows by deltas to the same state',
    async run(transport) {
      const { client, server } = await connectProbe(transport);
      server.hub.publish('rows', put('a', 1));
      const changes = inbox<Change>();
      client.subscribe('rows', (state, delta) => changes.push({ state, snapshot: delta === null }));
      same(await changes.next(), { state: { byId: { a: { id: 'a', n: 1 } } }, snapshot: true }, 'snapshot');
      server.hub.publish('rows', put('b', 2));
      const next = await changes.next();
      same([next.snapshot, next.state], [false, server.hub.state('rows')], 'delta');
      client.close();
    },
  },
  {
    name: 'the first delta of a burst leaves alone, the rest joined, and the end is the same',
    async run(transport) {
      const { client, server } = await connectProbe(transport);
      const changes = inbox<Change>();
      client.subscribe('rows', (state, delta) => changes.push({ state, snapshot: delta === null }));
      await changes.next();
      for (let index = 1; index <= 100; index += 1) server.hub.publish('rows', put(`k${index % 7}`, index));
      const first = await changes.next();
      same(first.state, { byId: { k1: { id: 'k1', n: 1 } } }, 'first delta');
      const second = await changes.next();
      same(second.state.byId, server.hub.state('rows').byId, 'state after the burst');
      same(changes.all.length, 3, 'snapshot, first, rest');
      client.close();
    },
  },
  {
    name: 'two listeners share a topic; the second gets the state, a removed one nothing more',
    async run(transport) {
      const { client, server } = await connectProbe(transport);
      const first = inbox<Change>();
      const second = inbox<Change>();
      const end = client.subscribe('rows', (state, delta) => first.push({ state, snapshot: delta === null }));
      await first.next();
      client.subscribe('rows', (state, delta) => second.push({ state, snapshot: delta === null }));
      check((await second.next()).snapshot, 'the second starts with the state');
      end();
      end();
      server.hub.publish('rows', put('a', 1));
      check(!(await second.next()).snapshot, 'the second goes on');
      same(first.all.length, 1, 'the first has ended');
      same(succeeded(await client.snapshot('rows')), server.hub.state('rows'), 'one-shot snapshot');
      same(succeeded(await client.snapshot('lines')), { items: [] }, 'one-shot snapshot of an unwatched topic');
      client.close();
      same(errorOf(await client.snapshot('rows')).tag, 'unavailable', 'snapshot after the end');
    },
  },
  {
    name: 'a lost delta is noticed and made good, by replay and not by guessing',
    async run(transport) {
      let lost = 0;
      const { client, server } = await connectProbe(transport, {
        wrap: (channel) =>
          leaky(channel, (frame) => {
            const lose = isDelta(frame) && lost === 0;
            if (lose) lost += 1;
            return lose;
          }),
      });
      const changes = inbox<Change>();
      client.subscribe('rows', (state, delta) => changes.push({ state, snapshot: delta === null }));
      await changes.next();
      server.hub.publish('rows', put('lost', 1));
      server.hub.flush();
      server.hub.publish('rows', put('seen', 2));
      server.hub.flush();
      const healed = await until(changes, 'seen', 2);
      same([lost, healed.state.byId.lost?.n], [1, 1], 'the lost row is there');
      check(!healed.snapshot, 'made good by replay');
      client.close();
    },
  },
  {
    name: 'a snapshot larger than a frame arrives whole',
    async run(transport) {
      const { client, server } = await connectProbe(transport);
      const rows = Array.from({ length: 9_000 }, (_, index) => ({ id: `${index} ${'x'.repeat(300)}`, n: index }));
      server.hub.publish('rows', { put: rows, remove: [] });
      same(Object.keys(succeeded(await client.snapshot('rows')).byId).length, 9_000, 'rows');
      client.close();
    },
  },
  {
    name: 'after a lost connection a subscription resumes by replay; what it held covers the rest',
    async run(transport) {
      const room = await reconnecting(transport);
      room.server.hub.publish('rows', put('before', 1));
      await until(room.changes, 'before', 1);
      room.cut();
      await room.state('lost');
      room.server.hub.publish('rows', put('meanwhile', 2));
      await room.state('open');
      const resumed = await until(room.changes, 'meanwhile', 2);
      check(!resumed.snapshot, 'replayed');
      room.server.hub.publish('rows', put('after', 3));
      const state = (await until(room.changes, 'after', 3)).state;
      same(Object.keys(state.byId), ['before', 'meanwhile', 'after'], 'rows');
      room.client.close();
    },
  },
  {
    name: 'a resume beyond the history, or from another start of the server, is a snapshot',
    async run(transport) {
      const room = await reconnecting(transport);
      room.server.hub.publish('rows', put('before', 1));
      await until(room.changes, 'before', 1);
      room.cut();
      await room.state('lost');
      for (let index = 0; index <= LIMITS.topicHistory; index += 1) {
        room.server.hub.publish('rows', put('meanwhile', index));
        room.server.hub.flush();
      }
      check((await until(room.changes, 'meanwhile', LIMITS.topicHistory)).snapshot, 'beyond the history');

      room.restart();
      room.server.hub.publish('rows', put('reborn', 1));
      room.cut();
      const fresh = await until(room.changes, 'reborn', 1);
      same([fresh.snapshot, Object.keys(fresh.state.byId)], [true, ['reborn']], 'another epoch');
      room.client.close();
    },
  },
  {
    name: 'while the connection is lost calls fail at once; afterwards they answer',
    async run(transport) {
      const room = await reconnecting(transport);
      const hanging = room.client.call('hang', {});
      await room.server.hanging.next();
      room.cut();
      await room.state('lost');
      same(errorOf(await hanging).tag, 'unavailable', 'call under way');
      same(errorOf(await room.client.call('echo', { text: '' })).tag, 'unavailable', 'call while lost');
      await room.state('open');
      same(succeeded(await room.client.call('echo', { text: 'back' })), { text: 'back' }, 'call after');
      room.client.close();
      same(errorOf(await room.client.call('echo', { text: '' })).tag, 'unavailable', 'call after close');
    },
  },
];

interface Room {
  readonly client: ReturnType<typeof createReconnectingClient<ProbeContract>>;
  readonly changes: ReturnType<typeof inbox<Change>>;
  readonly server: ProbeServer;
  /** Ends the present connection from the server's side. */
  cut(): void;
  /** Later connections meet a server that remembers nothing. */
  restart(): void;
  state(kind: ConnectionState['kind']): Promise<ConnectionState>;
}

async function reconnecting(transport: Transport): Promise<Room> {
  const { scheduler } = transport;
  let server = createProbeServer(scheduler);
  let current: Channel | null = null;
  const states = inbox<ConnectionState>();
  const changes = inbox<Change>();
  const client = createReconnectingClient({
    contract: probeContract,
    hello: { build: 'b', token: 'admin' },
    scheduler,
    validate: true,
    async connect() {
      const pair = await transport.open();
      current = pair.server;
      server.serve(pair.server);
      return ok(pair.client);
    },
  });
  client.onConnection(states.push);
  client.subscribe('rows', (state, delta) => changes.push({ state, snapshot: delta === null }));
  // A call made before the first connection waits for it.
  same(succeeded(await client.call('echo', { text: 'queued' })), { text: 'queued' }, 'queued call');
  check((await changes.next()).snapshot, 'snapshot');
  return {
    client,
    changes,
    get server() {
      return server;
    },
    cut: () => current?.close('cable cut'),
    restart() {
      server = createProbeServer(scheduler, 'epoch-2');
    },
    async state(kind) {
      for (;;) {
        const state = await states.next();
        if (state.kind === kind) return state;
      }
    },
  };
}
