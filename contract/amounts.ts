/** Figures as every face writes them. */

/** Length of time in two units at most: "12 s", "6 min 12 s", "2 h 5 min". Milliseconds in. */
export function longDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** "1 mail", "3 mails". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** US dollars: "0.41", "12.80", "1,204". Null becomes a dash, because "no figure" is not "free". */
export function dollars(amount: number | null): string {
  if (amount === null) return '–';
  return amount >= 1_000 ? Math.round(amount).toLocaleString('en') : amount.toFixed(2);
}

/** US dollars with their sign: "$4.18", "~$4.18" when estimated at least in part, "under $0.01", "–" when unknown. */
export function money(usd: number | null, estimated = false): string {
  if (usd === null) return '–';
  const sign = estimated ? '~' : '';
  return usd > 0 && usd < 0.01 ? `${sign}under $0.01` : `${sign}$${dollars(usd)}`;
}
