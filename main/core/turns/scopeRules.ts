import { matchesGlob } from 'node:path';

/** A commit may say why it left its files: any line with this and a text after it (spec 01 §5.5). */
const REASON = /expansion_reason:[^\S\r\n]*(\S[^\r\n]*)/gi;

/** Changed files outside of an agent's files; an empty scope allows all. A folder alone covers nothing below it, as in the reference. */
export function outsideScope(files: readonly string[], scope: readonly string[]): readonly string[] {
  if (scope.length === 0) return [];
  return files.filter((file) => !scope.some((entry) => entry === file || matchesGlob(file, entry)));
}

/** Reasons the commits give for leaving their files, in order. */
export function expansionReasons(messages: string): readonly string[] {
  return [...messages.matchAll(REASON)].map((match) => (match[1] ?? '').trim());
}
