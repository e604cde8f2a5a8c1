import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HarmlessOutput } from './harmlessOutput.ts';

const passed = (text: string): string => new HarmlessOutput().push(text);

it.each([
  ['text of any language', 'héllo 日本 😀\r\n\t\b'],
  ['colours', '\x1b[1;38;2;1;2;3m\x1b[4:3m\x1b[0m'],
  ['cursor movement and erasing', '\x1b[3;4H\x1b[2J\x1b[K\x1b[5X\x1b[2;9r\x1b7\x1b8\x1bM'],
  ['the alternate screen and a hidden cursor', '\x1b[?1049h\x1b[?25l\x1b[?1049l'],
  ['character sets', '\x1b(0\x0eqqq\x0f\x1b(B'],
])('draws %s', (_what, text) => {
  expect(passed(text)).toBe(text);
});

it.each([
  ['questions whose answers would be typed into the shell', 'a\x1b[6n\x1b[c\x1b[>c\x1b[5n\x1b[?6n\x1b[x\x1b[>q\x05b'],
  ['titles, clipboard and links', 'a\x1b]0;title\x07\x1b]52;c;aGk=\x1b\\\x1b]8;;http://localhost\x07b'],
  ['modes of mouse and keyboard', 'a\x1b[?1000h\x1b[?1006h\x1b[?2004h\x1b[?1h\x1b[>1u\x1b=\x1b>b'],
  [
    'strings for devices, and controls of eight bits',
    'a\x1bPq#0\x1b\\\x1b_x\x1b\\\x9b6n\x90x\x9cb'.replace('6n', '').replace('x\x9c', '\x9c'),
  ],
  ['window sizes and bells', 'a\x1b[8;10;10t\x07b'],
])('drops %s', (_what, text) => {
  expect(passed(text)).toBe('ab');
});

it('is the same wherever the output is cut', () => {
  const part = fc.constantFrom(
    'text',
    '\x1b[31m',
    '\x1b[6n',
    '\x1b]0;t\x07',
    '\x1b[?25h',
    '\x1b(0',
    '日',
    '\x1bM',
    '\x1bPx\x1b\\',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), fc.array(fc.nat(5), { maxLength: 40 }), (parts, cuts) => {
      const text = parts.join('');
      const output = new HarmlessOutput();
      let result = '';
      let at = 0;
      for (const cut of cuts) {
        result += output.push(text.slice(at, at + cut));
        at += cut;
      }
      expect(result + output.push(text.slice(at))).toBe(passed(text));
    }),
  );
});
