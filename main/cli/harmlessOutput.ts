/** Control characters that only move the cursor or choose a character set. */
const HARMLESS_CONTROLS = new Set(['\b', '\t', '\n', '\v', '\f', '\r', '\x0e', '\x0f']);
/** Final characters of sequences that move, erase, scroll and colour: none of them asks the terminal anything. */
const HARMLESS_FINALS = new Set('@ABCDEFGHIJKLMPSTXZ`abdefgmrsu');
/** Private modes that concern what is drawn: origin, wrapping, cursor shown, the alternate screen. */
const HARMLESS_MODES = new Set(['6', '7', '25', '47', '1047', '1048', '1049']);
/** Second characters of two-character sequences: saved cursor, scrolling, tab stops, reset. */
const HARMLESS_ESCAPES = new Set('78DEHMc');
/** A sequence that begins and does not end within this is no sequence: characters. */
const LONGEST = 4_096;

/** What comes next in a stretch of output, from its first character on. */
const PIECES = new RegExp(
  String.raw`\x1b\[([0-?]*)([ -/]*)([@-~])|\x1b[\]PX^_][\s\S]*?(?:\x07|\x1b\\)|\x1b([ -/]+)([0-~])|\x1b([0-OQ-WYZ\\${'`'}-~])`,
  'y',
);

/**
 * Lets through what draws and drops what else a terminal would obey: questions whose answers would be typed into the shell,
 * titles, the clipboard, modes of keyboard and mouse. What an agent wrote is played on a person's own terminal.
 */
export class HarmlessOutput {
  #rest = '';

  push(text: string): string {
    const input = this.#rest + text;
    this.#rest = '';
    let result = '';
    for (let at = 0; at < input.length; ) {
      const character = input[at] ?? '';
      if (character !== '\x1b') {
        if (isShown(character)) result += character;
        at += 1;
        continue;
      }
      PIECES.lastIndex = at;
      const found = PIECES.exec(input);
      if (found === null) {
        if (input.length - at < LONGEST) {
          this.#rest = input.slice(at);
          return result;
        }
        at += 1;
        continue;
      }
      if (isHarmless(found)) result += found[0];
      at += found[0].length;
    }
    return result;
  }
}

function isShown(character: string): boolean {
  const code = character.charCodeAt(0);
  if (code < 0x20) return HARMLESS_CONTROLS.has(character);
  return code < 0x7f || code > 0x9f;
}

function isHarmless([whole, parameters, between, final, intermediates, charset, single]: RegExpExecArray): boolean {
  if (single !== undefined) return HARMLESS_ESCAPES.has(single);
  // Choosing a character set, such as line drawing.
  if (intermediates !== undefined) return '()*+'.includes(intermediates) && charset !== undefined;
  if (final === undefined || parameters === undefined) return whole === '';
  if (between !== '') return whole === '\x1b[!p';
  if (final === 'h' || final === 'l') {
    if (parameters === '4') return true;
    return (
      parameters.startsWith('?') &&
      parameters
        .slice(1)
        .split(';')
        .every((mode) => HARMLESS_MODES.has(mode))
    );
  }
  return HARMLESS_FINALS.has(final) && /^[0-9;:]*$/.test(parameters);
}

/** Gives a terminal back as it was, whatever was played on it. */
export const RESTORE = '\x1b[!p\x1b[?1049l\x1b[?25h\x1b[?7h\x1b[r\x1b(B\x0f\x1b[0m\r\n';
