import type { AgentSession } from '../sessions/sessionRow.ts';
import { coveredMinutes, type ScopeKey, type Usage } from './budgets.ts';
import type { TurnFilter, UsageStore } from './usageStore.ts';

/** The calendar day of the machine's own time zone a moment belongs to: what a person means by "today". */
export function startOfDay(now: number): { readonly id: string; readonly from: string; readonly to: string } {
  const date = new Date(now);
  const id = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return { id, ...dayRange(id) };
}

/** Begin and end of a day `YYYY-MM-DD`, as ISO times. */
export function dayRange(id: string): { readonly from: string; readonly to: string } {
  const [year = 0, month = 1, day = 1] = id.split('-').map(Number);
  // Days of 23 and 25 hours exist: the end is the next midnight, not 24 hours later.
  return { from: new Date(year, month - 1, day).toISOString(), to: new Date(year, month - 1, day + 1).toISOString() };
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Everything an agent's next turn would count for, narrowest first. */
export function scopesOf(
  session: Pick<AgentSession, 'agentName' | 'taskId' | 'runId'>,
  now: number,
): readonly ScopeKey[] {
  return [
    { scope: 'agent', id: session.agentName },
    ...(session.taskId === '' ? [] : [{ scope: 'task', id: session.taskId } as const]),
    ...(session.runId === null ? [] : [{ scope: 'run', id: session.runId } as const]),
    { scope: 'day', id: startOfDay(now).id },
  ];
}

/** The turns of a scope. An agent's are those on its present task and run: a name that is slung anew begins at nothing. */
export function scopeFilter(key: ScopeKey, session: Pick<AgentSession, 'taskId' | 'runId'> | null): TurnFilter {
  switch (key.scope) {
    case 'agent':
      return {
        agentName: key.id,
        ...(session === null ? {} : { taskId: session.taskId }),
        ...(session === null || session.runId === null ? {} : { runId: session.runId }),
      };
    case 'task':
      return { taskId: key.id };
    case 'run':
      return { runId: key.id };
    case 'day':
      return dayRange(key.id);
  }
}

/** @param wantsMinutes reads every turn's times, which only a cap in minutes needs. */
export function scopeUsage(
  store: Pick<UsageStore, 'sums' | 'times'>,
  key: ScopeKey,
  session: Pick<AgentSession, 'taskId' | 'runId'> | null,
  wantsMinutes: boolean,
  now: number,
): Usage {
  const filter = scopeFilter(key, session);
  const { usd, turns, running } = store.sums(filter);
  const minutes = wantsMinutes
    ? coveredMinutes(
        store.times(filter).map(({ startedAt, endedAt }) => ({
          from: Date.parse(startedAt),
          to: endedAt === null ? now : Date.parse(endedAt),
        })),
      )
    : 0;
  return { usd, turns, minutes, running };
}
