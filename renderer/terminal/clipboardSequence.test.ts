import { describe, expect, test } from 'vitest';
import { CLIPBOARD_BYTES, clipboardText } from './clipboardSequence.ts';

const encoded = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

describe('text for the clipboard (OSC 52)', () => {
  test.each([
    ['c', 'plain'],
    ['', 'selection not named'],
    ['pc', 'Grüße, 漢字\nsecond line'],
  ])('with selection "%s" is taken: %s', (selection, text) =>
    expect(clipboardText(`${selection};${encoded(text)}`)).toBe(text),
  );

  test('is clean of control characters', () =>
    expect(clipboardText(`c;${encoded('rm\x1b[201~\r\nls\x07')}`)).toBe('rm[201~\nls'));

  test.each([
    ['a question for the content', 'c;?'],
    ['emptying', 'c;'],
    ['no payload at all', 'c'],
    ['no base64', 'c;%%%'],
    ['no UTF-8', `c;${btoa('\xff\xfe')}`],
    ['nothing but control characters', `c;${encoded('\x1b\x07')}`],
  ])('%s is not taken', (_what, payload) => expect(clipboardText(payload)).toBeNull());

  test('has a bound', () => {
    expect(clipboardText(`c;${btoa('x'.repeat(CLIPBOARD_BYTES))}`)).toHaveLength(CLIPBOARD_BYTES);
    expect(clipboardText(`c;${btoa('x'.repeat(CLIPBOARD_BYTES + 3))}`)).toBeNull();
  });
});
