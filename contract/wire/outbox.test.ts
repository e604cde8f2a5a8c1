import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import type { Channel } from './channel.ts';
import { encodeBinary } from './frames.ts';
import { createManualScheduler } from './manualScheduler.ts';
import { createOutbox } from './outbox.ts';
import { createStreamWriter } from './streamWriter.ts';

/** A channel whose unsent bytes the test decides; remembers what was sent. */
function stuckChannel() {
  const sent: (string | Uint8Array)[] = [];
  const state = { queued: 0 };
  const channel: Channel = {
    send: (frame) => sent.push(frame),
    onFrame: () => () => {},
    onClose: () => () => {},
    close: () => {},
    get queuedBytes() {
      return state.queued;
    },
  };
  return { channel, sent, state };
}

function outboxOn({ channel }: ReturnType<typeof stuckChannel>) {
  const scheduler = createManualScheduler();
  const overflows: true[] = [];
  const outbox = createOutbox(channel, scheduler, () => overflows.push(true));
  const reliefs: true[] = [];
  outbox.onRelief(() => reliefs.push(true));
  return { outbox, scheduler, overflows, reliefs };
}

describe('an outbox', () => {
  it('sends at once while the client keeps up, and watches no clock', () => {
    const stuck = stuckChannel();
    const { outbox, scheduler } = outboxOn(stuck);
    outbox.sendText('a');
    expect(outbox.busy()).toBe(false);
    expect([stuck.sent, scheduler.waiting]).toEqual([['a'], 0]);
  });
  it('lets text wait behind unsent bytes, in order, and tells of the relief once', () => {
    const stuck = stuckChannel();
    const { outbox, scheduler, reliefs } = outboxOn(stuck);
    stuck.state.queued = LIMITS.channelBusyBytes + 1;
    outbox.sendText('a');
    outbox.sendText('b');
    expect([outbox.busy(), stuck.sent]).toEqual([true, []]);
    scheduler.advance(100);
    expect(reliefs).toEqual([]);
    stuck.state.queued = 0;
    scheduler.advance(LIMITS.channelPollMs);
    expect([stuck.sent, reliefs.length, scheduler.waiting]).toEqual([['a', 'b'], 1, 0]);
  });
  it('holds text a client has not read, without watching the clock, until the client says so', () => {
    const stuck = stuckChannel();
    const { outbox, scheduler, reliefs } = outboxOn(stuck);
    const half = 'x'.repeat(LIMITS.channelBusyBytes / 2);
    for (let index = 0; index < 3; index += 1) outbox.sendText(half);
    expect(outbox.busy()).toBe(true);
    outbox.sendText('late');
    expect([stuck.sent.length, scheduler.waiting, reliefs.length]).toEqual([3, 0, 0]);
    expect(outbox.seen(half.length * 2)).toBe(true);
    expect([stuck.sent.at(-1), reliefs.length]).toEqual(['late', 1]);
    expect(outbox.seen(half.length * 9)).toBe(false);
  });
  it('never relieves while it is being asked, so that what the asker then holds back is not forgotten', () => {
    const stuck = stuckChannel();
    const { outbox, scheduler, reliefs } = outboxOn(stuck);
    stuck.state.queued = LIMITS.channelBusyBytes + 1;
    outbox.sendText('waits');
    stuck.state.queued = 0;
    expect([outbox.busy(), reliefs.length]).toEqual([true, 0]);
    scheduler.advance(LIMITS.channelPollMs);
    expect([stuck.sent, reliefs.length, outbox.busy()]).toEqual([['waits'], 1, false]);
  });
  it('cuts a message larger than a frame into parts that fit and join again', () => {
    const stuck = stuckChannel();
    const { outbox } = outboxOn(stuck);
    const text = JSON.stringify({ text: '"\\\u{1f600}ä'.repeat(LIMITS.frameBytes / 8) });
    outbox.sendText(text);
    let seen = 0;
    let joined = '';
    for (let index = 0; index < stuck.sent.length; index += 1) {
      const frame = String(stuck.sent[index]);
      expect(new TextEncoder().encode(frame).byteLength).toBeLessThanOrEqual(LIMITS.frameBytes);
      const part = JSON.parse(frame);
      joined += part.text;
      expect(part.more).toBe(joined.length < text.length);
      // The client reads as it goes, which lets the next parts out.
      seen += frame.length;
      outbox.seen(seen);
    }
    expect(joined === text).toBe(true);
  });
  it('gives up on a client that lets too much wait', () => {
    const stuck = stuckChannel();
    const { outbox, overflows } = outboxOn(stuck);
    stuck.state.queued = LIMITS.channelBusyBytes + 1;
    const text = 'x'.repeat(LIMITS.frameBytes);
    for (let waiting = 0; waiting <= LIMITS.messageBytes; waiting += text.length) outbox.sendText(text);
    expect(overflows).toEqual([]);
    outbox.sendText('one more');
    expect(overflows).toEqual([true]);
  });
  it('is silent after its end', () => {
    const stuck = stuckChannel();
    const { outbox, scheduler, reliefs } = outboxOn(stuck);
    stuck.state.queued = LIMITS.channelBusyBytes + 1;
    outbox.busy();
    outbox.close();
    stuck.state.queued = 0;
    outbox.sendText('a');
    outbox.sendBinary(encodeBinary({ kind: 'close', stream: 1 }));
    scheduler.advance(1_000);
    expect([stuck.sent, reliefs.length, scheduler.waiting]).toEqual([[], 0, 0]);
  });
});

