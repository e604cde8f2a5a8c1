import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputRing } from './outputRing.ts';

const chunks = fc.array(fc.uint8Array({ maxLength: 90 }), { maxLength: 40 });

describe('OutputRing', () => {
  it('gives back the newest bytes of any sequence of writes, at their absolute offsets', () => {
    fc.assert(
      fc.property(chunks, fc.integer({ min: 1, max: 200 }), (writes, capacity) => {
        const ring = new OutputRing(capacity);
        for (const bytes of writes) ring.append(bytes);
        const whole = Buffer.concat(writes);
        expect(ring.total).toBe(whole.length);
        expect(ring.start).toBe(Math.max(0, whole.length - capacity));
        expect(Buffer.from(ring.read(ring.start, whole.length) ?? [1])).toEqual(whole.subarray(ring.start));
      }),
    );
  });

  it('reads any covered range and refuses what it does not hold', () => {
    const ring = new OutputRing(10);
    ring.append(Buffer.from('0123456789abcdef'));
    expect(ring.start).toBe(6);
    expect(Buffer.from(ring.read(8, 4) ?? []).toString()).toBe('89ab');
    expect(Buffer.from(ring.read(14, 100) ?? []).toString()).toBe('ef');
    expect(ring.read(16, 5)).toHaveLength(0);
    expect(ring.read(5, 1)).toBeNull();
    expect(ring.read(17, 1)).toBeNull();
    expect(ring.read(8.5, 1)).toBeNull();
  });

  it('grows over several doublings without losing a byte', () => {
    const ring = new OutputRing(2 * 1024 * 1024);
    const bytes = Buffer.from(Array.from({ length: 100_003 }, (_, index) => index % 251));
    for (let at = 0; at < bytes.length; at += 977) ring.append(bytes.subarray(at, at + 977));
    expect(Buffer.from(ring.read(0, bytes.length) ?? [])).toEqual(bytes);
  });

  it('hands out copies that later writes do not change', () => {
    const ring = new OutputRing(4);
    ring.append(Buffer.from('abcd'));
    const copy = ring.read(0, 4);
    ring.append(Buffer.from('WXYZ'));
    expect(Buffer.from(copy ?? []).toString()).toBe('abcd');
  });
});
