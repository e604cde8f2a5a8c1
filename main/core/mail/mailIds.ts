import { randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Characters after the prefix (spec 02 §1.1). */
const LENGTH = 12;

/** A new mail id: `msg-` and twelve characters of a-z and 0-9 from a cryptographic source (spec 02 §1.1). */
export function newMailId(): string {
  let id = 'msg-';
  for (const byte of randomBytes(LENGTH)) id += ALPHABET.charAt(byte % ALPHABET.length);
  return id;
}
