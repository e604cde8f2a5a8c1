import { ok, type Result } from '../../contract/result.ts';
import { liveEngine, requireProject } from './project.ts';
import { type RoomSnapshot, snapshotOf } from './roomStates.ts';

export type { RoomSnapshot } from './roomStates.ts';

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
    return ok(snapshotOf(agents.value, attention.value, status.value));
  } finally {
    client.value.close();
  }
}
