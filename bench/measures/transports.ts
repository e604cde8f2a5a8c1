import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import { LIMITS } from '../../contract/limits.ts';
import { listenSocket } from '../../main/platform/socketChannel.ts';
import { webSocketChannel } from '../../main/server/webSocketChannel.ts';
import { firstMessage } from '../lib/engine.ts';
import { type BenchContext, type Measure, row } from '../lib/measure.ts';
import { must } from '../lib/must.ts';
import { endChild, startScript } from '../lib/processes.ts';
import { temporaryFolder } from '../lib/project.ts';
import { median, now } from '../lib/stats.ts';

const FRAME = LIMITS.outputBatchBytes;

/** One-way megabytes a second of our channels, in frames of the size terminal output is joined to, beside the bare transport. */
export const transports: Measure = {
  name: 'transports',
  title: 'one-way MB/s of our unix socket and WebSocket channels beside the bare transports, 64 KiB frames',
  async run(context) {
    const counter = { bytes: 0, goal: 0, done: () => {} };
    const count = (bytes: number): void => {
      counter.bytes += bytes;
      if (counter.bytes >= counter.goal) counter.done();
    };
    const targets = await listenAll(context, count);
    const megabytes = context.pick(400, 60);
    const frames = Math.ceil((megabytes * 1_000_000) / FRAME);
    const rates: Record<string, number[]> = {};
    for (let round = 0; round < context.pick(4, 2); round += 1) {
      for (const [kind, target] of Object.entries(targets)) {
        const script = join(import.meta.dirname, '../children/transportSender.ts');
        const child = startScript(script, [kind, target, String(frames), String(FRAME)], import.meta.dirname);
        context.defer(() => endChild(child));
        await firstMessage(child);
        const finished = new Promise<void>((resolve) => {
          Object.assign(counter, { bytes: 0, goal: frames * FRAME, done: resolve });
        });
        const started = now();
        child.send('go');
        await finished;
        const rate = (frames * FRAME) / 1_000 / (now() - started);
        rates[kind] = [...(rates[kind] ?? []), rate];
        await endChild(child);
      }
    }
    const middle = (kind: string): number => median(rates[kind] ?? []);
    return [
      row({
        name: 'unix socket channel',
        ours: middle('unix'),
        reference: middle('plain-unix'),
        unit: 'MB/s',
        note: 'ref: bare socket, no frames',
      }),
      row({
        name: 'WebSocket channel',
        ours: middle('web'),
        reference: middle('plain-web'),
        unit: 'MB/s',
        note: 'ref: bare ws',
      }),
    ];
  },
};

async function listenAll(context: BenchContext, count: (bytes: number) => void): Promise<Record<string, string>> {
  const folder = await temporaryFolder(context);
  const [unixPath, plainPath] = [join(folder, 'ours', 's'), join(folder, 'p')];
  const listener = must(
    await listenSocket(unixPath, (channel) => void channel.onFrame((frame) => count(frame.length))),
  );
  context.defer(() => listener.close());
  const plain = createServer((socket: Socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => count(bytes.length));
  });
  await new Promise<void>((resolve) => plain.listen(plainPath, resolve));
  context.defer(() => void plain.close());
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: LIMITS.frameBytes });
  const http = createHttpServer();
  http.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (accepted: WebSocket) => {
      if (request.url === '/ours') webSocketChannel(accepted).onFrame((frame) => count(frame.length));
      else accepted.on('message', (data) => count((data as Buffer).length));
      // A sender that is ended by the bench breaks its connection, which is no news.
      accepted.on('error', () => accepted.terminate());
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  context.defer(() => {
    for (const socket of sockets.clients) socket.terminate();
    http.closeAllConnections();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  return {
    unix: unixPath,
    'plain-unix': plainPath,
    web: `ws://127.0.0.1:${port}/ours`,
    'plain-web': `ws://127.0.0.1:${port}/plain`,
  };
}
