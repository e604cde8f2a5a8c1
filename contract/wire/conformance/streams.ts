import { LIMITS } from '../../limits.ts';
import type { Client, StreamReader } from '../definition.ts';
import {
  type ConformanceCase,
  type Connected,
  check,
  connectProbe,
  createProbeServer,
  inbox,
  type ProbeContract,
  patternBytes,
  pour,
  same,
  succeeded,
  windowBound,
} from './probe.ts';

interface Viewer {
  readonly reader: StreamReader;
  /** Absolute end of the bytes received, checked against the pattern on the way. */
  readonly received: () => number;
  readonly end: Promise<string>;
  /** Resolves when at least this offset has arrived. */
  reached(offset: number): Promise<void>;
}

/** Opens a stream and checks every byte of it; acks what it has when `acks` says so. */
function view(client: Client<ProbeContract>, stream: number, start: number, acks: () => boolean): Viewer {
  let received = start;
  const waiting = new Set<{ readonly offset: number; readonly done: () => void }>();
  const end = inbox<string>();
  const reader = client.openStream(stream, {
    onBytes(bytes, offset) {
      if (offset !== received) end.push(`gap: expected ${received}, got ${offset}`);
      const expected = patternBytes(offset, bytes.byteLength);
      if (!bytes.every((value, index) => value === expected[index])) end.push(`bytes changed at ${offset}`);
      received = offset + bytes.byteLength;
      // The reader exists only after `openStream` returned; bytes kept for it come before.
      if (acks()) Promise.resolve().then(() => reader.ack(received));
      for (const waiter of waiting) {
        if (received < waiter.offset) continue;
        waiting.delete(waiter);
        waiter.done();
      }
    },
    onEnd: end.push,
  });
  return {
    reader,
    received: () => received,
    end: end.next(),
    reached: (offset) =>
      received >= offset ? Promise.resolve() : new Promise((done) => waiting.add({ offset, done })),
  };
}

async function open({ client, server }: Connected, start: number) {
  const { stream } = succeeded(await client.call('source', { start }));
  return { stream, writer: await server.writers.next() };
}

/** Byte streams with acks. */
export const streamCases: readonly ConformanceCase[] = [
  {
    name: 'a stream carries every byte value at its absolute offset, far above 32 bits',
    async run(transport) {
      const connected = await connectProbe(transport);
      const start = 5_000_000_000;
      const { stream, writer } = await open(connected, start);
      const viewer = view(connected.client, stream, start, () => true);
      pour(writer, start, 100_000, 777);
      same(await viewer.end, 'done', 'end');
      same(viewer.received(), start + 100_000, 'bytes');
      connected.client.close();
    },
  },
  {
    name: 'bytes and the end that come before the client opens the stream are kept',
    async run(transport) {
      const connected = await connectProbe(transport);
      const { stream, writer } = await open(connected, 0);
      pour(writer, 0, 50_000, 5_000);
      // This answer travels behind all of the bytes.
      succeeded(await connected.client.call('echo', { text: 'behind' }));
      const viewer = view(connected.client, stream, 0, () => true);
      same([await viewer.end, viewer.received()], ['done', 50_000], 'kept stream');
      connected.client.close();
    },
  },
  {
    name: 'a slow reader holds its source at one window, harms nobody, and loses nothing',
    async run(transport) {
      const server = createProbeServer(transport.scheduler);
      const slow = await connectProbe(transport, { server });
      const other = await connectProbe(transport, { server });
      const total = 6 * LIMITS.streamWindowBytes;
      let reading = false;
      const { stream, writer } = await open(slow, 0);
      const viewer = view(slow.client, stream, 0, () => reading);
      const source = pour(writer, 0, total, 4_096);
      await viewer.reached(LIMITS.streamWindowBytes);
      same(succeeded(await slow.client.call('echo', { text: 'same client' })), { text: 'same client' }, 'its calls');
      same(viewer.received(), LIMITS.streamWindowBytes, 'held at one window');

      const quick = await open(other, 0);
      const quickViewer = view(other.client, quick.stream, 0, () => true);
      pour(quick.writer, 0, 4 * LIMITS.streamWindowBytes, 65_536);
      same(await quickViewer.end, 'done', 'the other client streams on');

      reading = true;
      viewer.reader.ack(viewer.received());
      same([await viewer.end, viewer.received()], ['done', total], 'the slow one gets all');
      check(source.peak() <= windowBound(4_096), `${source.peak()} bytes were on their way`);
      slow.client.close();
      other.client.close();
    },
  },
  {
    name: 'a source that ignores a full window is cut off as lagging; the connection lives',
    async run(transport) {
      const connected = await connectProbe(transport);
      const { stream, writer } = await open(connected, 0);
      const viewer = view(connected.client, stream, 0, () => false);
      const gone = inbox<true>();
      writer.onClose(() => gone.push(true));
      for (let written = 0; written <= LIMITS.streamCutBytes; written += 65_536) {
        writer.write(patternBytes(written, 65_536));
      }
      await gone.next();
      same(await viewer.end, 'lagging', 'end');
      check(writer.write(new Uint8Array(1)), 'a stream that is over holds no source');
      same(succeeded(await connected.client.call('echo', { text: 'alive' })), { text: 'alive' }, 'connection');
      connected.client.close();
    },
  },
  {
    name: 'a whole ring written at once arrives',
    async run(transport) {
      const connected = await connectProbe(transport);
      const { stream, writer } = await open(connected, 0);
      const viewer = view(connected.client, stream, 0, () => true);
      check(!writer.write(patternBytes(0, LIMITS.ringBytes)), 'the window is full');
      writer.end('done');
      same([await viewer.end, viewer.received()], ['done', LIMITS.ringBytes], 'ring');
      connected.client.close();
    },
  },
  {
    name: 'closing a reader tells the source; a lost connection tells both',
    async run(transport) {
      const connected = await connectProbe(transport);
      const closing = await open(connected, 0);
      const gone = inbox<string>();
      closing.writer.onClose(() => gone.push('closed reader'));
      view(connected.client, closing.stream, 0, () => true).reader.close();
      same(await gone.next(), 'closed reader', 'source');

      const losing = await open(connected, 0);
      const viewer = view(connected.client, losing.stream, 0, () => true);
      losing.writer.onClose(() => gone.push('lost connection'));
      connected.session.close('cable cut');
      same(await gone.next(), 'lost connection', 'source');
      same(await viewer.end, 'cable cut', 'viewer');
      const late = inbox<true>();
      losing.writer.onClose(() => late.push(true));
      await late.next();
    },
  },
  {
    name: 'many streams share a connection without mixing',
    async run(transport) {
      const connected = await connectProbe(transport);
      const ends = [];
      for (let index = 0; index < 12; index += 1) {
        const start = index * 1_000_003;
        const { stream, writer } = await open(connected, start);
        ends.push(view(connected.client, stream, start, () => true).end);
        pour(writer, start, 300_000, 10_000);
      }
      same(await Promise.all(ends), Array(12).fill('done'), 'ends');
      connected.client.close();
    },
  },
];
