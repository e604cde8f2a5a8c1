export { counted, dollars, longDuration } from '../../contract/amounts.ts';

/** Age in one short word: "4s", "2m", "3h", "5d". Never negative. Milliseconds in. */
export function shortAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

/** Local time of day "14:02" of a timestamp; the date stands before it when it is not the day of `now` (ms). */
export function clockTime(timestamp: string, now: number): string {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return '';
  const time = `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
  if (date.toDateString() === new Date(now).toDateString()) return time;
  const month = date.toLocaleString('en', { month: 'short' });
  return `${date.getDate()} ${month} ${time}`;
}

/** Local time of day with seconds, of a timestamp or of milliseconds since the epoch. */
export function timeOfDay(at: string | number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '';
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
