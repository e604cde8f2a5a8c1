import { cleanPaste } from './paste.ts';

/** Bytes a program may put on the clipboard at once (engineering.md 3.1 #24). */
export const CLIPBOARD_BYTES = 100 * 1024;

/**
 * The text an OSC 52 sequence wants on the clipboard; null when it is none we take: a question for the clipboard's
 * content (never answered), a request to empty it, more than 100 KB, or no UTF-8 text. What is taken is clean of control
 * characters, so that pasting it is as harmless as any paste.
 * @param payload what follows `52;`: selection names, a semicolon, base64.
 */
export function clipboardText(payload: string): string | null {
  const at = payload.indexOf(';');
  if (at < 0) return null;
  const encoded = payload.slice(at + 1);
  // Four characters stand for three bytes.
  if (encoded === '' || encoded === '?' || encoded.length > Math.ceil(CLIPBOARD_BYTES / 3) * 4) return null;
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    const text = cleanPaste(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return text === '' ? null : text;
  } catch {
    // Not base64, or not UTF-8: a program's mistake, of which the person need not hear.
    return null;
  }
}
