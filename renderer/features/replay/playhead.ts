/** Speeds a person chooses from: seconds of the past in one second. */
export const SPEEDS = [1, 2, 8, 32, 128] as const;
export type Speed = (typeof SPEEDS)[number];

/** Milliseconds of watching in which nothing happens, from which on quiet time is skipped. */
export const QUIET_MS = 2_000;
/** Milliseconds of watching that are left of it, so that what comes is seen to come. */
const LEAD_MS = 500;

/** Where the playhead is after some milliseconds of watching. `next` is the time of the next change, null when none is known. */
export function advance(at: number, watchedMs: number, speed: number, next: number | null, skipQuiet: boolean): number {
  const moved = at + watchedMs * speed;
  if (!skipQuiet || next === null || next - at <= QUIET_MS * speed) return moved;
  return Math.max(moved, next - LEAD_MS * speed);
}

/** Which speed comes after this one, or before it; the same at either end. */
export function otherSpeed(speed: Speed, direction: 1 | -1): Speed {
  const index = SPEEDS.indexOf(speed);
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, index + direction))] ?? 1;
}

/** Reads a time a person typed, `14:03` or `14:03:22`, as the moment nearest to `near` with that time of day; null when it is none. */
export function timeTyped(words: string, near: number): number | null {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(words.trim());
  if (match === null) return null;
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const candidates = [-1, 0, 1].map((day) => {
    const date = new Date(near);
    date.setDate(date.getDate() + day);
    return date.setHours(hours, minutes, seconds, 0);
  });
  return candidates.reduce((best, one) => (Math.abs(one - near) < Math.abs(best - near) ? one : best));
}
