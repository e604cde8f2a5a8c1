import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A secret of 32 random bytes, safe in a header, a URL and JSON (engineering.md 3.3 #7). */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Compares in constant time, whatever the lengths: digests are compared, not the texts. */
export function isSecret(given: string | undefined, wanted: string): boolean {
  if (given === undefined) return false;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
