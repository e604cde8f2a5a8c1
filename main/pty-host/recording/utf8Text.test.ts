import { SerializeAddon } from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Utf8Text } from './utf8Text.ts';

function drawn(parts: readonly (string | Uint8Array)[]): string {
  const terminal = new headless.Terminal({
    cols: 40,
    rows: 10,
    scrollback: 50,
    allowProposedApi: true,
    logLevel: 'off',
  });
  const serializer = new SerializeAddon();
  // Typed for the browser's terminal; it uses only what the headless one has too.
  terminal.loadAddon(serializer as unknown as headless.ITerminalAddon);
  const core = terminal as unknown as { readonly _core: { writeSync(data: string | Uint8Array): void } };
  for (const part of parts) core._core.writeSync(part);
  return serializer.serialize();
}

it('whole characters come out whole, wherever the chunks are cut', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.array(fc.nat(6), { maxLength: 60 }),
      (text, cuts) => {
        const bytes = Buffer.from(text);
        const decoder = new Utf8Text();
        const result: Uint8Array[] = [];
        let at = 0;
        for (const cut of cuts) {
          result.push(decoder.push(bytes.subarray(at, at + cut)));
          at += cut;
        }
        result.push(decoder.push(bytes.subarray(at)));
        expect(Buffer.concat(result).toString('utf8')).toBe(text);
      },
    ),
  );
});

it('broken bytes draw the same screen as text as they do as bytes', () => {
  const byte = fc.oneof(
    fc.integer({ min: 0x20, max: 0xff }),
    fc.constantFrom(0xe6, 0x97, 0xa5, 0xf0, 0x9f, 0x98, 0x80, 0xc3, 0xa9, 0xed, 0xa0, 0xef, 0xbb, 0xbf),
  );
  fc.assert(
    fc.property(fc.array(fc.array(byte, { maxLength: 20 }), { maxLength: 12 }), (chunks) => {
      const bytes = chunks.map((chunk) => Uint8Array.from(chunk));
      const decoder = new Utf8Text();
      expect(drawn(bytes.map((chunk) => Buffer.from(decoder.push(chunk)).toString('utf8')))).toBe(
        drawn([Buffer.concat(bytes)]),
      );
    }),
    { numRuns: 500 },
  );
});
