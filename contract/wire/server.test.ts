import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { valueTopic } from '../reducers/value.ts';
import { fail, ok } from '../result.ts';
import type { Channel, Frame } from './channel.ts';
import { type CallContext, type Contract, procedure, type StreamWriter } from './definition.ts';
import { decodeBinary, encodeBinary } from './frames.ts';
import { createManualScheduler } from './manualScheduler.ts';
import { createMemoryPair } from './memoryChannel.ts';
import { serveClient } from './server.ts';
import { createTopicHub } from './topicHub.ts';

const contract = {
  name: 'small',
  protocol: 1,
  procedures: {
    attach: procedure('read', z.object({ fail: z.boolean() }), z.object({ stream: z.number() })),
    wait: procedure('read', z.object({}), z.object({})),
    big: procedure('read', z.object({}), z.object({ n: z.unknown() })),
  },
  topics: { word: valueTopic(z.string()) },
} as const satisfies Contract;

/** Lets everything that is only promises away happen. */
async function settle(turns = 100): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
}

/** A served channel that is spoken to by hand. */
async function served(end?: Channel) {
  const scheduler = createManualScheduler();
  const hub = createTopicHub({ contract, scheduler });
  let viewers = 0;
  const counting = {
    ...hub,
    attach(...parameters: Parameters<typeof hub.attach>) {
      const { catchUp, detach } = hub.attach(...parameters);
      viewers += 1;
      return {
        catchUp,
        detach() {
          viewers -= 1;
          detach();
        },
      };
    },
  };
  const [client, channel] = createMemoryPair();
  const writers: StreamWriter[] = [];
  const contexts: CallContext[] = [];
  const log: string[] = [];
  let finishWait = (): void => {};
  const session = serveClient({
    contract,
    channel: end ?? channel,
    hub: counting,
    handlers: {
      attach(input, context) {
        const writer = context.openStream(0);
        writers.push(writer);
        return input.fail ? fail('notFound', 'no such terminal') : ok({ stream: writer.stream });
      },
      wait: (_input, context) =>
        new Promise((resolve) => {
          contexts.push(context);
          finishWait = () => resolve(ok({}));
        }),
      big: () => ok({ n: 1n }),
    },
    authorize: () => 'read',
    scheduler,
    log: (_level, message) => log.push(message),
    epoch: 'e',
    build: 'b',
  });
  const frames: Frame[] = [];
  client.onFrame((frame) => frames.push(frame));
  const say = async (message: object): Promise<void> => {
    client.send(JSON.stringify(message));
    await settle();
  };
  const call = (method: string, number: number, input: object) =>
    say({ t: 'q', i: `i${number}`, m: method, a: [input, number] });
  const last = () => JSON.parse(String(frames.filter((frame) => typeof frame === 'string').at(-1)));
  await say({ t: 'hello', protocol: 1, contract: 'small', build: 'b' });
  return {
    scheduler,
    hub,
    client,
    session,
    writers,
    contexts,
    log,
    frames,
    say,
    call,
    last,
    viewers: () => viewers,
    finishWait: () => finishWait(),
  };
}

/** Whether a writer's reader is known to be gone. */
function isGone(writer: StreamWriter | undefined): boolean {
  let gone = false;
  writer?.onClose(() => {
    gone = true;
  });
  return gone;
}

