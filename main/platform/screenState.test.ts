import { SerializeAddon } from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { captureScreen, restoreScreen, sizeOfScreen } from './screenState.ts';

interface Screen {
  readonly terminal: headless.Terminal;
  write(text: string | Uint8Array): void;
  drawn(): string;
}

function screen(cols: number, rows: number): Screen {
  const terminal = new headless.Terminal({ cols, rows, scrollback: 100, allowProposedApi: true, logLevel: 'off' });
  const serializer = new SerializeAddon();
  // Typed for the browser's terminal; it uses only what the headless one has too.
  terminal.loadAddon(serializer as unknown as headless.ITerminalAddon);
  const core = terminal as unknown as { readonly _core: { writeSync(data: string | Uint8Array): void } };
  return {
    terminal,
    write: (text) => core._core.writeSync(text),
    drawn: () => serializer.serialize({ scrollback: 100 }),
  };
}

const number = (least: number, most: number) => fc.integer({ min: least, max: most });

/** Everything a program may send that leaves something behind in a terminal. */
const output = fc.oneof(
  fc.string({ maxLength: 60 }).map((text) => text.replaceAll('\x1b', '')),
  fc.constantFrom('\r\n', '\n', '\t', '\b', '日本', 'e\u0301', '😀', '👩‍💻', 'wrap '.repeat(30)),
  fc.constantFrom(
    '\x1b[K',
    '\x1b[1K',
    '\x1b[2K',
    '\x1b[J',
    '\x1b[2J',
    '\x1b[3X',
    '\x1b[2P',
    '\x1b[2@',
    '\x1b[L',
    '\x1b[M',
  ),
  fc.constantFrom(
    '\x1b[?1049h',
    '\x1b[?1049l',
    '\x1b7',
    '\x1b8',
    '\x1b[s',
    '\x1b[u',
    '\x1bM',
    '\x1bD',
    '\x1bH',
    '\x1b[3g',
  ),
  fc.constantFrom(
    '\x1b(0',
    '\x1b(B',
    '\x0e',
    '\x0f',
    '\x1b)0',
    '\x1b[4h',
    '\x1b[4l',
    '\x1b[?6h',
    '\x1b[?6l',
    '\x1b[?7l',
    '\x1b[?7h',
  ),
  fc.constantFrom(
    '\x1b[?25l',
    '\x1b[?25h',
    '\x1b[?1002h',
    '\x1b[?1006h',
    '\x1b[?2004h',
    '\x1b[3b',
    '\x1bc',
    '\x1b[!p',
    '\x1b[r',
  ),
  fc.constantFrom(
    '\x1b[4:3m\x1b[58;2;1;2;3m',
    '\x1b]8;id=1;http://localhost\x07',
    '\x1b]8;;\x07',
    '\x1b[48;2;9;8;7m',
    '\x1b[7m',
    '\x1b[0m',
  ),
  fc.tuple(number(0, 25), number(0, 90)).map(([row, column]) => `\x1b[${row};${column}H`),
  fc.tuple(number(1, 5), number(6, 12)).map(([top, bottom]) => `\x1b[${top};${bottom}r`),
  number(0, 255).map((color) => `\x1b[38;5;${color}m`),
);
const outputs = fc.array(output, { maxLength: 80 }).map((parts) => parts.join(''));

it('a restored terminal is the one it was taken from, and stays so whatever comes next', () => {
  fc.assert(
    fc.property(number(10, 90), number(3, 25), outputs, outputs, number(5, 95), (cols, rows, before, after, later) => {
      const live = screen(cols, rows);
      live.write(before);
      const bytes = captureScreen(live.terminal);
      if (bytes === null) return;
      const size = sizeOfScreen(bytes);
      const restored = screen(size.cols, size.rows);
      restoreScreen(restored.terminal, bytes);
      expect(restored.drawn()).toBe(live.drawn());
      for (const one of [live, restored]) {
        one.write(after);
        one.terminal.resize(later, rows + 2);
        one.write(before);
      }
      expect(restored.drawn()).toBe(live.drawn());
      expect(restored.terminal.modes).toEqual(live.terminal.modes);
    }),
    { numRuns: 300 },
  );
});

it('is not taken in the middle of an escape sequence or of a character', () => {
  const live = screen(20, 5);
  live.write('\x1b[3');
  expect(captureScreen(live.terminal)).toBeNull();
  live.write('1m');
  expect(captureScreen(live.terminal)).not.toBeNull();
  live.write(Uint8Array.from([0xe6, 0x97]));
  expect(captureScreen(live.terminal)).toBeNull();
  live.write(Uint8Array.from([0xa5]));
  expect(captureScreen(live.terminal)).not.toBeNull();
});

it('does not fit a terminal of another size', () => {
  const bytes = captureScreen(screen(20, 5).terminal);
  expect(bytes).not.toBeNull();
  expect(() => restoreScreen(screen(21, 5).terminal, bytes ?? new Uint8Array())).toThrow('does not fit');
});
