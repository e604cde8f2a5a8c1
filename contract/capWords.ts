import { counted, longDuration, money } from './amounts.ts';
import type { BudgetScope, CapView } from './governor.ts';

/** What a cap is set on, in the room and in `ov costs --caps`. */
export const SCOPE_WORDS: Readonly<Record<BudgetScope, string>> = {
  agent: 'agent',
  task: 'task',
  run: 'run',
  day: 'today',
};

/** "$4.18 of $10.00", "12 of 20 turns", "34 min of 1 h". */
export function capWords({ measure, used, limit }: CapView): string {
  switch (measure) {
    case 'usd':
      return `${money(used)} of ${money(limit)}`;
    case 'turns':
      return `${used} of ${counted(limit, 'turn')}`;
    case 'minutes':
      return `${longDuration(Math.floor(used) * 60_000)} of ${longDuration(Math.round(limit) * 60_000)}`;
  }
}

/** What is to be expected of a cap, in a few words. */
export function forecastWords(cap: CapView): string {
  if (cap.level === 'over') return 'reached: no further turn begins';
  if (cap.minutesLeft !== null)
    return `reached in ${longDuration(Math.max(1, Math.round(cap.minutesLeft)) * 60_000)} at this rate`;
  return cap.level === 'soft' ? 'comes near' : '';
}
