/** Words for lengths of time, in milliseconds. */
const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Milliseconds of one day. */
const DAY_MS = 86_400_000;
/** Milliseconds. A limit that is said to end later than this is not believed: longer than any plan's window. */
const FARTHEST_MS = 40 * DAY_MS;

/**
 * When an exhausted limit ends, read from a runtime's own sentence: `limit reached|1763904000`, `resets 3am (UTC)`,
 * `resets Nov 30 at 5pm (Europe/Berlin)`, `try again in 2 days 3 hours`, `try again at 3:05 PM`, or an ISO time.
 * @param now milliseconds since the epoch.
 * @param zone time zone of times that name none (IANA).
 * @returns milliseconds since the epoch; null when no time is said, or none that can be believed.
 */
export function parseResetTime(text: string, now: number, zone: string): number | null {
  const found = epoch(text) ?? iso(text) ?? after(text, now) ?? clock(text, now, zone);
  return found !== null && found > now - DAY_MS && found < now + FARTHEST_MS ? Math.max(found, now) : null;
}

function epoch(text: string): number | null {
  const match = /\|\s*(\d{10})(\d{3})?\b/.exec(text);
  return match === null ? null : Number(match[1]) * 1_000;
}

function iso(text: string): number | null {
  const match = /\b(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d))/.exec(text);
  const time = match === null ? Number.NaN : Date.parse(match[1] ?? '');
  return Number.isNaN(time) ? null : time;
}

function after(text: string, now: number): number | null {
  const match = /\bin ((?:\d+(?:\.\d+)?\s*[a-z]+(?:,?\s+(?:and\s+)?)?)+)/i.exec(text);
  if (match === null) return null;
  let length = 0;
  for (const part of (match[1] ?? '').matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)) {
    const word = (part[2] ?? '').toLowerCase();
    const unit = UNITS[word] ?? UNITS[word.replace(/s$/, '')];
    if (unit !== undefined) length += Number(part[1]) * unit;
  }
  return length > 0 ? now + length : null;
}

function clock(text: string, now: number, zone: string): number | null {
  const match =
    /\b(?:resets?|reset at|again at|until|available at)\s+(?:at\s+)?(?:([a-z]{3})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+\d{4})?,?\s+(?:at\s+)?)?(\d{1,2})(?::(\d\d))?\s*([ap]m)?(?:\s*\(([A-Za-z_+\-/]+)\))?/i.exec(
      text,
    );
  if (match === null) return null;
  const [, monthWord, dayText, hourText, minuteText, half, named] = match;
  if (half === undefined && minuteText === undefined) return null;
  let hour = Number(hourText);
  if (half !== undefined) hour = (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  const minute = Number(minuteText ?? 0);
  if (hour > 23 || minute > 59) return null;
  const place = named !== undefined && isZone(named) ? named : zone;
  const today = partsIn(now, place);
  const month = monthWord === undefined ? -1 : MONTHS.indexOf(monthWord.toLowerCase());
  if (month >= 0) {
    const wanted = timeIn(place, today.year, month + 1, Number(dayText), hour, minute);
    return wanted < now - DAY_MS ? timeIn(place, today.year + 1, month + 1, Number(dayText), hour, minute) : wanted;
  }
  const wanted = timeIn(place, today.year, today.month, today.day, hour, minute);
  return wanted < now ? wanted + DAY_MS : wanted;
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    // Not a zone this system knows: the time is read in the local one.
    return false;
  }
}

interface DayParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

function partsIn(time: number, zone: string): DayParts {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    hourCycle: 'h23',
  });
  const found = Object.fromEntries(format.formatToParts(time).map((part) => [part.type, Number(part.value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = found;
  return { year, month, day, hour, minute };
}

/** The moment a wall clock in that zone shows this time; the zone's offset is taken at about that moment. */
function timeIn(zone: string, year: number, month: number, day: number, hour: number, minute: number): number {
  const asIfUtc = Date.UTC(year, month - 1, day, hour, minute);
  const shown = partsIn(asIfUtc, zone);
  const offset = Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute) - asIfUtc;
  return asIfUtc - offset;
}
