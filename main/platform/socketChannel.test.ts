import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../contract/limits.ts';
import type { Channel, Frame } from '../../contract/wire/channel.ts';
import { connectSocket, listenSocket, type SocketListener, socketChannel } from './socketChannel.ts';
import { createSocketFrameReader, encodeSocketFrame } from './socketFrames.ts';

let folder = '';
let cleanups: (() => unknown)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sock-'));
});
afterEach(async () => {
  for (const cleanup of cleanups) await cleanup();
  cleanups = [];
  await rm(folder, { recursive: true, force: true });
});

const at = (...names: string[]) => join(folder, ...names);

async function listening(path: string, onChannel: (channel: Channel) => void = () => {}): Promise<SocketListener> {
  const result = await listenSocket(path, onChannel);
  if (!result.ok) throw new Error(result.error.message);
  cleanups.push(() => result.value.close());
  return result.value;
}

/** A raw connection to a channel of ours, so that the test can misbehave. */
async function rawPeer(): Promise<{ readonly channel: Channel; readonly socket: Socket }> {
  const path = at('raw.sock');
  const accepted = new Promise<Channel>((resolve) => {
    const server: Server = createServer((socket) => resolve(socketChannel(socket)));
    cleanups.push(() => server.close());
    server.listen(path);
  });
  const socket = connect(path);
  cleanups.push(() => socket.destroy());
  // A reset by the other side is what some of these tests provoke.
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return { channel: await accepted, socket };
}

const closeOf = (channel: Channel) => new Promise<string>((resolve) => channel.onClose(resolve));

describe('frames on a byte pipe', () => {
  const frame: fc.Arbitrary<Frame> = fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 300 }));
  it('come back whole and in order, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 50 })), (frames, sizes) => {
        const wellFormed = frames.map((each) => (typeof each === 'string' ? each.toWellFormed() : each));
        const bytes = Buffer.concat(wellFormed.map((frame) => encodeSocketFrame(frame).bytes));
        const seen: Frame[] = [];
        const reader = createSocketFrameReader(10_000);
        let start = 0;
        for (let index = 0; start < bytes.byteLength; index += 1) {
          const end = start + (sizes[index % (sizes.length || 1)] ?? 7);
          expect(reader.push(bytes.subarray(start, end), (each) => seen.push(each))).toBeNull();
          start = end;
        }
        expect(seen.map((each) => (typeof each === 'string' ? each : [...each]))).toEqual(
          wellFormed.map((each) => (typeof each === 'string' ? each : [...each])),
        );
      }),
    );
  });
  it('refuse a frame by its header, before any of it is held', () => {
    const reader = createSocketFrameReader(100);
    const header = encodeSocketFrame('x'.repeat(101)).bytes.subarray(0, 5);
    expect(reader.push(header, () => {})).toContain('101 bytes is larger than 100');
  });
  it('never throw for any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
        const reader = createSocketFrameReader(50);
        for (const chunk of chunks) reader.push(Buffer.from(chunk), () => {});
      }),
    );
  });
});

describe('a socket channel', () => {
  it('ends with a reason when the peer announces a frame that is too large', async () => {
    const { channel, socket } = await rawPeer();
    const header = Buffer.alloc(5);
    header.writeUInt32BE(LIMITS.frameBytes + 1);
    socket.write(header);
    expect(await closeOf(channel)).toContain(`larger than ${LIMITS.frameBytes}`);
  });
  it('ends with a reason on bytes that are no frames', async () => {
    const { channel, socket } = await rawPeer();
    socket.write('GET / HTTP/1.1\r\n\r\n');
    expect(await closeOf(channel)).toContain('protocol error');
  });
  it('cuts off a peer that reads nothing at 8 MiB, and never holds much more', async () => {
    const { channel, socket } = await rawPeer();
    socket.pause();
    const closed = closeOf(channel);
    let peak = 0;
    for (let frames = 0; frames < 100; frames += 1) {
      channel.send(new Uint8Array(512 * 1024));
      peak = Math.max(peak, channel.queuedBytes);
    }
    expect(await closed).toContain('lagging');
    expect(peak).toBeGreaterThan(LIMITS.channelBusyBytes);
    expect(peak).toBeLessThanOrEqual(LIMITS.channelCutBytes + 1024 * 1024);
  });
  it('delivers what was sent before a close', async () => {
    const { channel, socket } = await rawPeer();
    const seen: Frame[] = [];
    const reader = createSocketFrameReader(LIMITS.frameBytes);
    socket.on('data', (chunk) => reader.push(chunk, (frame) => seen.push(frame)));
    const ended = new Promise((resolve) => socket.once('end', resolve));
    for (let index = 0; index < 50; index += 1) channel.send(`${index} ${'x'.repeat(20_000)}`);
    channel.close('done');
    await ended;
    expect(seen).toHaveLength(50);
  });
  it('tells a broken connection', async () => {
    const { channel, socket } = await rawPeer();
    const closed = closeOf(channel);
    socket.destroy();
    expect(await closed).toMatch(/broke|closed the connection/);
    channel.send('into the void');
  });
});

