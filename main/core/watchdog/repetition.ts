/** One thing an agent did, reduced to what makes two of them the same. */
export interface Step {
  readonly kind: 'tool' | 'text';
  /** Text that is equal for equal steps; see `toolKey` and `textKey`. */
  readonly key: string;
  /** For a person: `Bash npm test`. */
  readonly label: string;
  /** Milliseconds awake. */
  readonly at: number;
}

/** A cycle of steps that came again and again without anything new. */
export interface Repetition {
  /** Steps of one round. */
  readonly period: number;
  readonly rounds: number;
  /** Steps of one round, for a person. */
  readonly labels: readonly string[];
  /** When the first of these rounds began, milliseconds awake. */
  readonly since: number;
}

/** Steps kept of an agent: enough for the longest cycle that is looked for. */
export const HISTORY = 96;
/** Longest cycle that is looked for. A longer one is hardly told from work. */
const LONGEST_PERIOD = 8;
/** Characters of a result or text that take part in the comparison. */
const COMPARED = 400;

/** A tool call with its result: same tool, same arguments, same answer but for numbers (times, counters, ports). */
export function toolKey(name: string, input: unknown, result: string): string {
  return `${name}\0${JSON.stringify(input)}\0${withoutNumbers(result)}`;
}

/** A text: letters only, so that "attempt 7" equals "attempt 8". */
export function textKey(text: string): string {
  return withoutNumbers(text).toLowerCase();
}

function withoutNumbers(text: string): string {
  return text
    .slice(0, 4 * COMPARED)
    .replace(/[\d.:]+/g, '#')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, COMPARED);
}

/**
 * Finds the shortest cycle at the end of a history that came at least `rounds` times (field.md §3.1: an agent looped for
 * 94 minutes and every progress check called it healthy). Pure; the caller forgets the history when a file, a commit or a
 * mail is new, because then the same call is work.
 */
export function findRepetition(history: readonly Step[], rounds: number): Repetition | null {
  for (let period = 1; period <= LONGEST_PERIOD; period += 1) {
    const found = roundsAtEnd(history, period);
    if (found < rounds) continue;
    const first = history[history.length - found * period];
    const labels = history.slice(-period).map((step) => step.label);
    if (first !== undefined) return { period, rounds: found, labels, since: first.at };
  }
  return null;
}

/** How often the last `period` steps came in a row, the last time included. */
function roundsAtEnd(history: readonly Step[], period: number): number {
  if (history.length < period) return 0;
  let same = period;
  for (let at = history.length - 1 - period; at >= 0; at -= 1) {
    if (history[at]?.key !== history[at + period]?.key) break;
    same += 1;
  }
  return Math.floor(same / period);
}
