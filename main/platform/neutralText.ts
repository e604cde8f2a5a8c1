/**
 * Makes agent text safe to draw: agents are hostile input, and an escape sequence in a message could otherwise move the
 * cursor, set the title or plant clipboard text. Control characters become visible symbols; tabs become spaces.
 */
export function neutralise(text: string): string {
  return (
    text
      .replace(/\r\n/g, '\n')
      .replace(/\t/g, '  ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for.
      .replace(/[\x00-\x09\x0b-\x1f\x7f\x80-\x9f]/g, (character) => {
        const code = character.charCodeAt(0);
        return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '␡' : '�';
      })
      // Bidirectional overrides could make a path read backwards.
      .replace(/[\u202a-\u202e\u2066-\u2069]/g, '�')
  );
}

/** The same for text that must stay on one line. */
export function neutralLine(text: string): string {
  return neutralise(text).replaceAll('\n', '␊');
}
