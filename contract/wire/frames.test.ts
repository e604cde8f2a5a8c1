import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BinaryFrame,
  decodeBinary,
  encodeBinary,
  exceeds,
  HEADER_BYTES,
  STREAM_MAX,
  textBytes,
  truncateUtf8,
} from './frames.ts';

const stream = fc.integer({ min: 0, max: STREAM_MAX });
const offset = fc.maxSafeNat();
const anyFrame: fc.Arbitrary<BinaryFrame> = fc.oneof(
  fc.record({ kind: fc.constant('bytes' as const), stream, offset, bytes: fc.uint8Array({ maxLength: 600 }) }),
  fc.record({ kind: fc.constant('ack' as const), stream, offset }),
  fc.record({ kind: fc.constant('close' as const), stream }),
);

describe('binary frames', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(decodeBinary(encodeBinary(frame))).toEqual(frame);
      }),
    );
  });
  it('are read from a view into a larger buffer', () => {
    fc.assert(
      fc.property(anyFrame, fc.nat(9), (frame, before) => {
        const encoded = encodeBinary(frame);
        const larger = new Uint8Array(encoded.byteLength + 20).fill(0xee);
        larger.set(encoded, before);
        expect(decodeBinary(larger.subarray(before, before + encoded.byteLength))).toEqual(frame);
      }),
    );
  });
  it('have one fixed layout: u8 kind, u32 stream, f64 offset, big endian', () => {
    const encoded = encodeBinary({ kind: 'bytes', stream: 0x01020304, offset: 1, bytes: new Uint8Array([0, 255]) });
    expect([...encoded]).toEqual([1, 1, 2, 3, 4, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0, 255]);
  });
  it('do not share memory with the bytes they were written from', () => {
    const bytes = new Uint8Array([1]);
    const encoded = encodeBinary({ kind: 'bytes', stream: 1, offset: 0, bytes });
    bytes[0] = 9;
    expect(encoded[HEADER_BYTES]).toBe(1);
  });
  it('never throw for any bytes, and never give an impossible offset', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const frame = decodeBinary(bytes);
        if (frame === null || frame.kind === 'close') return;
        expect(Number.isSafeInteger(frame.offset) && frame.offset >= 0).toBe(true);
      }),
    );
  });
  it.each([
    ['nothing', []],
    ['a header without its end', [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]],
    ['an unknown kind', [4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['a negative offset', [1, 0, 0, 0, 1, 0xbf, 0xf0, 0, 0, 0, 0, 0, 0]],
    ['an offset that is no number', [1, 0, 0, 0, 1, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]],
    ['an ack with a payload', [2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 7]],
  ])('refuse %s', (_what, bytes) => {
    expect(decodeBinary(new Uint8Array(bytes))).toBeNull();
  });
});

describe('sizes of text', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '\u{1f600}', '\ud800', '\udc00', '\n') });
  it('are those of UTF-8', () => {
    fc.assert(
      fc.property(text, (each) => {
        expect(textBytes(each)).toBe(new TextEncoder().encode(each).byteLength);
      }),
    );
  });
  it('exceed a limit exactly when the bytes do', () => {
    fc.assert(
      fc.property(text, fc.nat(40), (each, limit) => {
        expect(exceeds(each, limit)).toBe(textBytes(each) > limit);
      }),
    );
  });
  it('are cut to fit, without half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'é', '€', '\u{1f600}') }), fc.nat(40), (each, limit) => {
        const cut = truncateUtf8(each, limit);
        expect(each.startsWith(cut)).toBe(true);
        expect(textBytes(cut)).toBeLessThanOrEqual(limit);
        expect(cut.isWellFormed()).toBe(true);
        // Nothing more would have fitted.
        if (cut !== each) expect(textBytes(cut) + 4).toBeGreaterThan(limit);
      }),
    );
  });
});
