import type { CostOverviewInput } from '../../../contract/costs.ts';

/** Periods that are always there; runs come after them. */
export const fixedPeriods = [
  { value: 'run', label: 'this run' },
  { value: 'today', label: 'today' },
  { value: 'week', label: 'last 7 days' },
  { value: 'all', label: 'since the beginning' },
] as const;

const DAY_MS = 86_400_000;

/** The question a period stands for, and the run it is about; without a current run, "this run" is today. */
export function periodInput(
  chosen: { readonly period: string } | { readonly run: string },
  currentRun: string | null,
  now: Date,
): { readonly question: Omit<CostOverviewInput, 'by'>; readonly runId: string | null } {
  if ('run' in chosen) return { question: { run: chosen.run }, runId: chosen.run };
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  switch (chosen.period) {
    case 'all':
      return { question: {}, runId: null };
    case 'week':
      return { question: { from: new Date(midnight.getTime() - 6 * DAY_MS).toISOString() }, runId: null };
    case 'today':
      return { question: { from: midnight.toISOString() }, runId: null };
    default:
      if (currentRun === null) return { question: { from: midnight.toISOString() }, runId: null };
      return { question: { run: currentRun }, runId: currentRun };
  }
}
