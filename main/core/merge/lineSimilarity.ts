/** What a line says, without its punctuation, which all lines of a language share. */
function words(line: string): readonly string[] {
  return line.match(/[\p{L}\p{N}_]+/gu) ?? [];
}

/** Letters and digits from which on a line is itself: a brace, a "return;" or an "else" may stand anywhere. */
const DISTINCTIVE_LENGTH = 8;

/** True for a line that says enough not to be taken for another of the same text by chance. */
export function isDistinctive(line: string): boolean {
  return words(line).join('').length >= DISTINCTIVE_LENGTH;
}

/** Share of the words two lines have in common from which on one is the other rewritten. */
const REWRITTEN_SHARE = 0.5;

/** True when `after` is `before` changed in part, and not another line in its place. */
export function sameRewritten(before: string, after: string): boolean {
  const [one, other] = [words(before), words(after)];
  if (one.length === 0 || other.length === 0) return false;
  return (2 * common(one, other)) / (one.length + other.length) >= REWRITTEN_SHARE;
}

/** True when a line holds every word of another, as often. */
export function wordsHeld(line: string, inside: string): boolean {
  const wanted = words(line);
  return wanted.length > 0 && common(wanted, words(inside)) === wanted.length;
}

function common(one: readonly string[], other: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const word of other) counts.set(word, (counts.get(word) ?? 0) + 1);
  let count = 0;
  for (const word of one) {
    const left = counts.get(word) ?? 0;
    if (left === 0) continue;
    counts.set(word, left - 1);
    count += 1;
  }
  return count;
}
