/** Amounts are whole cents, so that sums are exact. */
export type Cents = number;

/** Reads `12.34` or `12` as cents; throws a RangeError on anything else. */
export function parseAmount(text: string): Cents {
  const match = /^(-?)(\d+)(?:\.(\d{2}))?$/.exec(text.trim());
  if (match === null) throw new RangeError(`not an amount: ${text}`);
  const cents = Number(match[2]) * 100 + Number(match[3] ?? 0);
  return match[1] === '-' ? -cents : cents;
}

/** Writes cents as `12.34`. */
export function formatAmount(cents: Cents): string {
  const sign = cents < 0 ? '-' : '';
  const whole = Math.abs(cents);
  return `${sign}${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, '0')}`;
}
