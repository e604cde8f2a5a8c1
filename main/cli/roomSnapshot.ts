import type { AgentView } from '../../contract/agents.ts';
import type { AttentionItem } from '../../contract/attention.ts';
import { ok, type Result } from '../../contract/result.ts';
import type { RoomStatus } from '../../contract/status.ts';
import { liveEngine, requireProject } from './project.ts';

/** What reading commands show. `status` is null when no engine runs. */
export interface RoomSnapshot {
  readonly agents: readonly AgentView[];
  readonly attention: readonly AttentionItem[];
  readonly status: RoomStatus | null;
}

/** Reads the room from the running engine, or straight from the stores when none runs: looking never starts anything. */
export async function readRoom(project: string | undefined): Promise<Result<RoomSnapshot>> {
  const root = await requireProject(project);
  if (!root.ok) return root;
  const client = await liveEngine(root.value);
  if (!client.ok) return client;
  if (client.value === null) {
    const { readOffline } = await import('./offline.ts');
    return readOffline(root.value);
  }
  try {
    const [agents, attention, status] = await Promise.all([
      client.value.snapshot('agents'),
      client.value.snapshot('attention'),
      client.value.snapshot('status'),
    ]);
    if (!agents.ok) return agents;
    if (!attention.ok) return attention;
    if (!status.ok) return status;
    return ok({
      agents: Object.values(agents.value.byId),
      attention: Object.values(attention.value.byId),
      status: status.value.value,
    });
  } finally {
    client.value.close();
  }
}
