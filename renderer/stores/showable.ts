/*
 * Agents print untrusted bytes. Before text from an agent, a mail or a file name reaches the screen, everything that
 * would change how the text around it reads is made visible instead: control characters, overrides of the writing
 * direction, and invisible characters.
 */

/** Bidirectional controls and invisible marks, by code point, with the short name a person sees. */
const MARKS: Readonly<Record<number, string>> = {
  1564: 'ALM',
  8203: 'ZWSP',
  8206: 'LRM',
  8207: 'RLM',
  8232: 'LS',
  8233: 'PS',
  8234: 'LRE',
  8235: 'RLE',
  8236: 'PDF',
  8237: 'LRO',
  8238: 'RLO',
  8288: 'WJ',
  8294: 'LRI',
  8295: 'RLI',
  8296: 'FSI',
  8297: 'PDI',
  65279: 'BOM',
};

/** Every control and format character, and the two Unicode line separators. */
const SPECIAL = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
const LINE_BREAKS = /[\t\n\r]+/g;

/** Newline and tab lay text out; the joiners make emoji and some scripts; a soft hyphen shows only where a line breaks. */
const HARMLESS: ReadonlySet<number> = new Set([0x09, 0x0a, 0xad, 0x200c, 0x200d]);

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (HARMLESS.has(code)) return character;
  const mark = MARKS[code];
  if (mark !== undefined) return `‹${mark}›`;
  // U+2400 holds a picture for every C0 control, U+2421 the one of DELETE.
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `‹${code.toString(16).toUpperCase()}›`;
}

/** Text over several lines, safe to show: newlines and tabs stay, carriage returns before a newline go. */
export function showable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(SPECIAL, picture);
}

/** The same on one line: runs of line breaks and tabs become one space. */
export function showableLine(text: string): string {
  return text.replace(LINE_BREAKS, ' ').replace(SPECIAL, picture);
}
