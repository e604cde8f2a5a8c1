import { describe, expect, it } from 'vitest';
import { createManualScheduler } from '../../contract/wire/manualScheduler.ts';
import { HOST_LIMITS } from './hostLimits.ts';
import { InputQueue } from './inputQueue.ts';

function setUp() {
  const scheduler = createManualScheduler();
  const state = { open: true, room: Number.POSITIVE_INFINITY, taken: '', tries: 0 };
  const queue = new InputQueue(
    7,
    () => state.open,
    scheduler,
    (_descriptor, bytes) => {
      state.tries += 1;
      if (state.room <= 0) throw Object.assign(new Error('full'), { code: 'EAGAIN' });
      const size = Math.min(bytes.length, state.room);
      state.room -= size;
      state.taken += Buffer.from(bytes.subarray(0, size)).toString();
      return size;
    },
  );
  return { scheduler, state, queue };
}

describe('InputQueue', () => {
  it('writes in pieces the kernel takes, in order', () => {
    const { state, queue } = setUp();
    const text = 'ab'.repeat(50_000);
    expect(queue.push(Buffer.from(text))).toBe(true);
    expect(state.taken).toBe(text);
    expect(state.tries).toBe(Math.ceil(text.length / HOST_LIMITS.inputChunkBytes));
  });

  it('waits with growing pauses for a program that does not read, and loses nothing', () => {
    const { scheduler, state, queue } = setUp();
    state.room = 3;
    queue.push(Buffer.from('hello '));
    queue.push(Buffer.from('world'));
    scheduler.advance(10_000);
    expect(state.taken).toBe('hel');
    expect(state.tries).toBeLessThan(220);
    state.room = 100;
    scheduler.advance(HOST_LIMITS.inputRetryMs.longest);
    expect(state.taken).toBe('hello world');
    expect(scheduler.waiting).toBe(0);
  });

  it('refuses what would go beyond its limit, whole', () => {
    const { state, queue } = setUp();
    state.room = 0;
    expect(queue.push(new Uint8Array(HOST_LIMITS.inputQueueBytes))).toBe(true);
    expect(queue.push(new Uint8Array(1))).toBe(false);
  });

  it('never writes to a descriptor that was closed', () => {
    const { scheduler, state, queue } = setUp();
    state.room = 0;
    queue.push(Buffer.from('late'));
    const { tries } = state;
    state.open = false;
    scheduler.advance(10_000);
    expect(state.tries).toBe(tries);
    expect(scheduler.waiting).toBe(0);
  });
});
