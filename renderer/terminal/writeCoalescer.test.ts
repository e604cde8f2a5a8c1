import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createManualScheduler } from '../../contract/wire/manualScheduler.ts';
import { createFrameBudget, FRAME_LIMITS, type WriteCoalescer } from './writeCoalescer.ts';

const FRAME_MS = 16;

/** Terminals of one page, whose frames come when the test says so. */
function page() {
  const time = createManualScheduler();
  let asked: (() => void) | null = null;
  /** Which terminal was written to, in order. */
  const order: number[] = [];
  const budget = createFrameBudget({
    now: time.now,
    after: time.after,
    frame(run) {
      asked = run;
    },
  });
  return {
    order,
    get asked() {
      return asked !== null;
    },
    /** Something is yet to come by itself. */
    get goesOn() {
      return asked !== null || time.waiting > 0;
    },
    pass(milliseconds: number) {
      time.advance(milliseconds);
    },
    paint() {
      time.advance(FRAME_MS);
      const run = asked;
      asked = null;
      run?.();
      // What is asked for right behind the frame.
      time.advance(0);
    },
    terminal(index = 0) {
      const writes: { readonly text: string; readonly end: number }[] = [];
      const coalescer: WriteCoalescer = budget.join((bytes, end) => {
        order.push(index);
        writes.push({ text: new TextDecoder().decode(bytes), end });
      });
      let offset = 0;
      return {
        writes,
        coalescer,
        get text() {
          return writes.map((write) => write.text).join('');
        },
        push(text: string) {
          const bytes = new TextEncoder().encode(text);
          offset += bytes.byteLength;
          coalescer.push(bytes, offset);
        },
      };
    },
  };
}

/** A terminal of which more waits than a frame takes. */
function flooded(of: ReturnType<typeof page>, index = 0) {
  const terminal = of.terminal(index);
  terminal.push('first');
  terminal.push('x'.repeat(1024 * 1024));
  return terminal;
}

