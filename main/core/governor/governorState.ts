import { z } from 'zod';
import { BudgetMeasure, BudgetScope } from '../../../contract/governor.ts';
import { Timestamp } from '../../../contract/ids.ts';
import type { ControlStore } from '../control/controlStore.ts';

const Reached = z.object({
  scope: BudgetScope,
  id: z.string(),
  measure: BudgetMeasure,
  used: z.number(),
  limit: z.number(),
  at: Timestamp,
  asking: z.boolean(),
});
const Breaker = z.object({
  state: z.enum(['open', 'probing']),
  until: z.number(),
  openedAt: z.number(),
  reason: z.string(),
  failures: z.number().int(),
  probe: z.string().nullable(),
});

/** What the governor remembers over restarts; keys are those of budgets.ts, breakers go by runtime. */
export const GovernorState = z.object({
  /** Scopes a person has paused, and since when. */
  paused: z.record(z.string(), Timestamp),
  /** Caps that were reached and not raised since. */
  reached: z.record(z.string(), Reached),
  /** What people have added to caps. */
  raised: z.record(z.string(), z.number()),
  /** Limit at which a cap's warning was given. */
  warned: z.record(z.string(), z.number()),
  breakers: z.record(z.string(), Breaker),
});
export type GovernorState = z.infer<typeof GovernorState>;

/** Name of the setting that keeps it (control-room.db). */
const SETTING = 'governor';

const EMPTY: GovernorState = { paused: {}, reached: {}, raised: {}, warned: {}, breakers: {} };

/** What cannot be understood, as after a change by hand, starts empty: caps are then judged anew from the turns. */
export function readGovernorState(control: Pick<ControlStore, 'getSetting'>): GovernorState {
  const stored = GovernorState.safeParse(control.getSetting(SETTING));
  return stored.success ? stored.data : EMPTY;
}

/** Keeps the state; days that are over are dropped. */
export function writeGovernorState(
  control: Pick<ControlStore, 'putSetting'>,
  state: GovernorState,
  today: string,
): void {
  const kept = <Value>(record: Readonly<Record<string, Value>>): Record<string, Value> =>
    Object.fromEntries(
      Object.entries(record).filter(([key]) => !key.startsWith('day:') || key.startsWith(`day:${today}:`)),
    );
  control.putSetting(SETTING, {
    ...state,
    reached: kept(state.reached),
    raised: kept(state.raised),
    warned: kept(state.warned),
  });
}