describe('listening on a unix socket', () => {
  it('makes the file 0600 in a folder 0700, and removes it at the end', async () => {
    const listener = await listening(at('run', 'engine.sock'));
    expect((await stat(at('run'))).mode & 0o777).toBe(0o700);
    expect((await stat(listener.path)).mode & 0o777).toBe(0o600);
    await listener.close();
    await expect(stat(listener.path)).rejects.toThrow('ENOENT');
  });
  it('closes an existing folder of our own to others, and refuses one that is shared', async () => {
    await mkdir(at('run'), { mode: 0o755 });
    await listening(at('run', 'engine.sock'));
    expect((await stat(at('run'))).mode & 0o777).toBe(0o700);
    await mkdir(at('shared'));
    await chmod(at('shared'), 0o1777);
    expect(await listenSocket(at('shared', 's.sock'), () => {})).toMatchObject({ ok: false, error: { tag: 'config' } });
    expect((await stat(at('shared'))).mode & 0o7777).toBe(0o1777);
  });
  it('refuses where somebody already listens, and leaves them alone', async () => {
    const seen: Channel[] = [];
    await listening(at('s.sock'), (channel) => seen.push(channel));
    expect(await listenSocket(at('s.sock'), () => {})).toMatchObject({ ok: false, error: { tag: 'conflict' } });
    const client = await connectSocket(at('s.sock'));
    expect(client.ok).toBe(true);
    if (client.ok) client.value.close();
  });
  it('replaces a socket file whose owner died', async () => {
    // A worker that exits hard leaves its socket file behind, as a killed engine does.
    const path = at('stale.sock');
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => {
      require('node:fs').renameSync(${JSON.stringify(path)}, ${JSON.stringify(`${path}.left`)});
      process.exit(0);
    })`;
    await new Promise((resolve) => new Worker(script, { eval: true }).once('exit', resolve));
    const { rename } = await import('node:fs/promises');
    await rename(`${path}.left`, path);
    expect((await stat(path)).isSocket()).toBe(true);
    expect(await connectSocket(path)).toMatchObject({ ok: false, error: { tag: 'unavailable' } });
    await listening(path);
    const client = await connectSocket(path);
    expect(client.ok).toBe(true);
    if (client.ok) client.value.close();
  });
  it('never removes a file that is no socket', async () => {
    await writeFile(at('precious'), 'text');
    expect(await listenSocket(at('precious'), () => {})).toMatchObject({ ok: false, error: { tag: 'config' } });
    expect((await stat(at('precious'))).isFile()).toBe(true);
  });
  it('says so when the path is too long for a socket', async () => {
    const result = await listenSocket(at('x'.repeat(120), 's.sock'), () => {});
    expect(result).toMatchObject({
      ok: false,
      error: { tag: 'config', message: expect.stringContaining('longer than') },
    });
    await expect(stat(dirname(at('x'.repeat(120), 's.sock')))).rejects.toThrow('ENOENT');
  });
});

describe('connecting to a unix socket', () => {
  it('fails as a value where nobody listens', async () => {
    const result = await connectSocket(at('nobody.sock'));
    expect(result).toMatchObject({
      ok: false,
      error: { tag: 'unavailable', message: expect.stringContaining('ENOENT') },
    });
  });
});