function stream(start = 0) {
  const sent: number[] = [];
  const ends: string[] = [];
  const state = { busy: false, over: 0 };
  const control = createStreamWriter(7, start, {
    sendBinary: (frame) => sent.push(frame.byteLength - 13),
    sendEnd: (reason) => ends.push(reason),
    busy: () => state.busy,
    onOver: () => {
      state.over += 1;
    },
  });
  const total = () => sent.reduce((sum, size) => sum + size, 0);
  return { ...control, sent, ends, state, total };
}

describe('a stream writer', () => {
  it('has at most one window on its way and asks for more below the resume mark', () => {
    const { writer, acknowledge, total } = stream();
    let drains = 0;
    writer.onDrain(() => {
      drains += 1;
    });
    expect(writer.write(new Uint8Array(LIMITS.streamWindowBytes - 1))).toBe(true);
    expect(writer.write(new Uint8Array(1_000))).toBe(false);
    expect(total()).toBe(LIMITS.streamWindowBytes);
    // 999 bytes still wait: what is unacknowledged must fall below the mark, these included.
    acknowledge(LIMITS.streamWindowBytes - LIMITS.streamResumeBytes + 999);
    expect([drains, total()]).toEqual([0, LIMITS.streamWindowBytes + 999]);
    acknowledge(LIMITS.streamWindowBytes - LIMITS.streamResumeBytes + 1_000);
    expect(drains).toBe(1);
    acknowledge(LIMITS.streamWindowBytes);
    expect(drains).toBe(1);
  });
  it('sends in pieces of one output batch', () => {
    const { writer, sent } = stream();
    writer.write(new Uint8Array(2 * LIMITS.outputBatchBytes + 5));
    expect(sent).toEqual([LIMITS.outputBatchBytes, LIMITS.outputBatchBytes, 5]);
  });
  it('holds back while the channel is busy, and goes on piece by piece when pumped', () => {
    const { writer, pump, sent, state } = stream();
    state.busy = true;
    writer.write(new Uint8Array(LIMITS.outputBatchBytes + 1));
    expect(sent).toEqual([]);
    state.busy = false;
    expect(pump()).toBe(true);
    expect(sent).toEqual([LIMITS.outputBatchBytes]);
    expect([pump(), pump()]).toEqual([true, false]);
  });
  it('ends after its last byte, and only then', () => {
    const { writer, acknowledge, ends, state } = stream();
    writer.write(new Uint8Array(LIMITS.streamWindowBytes + 1));
    writer.end('exited');
    writer.end('again');
    expect([ends, state.over]).toEqual([[], 0]);
    acknowledge(1);
    expect([ends, state.over]).toEqual([['exited'], 1]);
  });
  it('tells an honest ack from one of bytes never sent', () => {
    const { writer, acknowledge } = stream(100);
    writer.write(new Uint8Array(10));
    expect([acknowledge(50), writer.acknowledged]).toEqual([true, 100]);
    expect([acknowledge(110), writer.acknowledged]).toEqual([true, 110]);
    expect(acknowledge(111)).toBe(false);
  });
  it('abandoned, holds nobody and tells once', () => {
    const { writer, abandon, sent, state } = stream();
    let closes = 0;
    writer.onClose(() => {
      closes += 1;
    });
    abandon();
    abandon();
    expect([writer.write(new Uint8Array(5)), sent, closes, state.over]).toEqual([true, [], 1, 1]);
  });
});
