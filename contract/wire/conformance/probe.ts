import { z } from 'zod';
import { LIMITS } from '../../limits.ts';
import { collectionTopic } from '../../reducers/collection.ts';
import { logTopic } from '../../reducers/log.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Channel, Frame, Scheduler } from '../channel.ts';
import { connectClient } from '../client.ts';
import type { Client, Contract, Handlers, Scope, StreamWriter } from '../definition.ts';
import { procedure } from '../definition.ts';
import { type ServerSession, serveClient } from '../server.ts';
import { createTopicHub, type TopicHub } from '../topicHub.ts';

const Nothing = z.object({});
const Row = z.object({ id: z.string(), n: z.number() });

/** A contract with one of everything, small enough to know what must come back. */
export const probeContract = {
  name: 'probe',
  protocol: 7,
  procedures: {
    echo: procedure('read', z.object({ text: z.string() }), z.object({ text: z.string() })),
    repeat: procedure('read', z.object({ text: z.string(), times: z.number() }), z.object({ text: z.string() })),
    bounded: procedure('read', z.object({ cols: z.number().int().min(2).max(500) }), Nothing),
    refuse: procedure('read', Nothing, Nothing),
    explode: procedure('read', Nothing, Nothing),
    lie: procedure('read', Nothing, z.object({ n: z.number() })),
    hang: procedure('read', Nothing, Nothing),
    change: procedure('control', Nothing, z.object({ scope: z.string() })),
    shutdown: procedure('admin', Nothing, Nothing),
    source: procedure('read', z.object({ start: z.number() }), z.object({ stream: z.number() })),
  },
  topics: { rows: collectionTopic(Row, (row) => row.id), lines: logTopic(z.number(), 50) },
} as const satisfies Contract;
export type ProbeContract = typeof probeContract;

/** One kind of channel under test. */
export interface Transport {
  readonly name: string;
  /** Real timers. */
  readonly scheduler: Scheduler;
  /** A fresh pair, connected. */
  open(): Promise<{ readonly server: Channel; readonly client: Channel }>;
}

/** One behaviour every transport must show; throws when it does not. */
export interface ConformanceCase {
  readonly name: string;
  readonly run: (transport: Transport) => Promise<void>;
}

