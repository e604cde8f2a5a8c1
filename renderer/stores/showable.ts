/*
 * Agents print untrusted bytes. Before text from an agent, a mail or a file name reaches the screen, everything that
 * would change how the text around it reads is made visible instead: control characters, overrides of the writing
 * direction, and invisible characters.
 */

/** Names of the C0 controls, by code. Names and not pictures: few fonts hold the pictures, and none of ours does. */
const C0 =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );

/** Other controls and invisible marks, by code point, with the short name a person sees. */
const MARKS: ReadonlyMap<number, string> = new Map([
  [0x007f, 'DEL'],
  [0x061c, 'ALM'],
  [0x200b, 'ZWSP'],
  [0x200e, 'LRM'],
  [0x200f, 'RLM'],
  [0x2028, 'LS'],
  [0x2029, 'PS'],
  [0x202a, 'LRE'],
  [0x202b, 'RLE'],
  [0x202c, 'PDF'],
  [0x202d, 'LRO'],
  [0x202e, 'RLO'],
  [0x2060, 'WJ'],
  [0x2066, 'LRI'],
  [0x2067, 'RLI'],
  [0x2068, 'FSI'],
  [0x2069, 'PDI'],
  [0xfeff, 'BOM'],
]);

/** Every control and format character, and the two Unicode line separators. */
const SPECIAL = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
const LINE_BREAKS = /[\t\n\r]+/g;

/** Newline and tab lay text out; the joiners make emoji and some scripts; a soft hyphen shows only where a line breaks. */
const HARMLESS: ReadonlySet<number> = new Set([0x09, 0x0a, 0xad, 0x200c, 0x200d]);

function named(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (HARMLESS.has(code)) return character;
  return `‹${C0[code] ?? MARKS.get(code) ?? code.toString(16).toUpperCase()}›`;
}

/** Text over several lines, safe to show: newlines and tabs stay, carriage returns before a newline go. */
export function showable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(SPECIAL, named);
}

/** The same on one line: runs of line breaks and tabs become one space. */
export function showableLine(text: string): string {
  return text.replace(LINE_BREAKS, ' ').replace(SPECIAL, named);
}