describe('a session', () => {
  it('ends the streams of a call that fails', async () => {
    const { call, writers, last } = await served();
    await call('attach', 1, { fail: true });
    expect([last().r.ok, isGone(writers[0])]).toEqual([false, true]);
  });
  it('ends the streams of an answered call whose caller gave up before the answer arrived', async () => {
    const { call, say, writers, last } = await served();
    await call('attach', 1, { fail: false });
    await call('attach', 2, { fail: false });
    expect([last().r.ok, isGone(writers[0])]).toEqual([true, false]);
    await say({ t: 'cancel', call: 1 });
    expect([isGone(writers[0]), isGone(writers[1])]).toEqual([true, false]);
  });
  it('gives a handler that opens a stream after its cancel one that is over', async () => {
    const { call, say, contexts, finishWait, last } = await served();
    await call('wait', 1, {});
    await say({ t: 'cancel', call: 1 });
    expect(last().r.error.tag).toBe('cancelled');
    const late = contexts[0]?.openStream(0);
    expect(isGone(late)).toBe(true);
    expect(late?.write(new Uint8Array(9))).toBe(true);
    finishWait();
    await settle();
    expect(last().r.error.tag).toBe('cancelled');
  });
  it('lets go of topics, streams and timers when the client leaves', async () => {
    const { call, say, client, writers, viewers, scheduler } = await served();
    await say({ t: 'subscribe', topic: 'word' });
    await call('attach', 1, { fail: false });
    expect(viewers()).toBe(1);
    client.close('left');
    await settle();
    expect([viewers(), isGone(writers[0]), scheduler.waiting]).toEqual([0, true, 0]);
  });
  it('watches a topic once, however often it is asked for', async () => {
    const { say, viewers } = await served();
    await say({ t: 'subscribe', topic: 'word' });
    await say({ t: 'subscribe', topic: 'word' });
    expect(viewers()).toBe(1);
    await say({ t: 'unsubscribe', topic: 'word' });
    await say({ t: 'unsubscribe', topic: 'word' });
    expect(viewers()).toBe(0);
  });
  it('resumes only what belongs to this start of the server', async () => {
    const { say, hub, last } = await served();
    hub.publish('word', { value: 'a' });
    await say({ t: 'subscribe', topic: 'word', epoch: 'e', seq: 1 });
    expect(last().t).toBe('current');
    await say({ t: 'subscribe', topic: 'word', epoch: 'another', seq: 1 });
    expect(last().t).toBe('snapshot');
  });
  it('answers what cannot be sent as JSON with an internal error, and goes on', async () => {
    const { call, last, log } = await served();
    await call('big', 1, {});
    expect([last().i, last().r.error.tag]).toEqual(['i1', 'internal']);
    expect(log).toEqual(['unexpected error in an answer']);
    await call('attach', 2, { fail: false });
    expect(last().r.ok).toBe(true);
  });
  it('limits how many calls may be under way, and cuts off nobody for it', async () => {
    const { client, call, last } = await served();
    for (let number = 0; number < LIMITS.callsInFlight; number += 1) {
      client.send(JSON.stringify({ t: 'q', i: `w${number}`, m: 'wait', a: [{}, number] }));
    }
    await settle(2 * LIMITS.callsInFlight);
    await call('wait', LIMITS.callsInFlight, {});
    expect(last().r.error.tag).toBe('capacity');
    await call('attach', LIMITS.callsInFlight + 1, { fail: false });
    expect(last().r.error.tag).toBe('capacity');
  });
  it('stops listening to a client that claims to have read what was never sent', async () => {
    const { say, last } = await served();
    await say({ t: 'seen', characters: 1_000_000 });
    expect(last()).toMatchObject({ t: 'bye', reason: expect.stringContaining('more text seen') });
  });
  it('shares a busy channel among streams, piece by piece', async () => {
    const [, inner] = createMemoryPair();
    const state = { queued: 0, order: [] as number[] };
    let feed: (frame: Frame) => void = () => {};
    const end: Channel = {
      ...inner,
      onFrame(listener) {
        feed = listener;
        return () => {};
      },
      send(frame) {
        const decoded = typeof frame === 'string' ? null : decodeBinary(frame);
        if (decoded !== null) state.order.push(decoded.stream);
      },
      get queuedBytes() {
        return state.queued;
      },
    };
    const { writers, scheduler } = await served(end);
    feed(JSON.stringify({ t: 'hello', protocol: 1, contract: 'small', build: 'b' }));
    for (const number of [1, 2]) {
      feed(JSON.stringify({ t: 'q', i: `i${number}`, m: 'attach', a: [{ fail: false }, number] }));
    }
    await settle();
    state.queued = LIMITS.channelBusyBytes + 1;
    writers[0]?.write(new Uint8Array(4 * LIMITS.outputBatchBytes));
    writers[1]?.write(new Uint8Array(10));
    expect(state.order).toEqual([]);
    state.queued = 0;
    scheduler.advance(LIMITS.channelPollMs);
    expect(state.order).toEqual([1, 2, 1, 1, 1]);
    feed(encodeBinary({ kind: 'close', stream: 1 }));
    expect(isGone(writers[0])).toBe(true);
  });
});
