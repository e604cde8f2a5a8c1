import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWriteCoalescer, FORCED_WRITE_BYTES } from './writeCoalescer.ts';

/** Frames that come when the test says so. */
function frames() {
  let waiting: (() => void)[] = [];
  return {
    request(run: () => void) {
      waiting.push(run);
      return () => {
        waiting = waiting.filter((other) => other !== run);
      };
    },
    paint() {
      const due = waiting;
      waiting = [];
      for (const run of due) run();
    },
    get asked() {
      return waiting.length;
    },
  };
}

function recorder() {
  const clock = frames();
  const writes: { readonly text: string; readonly end: number }[] = [];
  const coalescer = createWriteCoalescer(
    (bytes, end) => writes.push({ text: new TextDecoder().decode(bytes), end }),
    clock.request,
  );
  let offset = 0;
  return {
    clock,
    writes,
    coalescer,
    push(text: string) {
      const bytes = new TextEncoder().encode(text);
      offset += bytes.byteLength;
      coalescer.push(bytes, offset);
    },
  };
}

describe('write coalescer', () => {
  test('writes the first bytes after quiet at once and joins the rest of the frame', () => {
    const { push, writes, clock } = recorder();
    push('a');
    push('b');
    push('c');
    expect(writes).toEqual([{ text: 'a', end: 1 }]);
    clock.paint();
    expect(writes).toEqual([
      { text: 'a', end: 1 },
      { text: 'bc', end: 3 },
    ]);
    push('d');
    expect(writes).toHaveLength(2);
    clock.paint();
    expect(writes[2]).toEqual({ text: 'd', end: 4 });
    clock.paint();
    expect(clock.asked).toBe(0);
    push('e');
    expect(writes[3]).toEqual({ text: 'e', end: 5 });
  });

  test('is forced at one MiB, for a window whose frames have stopped', () => {
    const { push, writes, coalescer } = recorder();
    push('first');
    push('x'.repeat(FORCED_WRITE_BYTES - 1));
    expect(writes).toHaveLength(1);
    push('y');
    expect(writes).toHaveLength(2);
    expect(coalescer.waiting).toBe(0);
  });

  test('after its end nothing is written any more', () => {
    const { push, writes, clock, coalescer } = recorder();
    push('a');
    push('b');
    coalescer.dispose();
    clock.paint();
    expect(writes).toHaveLength(1);
  });

  test('whatever the order of bytes and frames: same bytes, same order, offsets that fit, at most two writes a frame', () => {
    const step = fc.oneof(
      fc.string({ unit: 'grapheme-ascii', maxLength: 20 }).map((text) => ({ text })),
      fc.constant({ text: null }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const { push, writes, clock, coalescer } = recorder();
        let sent = '';
        for (const { text } of steps) {
          const before = writes.length;
          if (text === null) clock.paint();
          else {
            push(text);
            sent += text;
          }
          expect(writes.length - before).toBeLessThanOrEqual(1);
        }
        coalescer.flush();
        expect(writes.map((write) => write.text).join('')).toBe(sent);
        let end = 0;
        for (const write of writes) {
          end += write.text.length;
          expect(write.end).toBe(end);
        }
      }),
    );
  });
});
