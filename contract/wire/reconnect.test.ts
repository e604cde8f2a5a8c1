import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Channel } from './channel.ts';
import { createProbeServer, probeContract } from './conformance/probe.ts';
import { createManualScheduler } from './manualScheduler.ts';
import { createMemoryPair } from './memoryChannel.ts';
import { type ConnectionState, createReconnectingClient } from './reconnect.ts';

/** Lets everything that is only a promise away happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
}

function room(token = 'admin') {
  const scheduler = createManualScheduler();
  const server = createProbeServer(scheduler);
  const attempts: number[] = [];
  const state = { reachable: true, current: null as Channel | null };
  const client = createReconnectingClient({
    contract: probeContract,
    hello: { build: 'b', token },
    scheduler,
    validate: true,
    async connect(): Promise<Result<Channel>> {
      attempts.push(scheduler.now());
      if (!state.reachable) return fail('unavailable', 'nobody listens');
      const [ours, theirs] = createMemoryPair();
      state.current = theirs;
      server.serve(theirs);
      return ok(ours);
    },
  });
  const states: ConnectionState[] = [];
  client.onConnection((next) => states.push(next));
  return { scheduler, server, attempts, state, client, states };
}

describe('a reconnecting client', () => {
  it('waits 100 ms, then twice as long each time, at most 5 s, and starts over after a welcome', async () => {
    const { scheduler, attempts, state, client, states } = room();
    await settle();
    expect(client.connection.kind).toBe('open');
    state.reachable = false;
    state.current?.close('gone');
    await settle();
    for (let second = 0; second < 30_000; second += 50) {
      scheduler.advance(50);
      await settle();
    }
    const gaps = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
    expect(gaps.slice(0, 8)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    expect(client.connection).toMatchObject({ kind: 'lost', reason: 'nobody listens', refused: false });
    state.reachable = true;
    scheduler.advance(LIMITS.reconnectMs.last);
    await settle();
    expect(client.connection.kind).toBe('open');
    state.current?.close('gone again');
    await settle();
    const before = attempts.length;
    scheduler.advance(LIMITS.reconnectMs.first);
    expect(attempts).toHaveLength(before + 1);
    expect(states.filter((each) => each.kind === 'lost').map((each) => each.attempts)[0]).toBe(1);
    client.close();
  });
  it('tries at once when asked, without a second attempt beside it', async () => {
    const { attempts, state, client } = room();
    await settle();
    state.current?.close('gone');
    await settle();
    client.retry();
    client.retry();
    await settle();
    expect([attempts.length, client.connection.kind]).toEqual([2, 'open']);
    client.close();
  });
  it('tells a refusal from a lost connection', async () => {
    const { client } = room('forged');
    const queued = client.call('echo', { text: 'a' });
    await settle();
    expect(client.connection).toMatchObject({ kind: 'lost', refused: true });
    expect(await queued).toMatchObject({ ok: false, error: { tag: 'unavailable' } });
    client.close();
  });
  it('gives up on a server that never answers the hello, and says so', async () => {
    const scheduler = createManualScheduler();
    const client = createReconnectingClient({
      contract: probeContract,
      hello: { build: 'b' },
      scheduler,
      connect: async () => ok(createMemoryPair()[0]),
    });
    await settle();
    scheduler.advance(LIMITS.helloTimeoutMs);
    await settle();
    expect(client.connection).toMatchObject({ kind: 'lost', reason: expect.stringContaining('within 5 seconds') });
    client.close();
  });
  it('lets calls wait for the first connection, up to their time, their signal and a number', async () => {
    const scheduler = createManualScheduler();
    const client = createReconnectingClient({
      contract: probeContract,
      hello: { build: 'b' },
      scheduler,
      connect: () => new Promise(() => {}),
    });
    const timed = client.call('echo', { text: '' }, { timeoutMs: 10 });
    const controller = new AbortController();
    const cancelled = client.call('echo', { text: '' }, { signal: controller.signal });
    controller.abort();
    scheduler.advance(10);
    expect(await timed).toMatchObject({ ok: false, error: { tag: 'timeout' } });
    expect(await cancelled).toMatchObject({ ok: false, error: { tag: 'cancelled' } });
    const many = Array.from({ length: LIMITS.callsQueued }, () => client.call('echo', { text: '' }));
    expect(await client.call('echo', { text: '' })).toMatchObject({ ok: false, error: { tag: 'unavailable' } });
    client.close();
    for (const each of await Promise.all(many))
      expect(each).toMatchObject({ ok: false, error: { tag: 'unavailable' } });
  });
  it('closed, stops trying and leaves no timer', async () => {
    const { scheduler, attempts, state, client } = room();
    await settle();
    state.current?.close('gone');
    await settle();
    client.close();
    scheduler.advance(60_000);
    await settle();
    expect([attempts.length, scheduler.waiting]).toEqual([1, 0]);
  });
  it('takes an exception of its connect function as a failed attempt', async () => {
    const scheduler = createManualScheduler();
    const client = createReconnectingClient({
      contract: probeContract,
      hello: { build: 'b' },
      scheduler,
      connect: () => Promise.reject(new Error('no port yet')),
    });
    await settle();
    expect(client.connection).toMatchObject({ kind: 'lost', reason: 'no port yet' });
    client.close();
  });
});