/** Fails the case unless the condition holds. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Fails the case unless both are the same JSON. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  check(left === right, `${what}: expected ${right?.slice(0, 300)}, got ${left?.slice(0, 300)}`);
}

/** The value of a result that must be one. */
export function succeeded<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.error.tag}: ${result.error.message}`);
  return result.value;
}

/** The error of a result that must be one. */
export function errorOf(result: Result<unknown>): {
  readonly tag: string;
  readonly message: string;
  readonly data?: unknown;
} {
  if (result.ok) throw new Error(`expected an error, got ${JSON.stringify(result.value)}`);
  return result.error;
}

/** Values that arrive one by one, and a way to wait for the next. */
export function inbox<Item>(): {
  readonly push: (item: Item) => void;
  readonly next: () => Promise<Item>;
  readonly all: Item[];
} {
  const all: Item[] = [];
  const waiting: ((item: Item) => void)[] = [];
  let read = 0;
  return {
    all,
    push(item) {
      all.push(item);
      const first = waiting.shift();
      if (first === undefined) return;
      read += 1;
      first(item);
    },
    next() {
      const item = all[read];
      if (item !== undefined) {
        read += 1;
        return Promise.resolve(item);
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>> | undefined;
}

/** A server of the probe contract that remembers what happened to it. */
export interface ProbeServer {
  readonly hub: TopicHub<ProbeContract>;
  readonly log: LogLine[];
  /** Calls of `hang` as they start, and as their signal aborts. */
  readonly hanging: ReturnType<typeof inbox<true>>;
  readonly aborted: ReturnType<typeof inbox<true>>;
  readonly writers: ReturnType<typeof inbox<StreamWriter>>;
  serve(channel: Channel, scheduler?: Scheduler): ServerSession;
}

/** Creates the server. The hello's token is the scope it asks for. */
export function createProbeServer(scheduler: Scheduler, epoch = 'epoch-1'): ProbeServer {
  const hub = createTopicHub({ contract: probeContract, scheduler, validate: true });
  const log: LogLine[] = [];
  const hanging = inbox<true>();
  const aborted = inbox<true>();
  const writers = inbox<StreamWriter>();
  const handlers: Handlers<ProbeContract> = {
    echo: ({ text }) => ok({ text }),
    repeat: ({ text, times }) => ok({ text: text.repeat(times) }),
    bounded: () => ok({}),
    refuse: () => fail('conflict', 'the branch is taken', { field: 'branch', data: { files: ['a'] } }),
    explode: () => {
      throw new Error('secret detail');
    },
    lie: () => ok({ n: 'not a number' } as unknown as { n: number }),
    hang: (_input, { signal }) =>
      new Promise((_resolve, reject) => {
        hanging.push(true);
        signal.addEventListener('abort', () => {
          aborted.push(true);
          reject(new Error('stopped'));
        });
      }),
    change: (_input, { scope }) => ok({ scope }),
    shutdown: () => ok({}),
    source: ({ start }, context) => {
      const writer = context.openStream(start);
      writers.push(writer);
      return ok({ stream: writer.stream });
    },
  };
  const scopes: Readonly<Record<string, Scope>> = { read: 'read', control: 'control', admin: 'admin' };
  return {
    hub,
    log,
    hanging,
    aborted,
    writers,
    serve: (channel, clock = scheduler) =>
      serveClient({
        contract: probeContract,
        channel,
        handlers,
        hub,
        authorize: (hello) => scopes[hello.token ?? ''] ?? null,
        scheduler: clock,
        log: (level, message, data) => log.push({ level, message, data }),
        epoch,
        build: 'server-build',
        validate: true,
      }),
  };
}

export interface Connected {
  readonly server: ProbeServer;
  readonly session: ServerSession;
  readonly client: Client<ProbeContract>;
}

/** A fresh pair with server and client on it. `wrap` may spoil the client's channel. */
export async function connectProbe(
  transport: Transport,
  options: {
    readonly token?: string;
    readonly most?: Scope;
    readonly server?: ProbeServer;
    readonly wrap?: (channel: Channel) => Channel;
  } = {},
): Promise<Connected> {
  const {
    token = 'admin',
    server = createProbeServer(transport.scheduler),
    wrap = (channel: Channel) => channel,
  } = options;
  const pair = await transport.open();
  const session = server.serve(pair.server);
  const connected = await connectClient({
    contract: probeContract,
    channel: wrap(pair.client),
    hello: { build: 'client-build', token, ...(options.most === undefined ? {} : { most: options.most }) },
    scheduler: transport.scheduler,
    validate: true,
  });
  return { server, session, client: succeeded(connected) };
}

/** A channel that loses the frames `lose` picks, as no honest transport would. */
export function leaky(channel: Channel, lose: (frame: Frame) => boolean): Channel {
  return {
    send: (frame) => channel.send(frame),
    close: (reason) => channel.close(reason),
    onClose: (listener) => channel.onClose(listener),
    onFrame: (listener) =>
      channel.onFrame((frame) => {
        if (!lose(frame)) listener(frame);
      }),
    get queuedBytes() {
      return channel.queuedBytes;
    },
  };
}

/** Bytes whose values tell their absolute offset: 0..255 again and again, with a shift every 256. */
export function patternBytes(offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) {
    const position = offset + index;
    bytes[index] = (position + Math.floor(position / 256)) & 0xff;
  }
  return bytes;
}

/** Writes `total` pattern bytes as a well-behaved source does; tells how much was ever unacknowledged. */
export function pour(
  writer: StreamWriter,
  start: number,
  total: number,
  chunk: number,
): { readonly peak: () => number } {
  let written = start;
  let peak = 0;
  const run = (): void => {
    while (written < start + total) {
      const size = Math.min(chunk, start + total - written);
      const more = writer.write(patternBytes(written, size));
      written += size;
      peak = Math.max(peak, written - writer.acknowledged);
      if (!more) return;
    }
    writer.end('done');
  };
  writer.onDrain(run);
  run();
  return { peak: () => peak };
}

/** Most a well-behaved source may have on its way: one window, and the chunk that filled it. */
export function windowBound(chunk: number): number {
  return LIMITS.streamWindowBytes + chunk;
}
