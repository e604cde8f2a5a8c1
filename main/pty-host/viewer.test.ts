import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../contract/limits.ts';
import { decodeBinary } from '../../contract/wire/frames.ts';
import { createManualScheduler } from '../../contract/wire/manualScheduler.ts';
import { createStreamWriter } from '../../contract/wire/streamWriter.ts';
import { HOST_LIMITS } from './hostLimits.ts';
import { OutputRing } from './outputRing.ts';
import { Viewer } from './viewer.ts';

const BATCH = LIMITS.outputBatchBytes;

/** A terminal that has as much to say as it may, and the viewer of it. */
function watched() {
  const ring = new OutputRing(LIMITS.ringBytes);
  const scheduler = createManualScheduler();
  const ends: string[] = [];
  let sent = 0;
  const stream = createStreamWriter(1, 0, {
    sendBinary(frame) {
      const decoded = decodeBinary(frame);
      if (decoded?.kind === 'bytes') sent += decoded.bytes.byteLength;
    },
    sendEnd: (reason) => ends.push(reason),
    busy: () => false,
    onOver() {},
  });
  const viewer = new Viewer(stream.writer, { offset: 0, replayEnd: 0, answers: false }, ring, scheduler, () => {});
  viewer.start();
  const flood = (): void => {
    while (!viewer.holds && !viewer.isOver) {
      ring.append(new Uint8Array(BATCH));
      viewer.pump();
    }
  };
  return {
    viewer,
    scheduler,
    ends,
    flood,
    get sent() {
      return sent;
    },
    acknowledge: (offset: number) => stream.acknowledge(offset),
  };
}

describe('a viewer of a flood', () => {
  it('is sent about as much as it acknowledges each time, so that others on its connection wait for no more', () => {
    const flooded = watched();
    flooded.flood();
    expect(flooded.sent).toBe(LIMITS.streamWindowBytes);
    let acknowledged = 0;
    for (const step of [1_000, BATCH, 3 * BATCH, 48 * 1024, 48 * 1024, LIMITS.streamAckBytes, 5, BATCH]) {
      const before = flooded.sent;
      acknowledged += step;
      flooded.acknowledge(acknowledged);
      flooded.flood();
      expect(flooded.sent - before).toBeLessThanOrEqual(step + BATCH);
      expect(flooded.sent - acknowledged).toBeLessThanOrEqual(LIMITS.streamWindowBytes);
      // Nor does the window run empty: what is missing from it is less than two batches.
      expect(flooded.sent - acknowledged).toBeGreaterThan(LIMITS.streamWindowBytes - 2 * BATCH);
    }
  });

  it('holds the pty for as long as it takes half a window in each hold, and is let go once it only creeps', () => {
    const flooded = watched();
    let acknowledged = 0;
    const take = (bytes: number): void => {
      acknowledged += bytes;
      flooded.acknowledge(acknowledged);
      flooded.flood();
    };
    flooded.flood();
    for (let round = 0; round < 5; round += 1) {
      flooded.scheduler.advance(HOST_LIMITS.viewerHoldMs * 0.9);
      for (let taken = 0; taken <= HOST_LIMITS.viewerStepBytes; taken += BATCH) take(BATCH);
      expect(flooded.ends).toEqual([]);
    }
    for (let round = 0; round < 5 && flooded.ends.length === 0; round += 1) {
      flooded.scheduler.advance(HOST_LIMITS.viewerHoldMs * 0.45);
      take(BATCH);
    }
    // The end itself waits behind what was sent.
    expect(flooded.viewer.isOver).toBe(true);
    expect(flooded.viewer.holds).toBe(false);
  });
});
