import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../contract/limits.ts';
import { HOST_LIMITS } from './hostLimits.ts';
import { startTestHost, type TestHost, value } from './testHost.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const FLOOD = 50_000_000;
const flood = ['sh', '-c', `head -c ${FLOOD} /dev/zero >&2`];

describe('a flood of 50 MB', () => {
  it('does not wait for anybody when nobody watches, and is logged whole', async () => {
    await host.open('alone');
    const stderrFile = join(host.root, 'alone.log');
    await host.run('alone', flood, { stderrFile });
    expect((await host.ended('alone')).bytes).toBe(FLOOD);
    expect((await readFile(stderrFile)).length).toBe(FLOOD);
  });

  it('reaches a viewer that keeps up, whole', async () => {
    await host.open('quick');
    const viewer = await host.attach('quick');
    let seen = 0;
    await host.run('quick', flood);
    await host.ended('quick');
    await viewer.until((received) => {
      seen = received.length;
      return seen >= FLOOD;
    });
    expect(viewer.received().length).toBe(FLOOD);
  });

  it('is held back for a viewer that stands still, with at most 2 MiB queued, and then goes on without it', async () => {
    await host.open('slow');
    const viewer = await host.attach('slow', { acks: false });
    const before = value(await host.client.call('host.info', {})).memory;
    const started = performance.now();
    await host.run('slow', flood);
    await viewer.until((received) => received.length >= LIMITS.streamWindowBytes);
    const queued: number[] = [];
    let peak = 0;
    for (let running = true; running; ) {
      const row = await host.row('slow');
      running = row.running;
      peak = Math.max(peak, value(await host.client.call('host.info', {})).memory);
      if (performance.now() - started < HOST_LIMITS.viewerHoldMs * 0.8) queued.push(row.bytes);
      if (running) await host.until('slow', ({ bytes, running: still }) => bytes !== row.bytes || !still);
    }
    // Everything beyond what it has acknowledged, which is nothing, counts as queued for it.
    expect(Math.max(0, ...queued)).toBeLessThanOrEqual(2 * 1024 * 1024);
    expect(performance.now() - started).toBeGreaterThan(HOST_LIMITS.viewerHoldMs * 0.9);
    expect((await host.ended('slow')).bytes).toBe(FLOOD);
    expect(peak - before).toBeLessThan(64 * 1024 * 1024);
    viewer.ack();
    expect(await viewer.ended).toBe('lagging');
    expect(viewer.received().length).toBeLessThanOrEqual(2 * 1024 * 1024);
    expect((await host.attach('slow')).reply.anchor.offset).toBe(FLOOD);
  });
});