describe('write coalescer', () => {
  test('writes the first bytes after quiet at once and joins the rest of the frame', () => {
    const here = page();
    const { push, writes } = here.terminal();
    push('a');
    push('b');
    push('c');
    expect(writes).toEqual([{ text: 'a', end: 1 }]);
    here.paint();
    expect(writes).toEqual([
      { text: 'a', end: 1 },
      { text: 'bc', end: 3 },
    ]);
    push('d');
    expect(writes).toHaveLength(2);
    here.paint();
    expect(writes[2]).toEqual({ text: 'd', end: 4 });
    here.paint();
    expect(here.asked).toBe(false);
    push('e');
    expect(writes[3]).toEqual({ text: 'e', end: 5 });
  });

  test('the echo of a key is written at once, whatever was written in this frame before', () => {
    const here = page();
    const { push, writes, coalescer } = here.terminal();
    push('prompt');
    coalescer.typed();
    push('k');
    expect(writes.at(-1)).toEqual({ text: 'k', end: 7 });
    here.pass(FRAME_LIMITS.typingMs);
    push('later');
    expect(writes).toHaveLength(2);
    here.paint();
    expect(writes.at(-1)).toEqual({ text: 'later', end: 12 });
  });

  test('after an echo has had its bytes, a flood in the terminal that is typed into waits for the frame', () => {
    const here = page();
    const { push, writes, coalescer } = here.terminal();
    coalescer.typed();
    push('k');
    push('x'.repeat(FRAME_LIMITS.echo));
    push('y');
    expect(writes).toHaveLength(1);
    here.paint();
    expect(coalescer.waiting).toBe(0);
  });

  test('a flood gets less of a frame while somebody types elsewhere, and its own again afterwards', () => {
    const here = page();
    const flood = flooded(here);
    const shell = here.terminal(1);
    const share = () => {
      const before = flood.coalescer.waiting;
      here.paint();
      return before - flood.coalescer.waiting;
    };
    expect(share()).toBe(FRAME_LIMITS.all);
    shell.coalescer.typed();
    shell.push('k');
    here.pass(FRAME_LIMITS.besideTypingMs);
    expect(share()).toBe(FRAME_LIMITS.besideTyping);
    here.pass(FRAME_LIMITS.typingMs);
    expect(share()).toBeGreaterThanOrEqual(FRAME_LIMITS.all);
  });

  test('while somebody types, the others have their turn right behind an echo, and otherwise only now and then', () => {
    const here = page();
    const flood = flooded(here, 0);
    const shell = here.terminal(1);
    here.paint();
    const turns: number[] = [];
    let left = flood.coalescer.waiting;
    let time = 0;
    const look = () => {
      if (flood.coalescer.waiting < left) turns.push(time);
      left = flood.coalescer.waiting;
    };
    shell.coalescer.typed();
    here.order.length = 0;
    const keys = [40, 100, 300];
    for (time = 1; time <= 480; time += 1) {
      here.pass(1);
      look();
      if (!keys.includes(time)) continue;
      shell.coalescer.typed();
      here.pass(3);
      shell.push('k');
      expect(here.order.at(-1)).toBe(1);
      here.paint();
      time += 3 + FRAME_MS;
      look();
    }
    // Behind the echoes, and in the long pauses without one.
    expect(turns).toEqual([40, 100, 250, 300, 450].map((at) => at + 3 + FRAME_MS));
  });

  test('no frame is asked for while others wait beside typing: the browser would paint it before it hands over the echo', () => {
    const here = page();
    flooded(here, 0);
    const shell = here.terminal(1);
    here.paint();
    shell.coalescer.typed();
    here.paint();
    expect(here.asked).toBe(false);
    expect(here.goesOn).toBe(true);
  });

  test('a line that is not many waits less than a flood beside typing', () => {
    const here = page();
    const quiet = here.terminal(0);
    const shell = here.terminal(1);
    shell.coalescer.typed();
    shell.push('k');
    here.paint();
    quiet.push('a line');
    here.pass(FRAME_LIMITS.besideTypingMs - 1);
    expect(quiet.text).toBe('');
    here.pass(1);
    expect(quiet.text).toBe('a line');
  });

  test('between a key and its echo the others wait; a key without an echo does not hold them for long', () => {
    const here = page();
    const flood = flooded(here, 0);
    const shell = here.terminal(1);
    here.paint();
    const before = flood.coalescer.waiting;
    shell.coalescer.typed();
    here.pass(FRAME_LIMITS.besideTypingMs);
    here.paint();
    expect(flood.coalescer.waiting).toBe(before);
    shell.push('k');
    here.paint();
    expect(shell.text).toBe('k');
    expect(flood.coalescer.waiting).toBeLessThan(before);

    shell.coalescer.typed();
    here.paint();
    const held = flood.coalescer.waiting;
    here.pass(FRAME_LIMITS.betweenKeysMs);
    expect(flood.coalescer.waiting).toBeLessThan(held);
  });

  test('the terminal that is typed into is written first', () => {
    const here = page();
    flooded(here, 0);
    const shell = here.terminal(1);
    shell.coalescer.typed();
    shell.push('x'.repeat(FRAME_LIMITS.write + 1));
    here.order.length = 0;
    here.pass(FRAME_LIMITS.besideTypingMs);
    here.paint();
    expect(here.order[0]).toBe(1);
    expect(here.order).toContain(0);
  });

  test('slow frames and many terminals leave every one enough not to be cut off as lagging', () => {
    const here = page();
    const floods = Array.from({ length: 12 }, (_, index) => flooded(here, index));
    here.terminal(12).coalescer.typed();
    const before = floods.map(({ coalescer }) => coalescer.waiting);
    here.pass(234);
    here.paint();
    for (const [index, { coalescer }] of floods.entries())
      expect((before[index] ?? 0) - coalescer.waiting).toBeGreaterThanOrEqual((234 + FRAME_MS) * FRAME_LIMITS.atLeast);
  });

  test('what is dropped is told and never written; a flush writes all, in writes that xterm can rest between', () => {
    const here = page();
    const { push, writes, coalescer } = flooded(here);
    expect(coalescer.drop()).toBe(1024 * 1024);
    here.paint();
    expect(writes).toHaveLength(1);
    push('y'.repeat(FRAME_LIMITS.write * 2 + 1));
    coalescer.flush();
    expect(coalescer.waiting).toBe(0);
    for (const { text } of writes) expect(text.length).toBeLessThanOrEqual(FRAME_LIMITS.write);
  });

  test('after its end nothing is written any more', () => {
    const here = page();
    const { push, writes, coalescer } = here.terminal();
    push('a');
    push('b');
    coalescer.dispose();
    here.paint();
    expect(writes).toHaveLength(1);
  });

  test('whatever comes to whom, and wherever somebody types: all bytes, in order, with their offsets, and nobody starves', () => {
    const terminal = fc.nat(3);
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('push' as const),
        terminal,
        size: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 400_000 })),
      }),
      fc.record({ kind: fc.constant('typed' as const), terminal }),
      fc.record({ kind: fc.constant('paint' as const), late: fc.nat(300) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const here = page();
        const terminals = [0, 1, 2, 3].map((index) => ({ ...here.terminal(index), sent: [] as string[] }));
        /** Of each that has something to wait for: milliseconds since that began and since it last got something, and what it got. */
        const waits = terminals.map(() => ({ total: 0, rest: 0, got: 0 }));
        const paint = (late: number) => {
          const before = terminals.map(({ coalescer }) => coalescer.waiting);
          here.pass(late);
          here.paint();
          for (const [index, { coalescer }] of terminals.entries()) {
            const one = waits[index];
            const had = before[index] ?? 0;
            if (one === undefined || had === 0) continue;
            const got = had - coalescer.waiting;
            one.total += late + FRAME_MS;
            one.rest = got > 0 ? 0 : one.rest + late + FRAME_MS;
            one.got += got;
            expect(one.rest).toBeLessThan(FRAME_LIMITS.betweenKeysMs + FRAME_MS);
            if (coalescer.waiting === 0) Object.assign(one, { total: 0, rest: 0, got: 0 });
            else
              expect(one.got).toBeGreaterThanOrEqual(
                (one.total - FRAME_LIMITS.betweenKeysMs - FRAME_MS) * FRAME_LIMITS.atLeast,
              );
          }
        };
        for (const [at, one] of steps.entries()) {
          if (one.kind === 'paint') {
            paint(one.late);
            continue;
          }
          const target = terminals[one.terminal];
          if (one.kind === 'typed') target?.coalescer.typed();
          else {
            const text = String.fromCharCode(97 + (at % 26)).repeat(one.size);
            target?.push(text);
            target?.sent.push(text);
          }
        }
        // Frames alone bring the rest: nothing waits for ever.
        for (let frame = 0; here.goesOn; frame += 1) {
          expect(frame).toBeLessThan(5_000);
          paint(0);
        }
        for (const { coalescer, sent, writes } of terminals) {
          expect(coalescer.waiting).toBe(0);
          expect(writes.map(({ text }) => text).join('') === sent.join('')).toBe(true);
          let end = 0;
          for (const write of writes) {
            end += write.text.length;
            expect(write.end).toBe(end);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
