import { describe, expect, it } from 'vitest';
import { ParseTurns } from './parseTurns.ts';
import { ScreenModel } from './screenModel.ts';

function setUp() {
  const answers: string[] = [];
  const faults: string[] = [];
  const model = new ScreenModel({ cols: 20, rows: 4 }, 1_000, new ParseTurns(), {
    onAnswer: (data) => answers.push(data),
    onParsed() {},
    onFault: (error) => faults.push(String(error)),
  });
  return { answers, faults, model, write: (text: string, own = false) => model.write(Buffer.from(text), own) };
}

describe('ScreenModel', () => {
  it('gives the screen as of the bytes before the snapshot, not those behind it', async () => {
    const { model, write } = setUp();
    write('before');
    const snapshot = model.snapshot();
    write(' after');
    expect(await snapshot).toBe('before');
    expect(await model.snapshot()).toBe('before after');
    expect(model.backlog).toBe(0);
  });

  it('answers only queries in bytes that are its own to answer', async () => {
    const { model, write, answers } = setUp();
    write('\x1b[5n', false);
    write('\x1b[6n', true);
    write('\x1b[5n', false);
    write('\x1b[c', true);
    await model.snapshot();
    expect(answers).toEqual(['\x1b[1;1R', '\x1b[?1;2c']);
  });

  it('resizes after the bytes drawn for the old size', async () => {
    const { model, write } = setUp();
    write(`${'x'.repeat(19)}\x1b[1;20HE\r\n`);
    model.resize({ cols: 10, rows: 4 });
    // The line was 20 wide when it was drawn; with the new size first, E would have landed in column 10.
    expect(await model.snapshot()).toContain(`${'x'.repeat(19)}E`);
  });

  it('keeps a split multi-byte character whole', async () => {
    const { model } = setUp();
    const bytes = Buffer.from('é€😀“…”');
    for (const byte of bytes) model.write(Uint8Array.of(byte), true);
    expect(await model.snapshot()).toBe('é€😀“…”');
  });

  it('tells where its output ends, and keeps no screen in the middle of a character or a sequence', async () => {
    const { model, write } = setUp();
    const ends: string[] = [];
    for (const part of ['a', '\x1b[3', '1m']) {
      write(part);
      ends.push(await model.place(), String((await model.capture()) !== null));
    }
    model.write(Uint8Array.of(0xe2, 0x80), true);
    ends.push(await model.place(), String((await model.capture()) !== null));
    model.write(Uint8Array.of(0xa6), true);
    ends.push(await model.place(), String((await model.capture()) !== null));
    expect(ends).toEqual([
      ...['between', 'true', 'inSequence', 'false', 'between', 'true'],
      ...['inCharacter', 'false', 'between', 'true'],
    ]);
  });

  it('parses of a flood of lines only what can still be seen, and holds nobody for it', async () => {
    const { model } = setUp();
    const line = '\x1b[32mone of many lines\x1b[39m\r\n';
    const batch = Buffer.from(line.repeat(2_000));
    for (let batches = 0; batches < 100; batches += 1) {
      model.write(batch, true);
      expect(model.owed).toBe(0);
      if (batches % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    model.write(Buffer.from('the end'), true);
    const snapshot = await model.snapshot();
    expect(snapshot?.endsWith('\x1b[0mthe end')).toBe(true);
    expect(snapshot?.match(/one of many/g)?.length).toBeGreaterThan(1_000);
    expect(model.parsed).toBeLessThan(batch.length * 3);
  });

  it('answers a question at once, also behind output that could wait', async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<string>();
    const model = new ScreenModel({ cols: 20, rows: 4 }, 1_000, new ParseTurns(), {
      onAnswer: answer,
      onParsed() {},
      onFault() {},
    });
    model.write(Buffer.from('a line\r\nand '), true);
    // Cut in the middle, as ptys do.
    model.write(Buffer.from('more\x1b['), true);
    model.write(Buffer.from('6n'), true);
    expect(await answered).toBe('\x1b[2;9R');
  });

  it('parses what was put off when output pauses', async () => {
    const { promise: parsed, resolve: tell } = Promise.withResolvers<void>();
    const model: ScreenModel = new ScreenModel({ cols: 20, rows: 4 }, 1_000, new ParseTurns(), {
      onAnswer() {},
      onParsed: () => {
        if (model.backlog === 0) tell();
      },
      onFault() {},
    });
    model.write(Buffer.from('\x1b[H\x1b[2Jdrawn'), false);
    expect(model.backlog).toBeGreaterThan(0);
    await parsed;
    expect(model.parsed).toBe(12);
  });

  it('gives up waiting snapshots when it is thrown away', async () => {
    const { model, write, faults } = setUp();
    write('text');
    const snapshot = model.snapshot();
    model.dispose();
    expect(await snapshot).toBeNull();
    expect(faults).toEqual([]);
  });

  it('starts anew after a fault of the parser, and tells', async () => {
    const { model, write, faults } = setUp();
    write('lost');
    model.write({ length: 3, subarray: () => null } as unknown as Uint8Array, false);
    expect(await model.snapshot()).toBeNull();
    expect(faults).toHaveLength(1);
    expect(model.backlog).toBe(0);
    write('next');
    expect(await model.snapshot()).toBe('next');
  });
});
