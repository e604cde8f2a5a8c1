import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Channel, Scheduler } from '../../contract/wire/channel.ts';
import { conformanceCases } from '../../contract/wire/conformance/index.ts';
import { createMemoryPair } from '../../contract/wire/memoryChannel.ts';
import { messagePortChannel } from './messagePortChannel.ts';
import { openWebSocketChannel } from './webSocketChannel.ts';

const scheduler: Scheduler = {
  now: () => Date.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};

describe('a page MessagePort', () => {
  for (const each of conformanceCases) {
    it(each.name, () =>
      each.run({
        name: 'page MessagePort',
        scheduler,
        async open() {
          const { port1, port2 } = new MessageChannel();
          return { server: messagePortChannel(port1), client: messagePortChannel(port2) };
        },
      }),
    );
  }
});

/** As much of a browser's WebSocket as the channel uses, over a pair in memory; the real one is met end to end. */
class PretendWebSocket extends EventTarget {
  static readonly OPEN = 1;
  static peers: Channel[] = [];
  static refuses = false;
  readonly url: string;
  binaryType = 'blob';
  bufferedAmount = 0;
  readyState = 0;
  private readonly end: Channel;

  constructor(url: string) {
    super();
    this.url = url;
    const [ours, theirs] = createMemoryPair();
    this.end = ours;
    if (PretendWebSocket.refuses) {
      queueMicrotask(() => this.dispatchEvent(new PretendCloseEvent(1006, '')));
      return;
    }
    PretendWebSocket.peers.push(theirs);
    ours.onFrame((frame) => {
      // What a browser hands over with `binaryType` "arraybuffer"; a Blob would be dropped by the channel.
      const data = typeof frame === 'string' || this.binaryType !== 'arraybuffer' ? frame : frame.slice().buffer;
      this.dispatchEvent(new MessageEvent('message', { data }));
    });
    ours.onClose((reason) => {
      this.readyState = 3;
      this.dispatchEvent(new PretendCloseEvent(1000, reason));
    });
    queueMicrotask(() => {
      this.readyState = PretendWebSocket.OPEN;
      this.dispatchEvent(new Event('open'));
    });
  }
  send(data: string | Uint8Array): void {
    this.end.send(data);
  }
  close(_code: number, reason: string): void {
    this.end.close(reason);
  }
}
class PretendCloseEvent extends Event {
  readonly code: number;
  readonly reason: string;
  constructor(code: number, reason: string) {
    super('close');
    this.code = code;
    this.reason = reason;
  }
}

async function pretend(): Promise<{ readonly server: Channel; readonly client: Channel }> {
  vi.stubGlobal('WebSocket', PretendWebSocket);
  const opened = await openWebSocketChannel('ws://127.0.0.1:1/room');
  const server = PretendWebSocket.peers.pop();
  if (!opened.ok || server === undefined) throw new Error('not opened');
  return { server, client: opened.value };
}

afterEach(() => {
  PretendWebSocket.refuses = false;
  vi.unstubAllGlobals();
});

describe('a page WebSocket', () => {
  for (const each of conformanceCases) {
    it(each.name, () => each.run({ name: 'page WebSocket', scheduler, open: pretend }));
  }
  it('that does not open is a failure with the address, not an exception', async () => {
    vi.stubGlobal('WebSocket', PretendWebSocket);
    PretendWebSocket.refuses = true;
    const refused = await openWebSocketChannel('ws://127.0.0.1:1/room');
    expect(refused).toMatchObject({ ok: false, error: { tag: 'unavailable' } });
    if (!refused.ok) expect(refused.error.message).toContain('127.0.0.1:1');
  });
});
