/** Source of time, passed in so that rules stay pure and tests need no sleeping. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** ISO 8601, UTC, milliseconds, with `Z` (architecture.md §5; the reference's suffix-less form is D-18). */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** The same, usable as a file name: every `:` and `.` replaced by `-` (spec 01, conventions). */
export function fileSafeTimestamp(milliseconds: number): string {
  return timestamp(milliseconds).replace(/[:.]/g, '-');
}

/** Reads any of the reference's time formats as UTC milliseconds; NaN when it is none (spec 03 §0.4). */
export function parseTimestamp(text: string): number {
  const iso = text.includes('T') ? text : text.replace(' ', 'T');
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`);
}
