const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Characters after the prefix, each from one random byte (spec 02 §1.1). */
export const MAIL_ID_BYTES = 12;

/** A mail id from bytes of a cryptographic source: `msg-` and twelve characters of a-z and 0-9 (spec 02 §1.1). */
export function mailIdOf(bytes: Uint8Array): string {
  let id = 'msg-';
  for (const byte of bytes) id += ALPHABET.charAt(byte % ALPHABET.length);
  return id;
}
