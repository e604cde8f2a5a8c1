import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { Channel, Frame } from '../../contract/wire/channel.ts';
import { messagePortChannel, type PortLike } from './messagePortChannel.ts';

const closeOf = (channel: Channel) => new Promise<string>((resolve) => channel.onClose(resolve));

describe('a MessagePort channel', () => {
  it('carries the reason of a close, which the port itself does not', async () => {
    const { port1, port2 } = new MessageChannel();
    const [left, right] = [messagePortChannel(port1), messagePortChannel(port2)];
    const closed = closeOf(right);
    left.close('the window was closed');
    expect(await closed).toBe('the window was closed');
  });
  it('tells when the other end is gone without a word, as with its process', async () => {
    const { port1, port2 } = new MessageChannel();
    const closed = closeOf(messagePortChannel(port1));
    port2.close();
    expect(await closed).toBe('the other side closed the connection');
  });
  it('ends with a reason when something else than a frame comes through', async () => {
    const { port1, port2 } = new MessageChannel();
    const closed = closeOf(messagePortChannel(port1));
    const farewell = once(port2, 'message');
    port2.postMessage({ type: 'surprise' });
    expect(await closed).toContain('neither text nor bytes');
    expect((await farewell)[0]).toEqual({ farewell: await closed });
  });
  it("reads Electron's events, whose value is in `data`", () => {
    const listeners = new Map<string, (message: unknown) => void>();
    const posted: unknown[] = [];
    const port: PortLike = {
      postMessage: (message) => posted.push(message),
      on: (event: string, listener: (message: unknown) => void) => listeners.set(event, listener),
      close: () => posted.push('closed'),
    };
    const channel = messagePortChannel(port);
    const seen: Frame[] = [];
    channel.onFrame((frame) => seen.push(frame));
    listeners.get('message')?.({ data: 'text', ports: [] });
    listeners.get('message')?.({ data: new Uint8Array([1]), ports: [] });
    expect(seen).toEqual(['text', new Uint8Array([1])]);
    listeners.get('message')?.({ data: { farewell: 'bye' }, ports: [] });
    expect(posted).toEqual(['closed']);
  });
  it('sends a view alone, not the buffer behind it', () => {
    const posted: unknown[] = [];
    const channel = messagePortChannel({
      postMessage: (message) => posted.push(message),
      on: () => {},
      close: () => {},
    });
    channel.send(Buffer.from('abcdef').subarray(2, 4));
    const sent = posted[0];
    expect(sent instanceof Uint8Array && [sent.byteLength, sent.buffer.byteLength]).toEqual([2, 2]);
  });
});
