/** Every C0 control but tab and newline, DELETE, and the C1 controls, among them the eight-bit form of ESC. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is taken out.
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;

/**
 * Text from the clipboard as it may be typed into a terminal: only tab and newline are left of the control characters,
 * so that nothing pasted can end a bracketed paste or speak to the program as a terminal would (engineering.md 3.1 #25).
 */
export function cleanPaste(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(CONTROLS, '');
}

/** Lines a clean paste would run in a shell: a trailing newline runs the last one, so it counts as a line of its own. */
export function pasteLines(clean: string): number {
  return clean.split('\n').length;
}

/** True when a person has to look first: a shell runs every line of a paste of several. */
export function pasteAsks(clean: string, kind: 'agent' | 'shell'): boolean {
  return kind === 'shell' && pasteLines(clean) > 1;
}

/** Cuts input into pieces of at most `most` UTF-16 units, never through a surrogate pair. */
export function inputPieces(text: string, most: number): readonly string[] {
  const pieces: string[] = [];
  let from = 0;
  while (from < text.length) {
    let to = Math.min(text.length, from + most);
    const last = text.charCodeAt(to - 1);
    if (to < text.length && last >= 0xd800 && last <= 0xdbff && to - from > 1) to -= 1;
    pieces.push(text.slice(from, to));
    from = to;
  }
  return pieces;
}
