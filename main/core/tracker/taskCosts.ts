import type { Stores } from '../stores.ts';

/** US dollars all agents of each task have spent; tasks no turn has said anything of are left out. */
export function costByTask(stores: Pick<Stores, 'sessions' | 'turns'>): ReadonlyMap<string, number> {
  const costs = stores.turns.costByAgent();
  const tasks = new Map<string, number>();
  for (const session of stores.sessions.getAll()) {
    const cost = costs.get(session.agentName)?.costUsd ?? null;
    if (cost !== null) tasks.set(session.taskId, (tasks.get(session.taskId) ?? 0) + cost);
  }
  return tasks;
}
