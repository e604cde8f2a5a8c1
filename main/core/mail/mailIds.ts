import { randomBytes } from 'node:crypto';
import { MAIL_ID_BYTES, mailIdOf } from './mailIdText.ts';

/** A new mail id: `msg-` and twelve characters of a-z and 0-9 from a cryptographic source (spec 02 §1.1). */
export function newMailId(): string {
  return mailIdOf(randomBytes(MAIL_ID_BYTES));
}
