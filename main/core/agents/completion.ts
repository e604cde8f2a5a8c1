import { join } from 'node:path';
import { ok, type Result } from '../../../contract/result.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { pathExists } from '../util/files.ts';
import { clearCheckpoint, completeHandoff, resumeHandoff } from './checkpoint.ts';
import { updateIdentity } from './identity.ts';

/**
 * Notes that an agent has finished its task (spec 02 §3.8): its identity counts one session and one task more, a handover
 * it went on from is closed, and what it had noted of its way is forgotten.
 */
export async function noteCompletion(
  agentsFolder: string,
  session: Pick<AgentSession, 'id' | 'agentName' | 'taskId' | 'claudeSessionId'>,
  now: number,
): Promise<Result<null>> {
  const { agentName, taskId } = session;
  const counted = await updateIdentity(
    agentsFolder,
    agentName,
    {
      sessionsCompleted: 1,
      ...(taskId === '' ? {} : { finishedTask: { taskId, summary: `Completed task ${taskId}` } }),
    },
    now,
  );
  if (!counted.ok) return counted;
  if (!(await pathExists(join(agentsFolder, agentName, 'checkpoint.json')))) return ok(null);
  const pending = await resumeHandoff(agentsFolder, agentName);
  if (!pending.ok) return pending;
  if (pending.value !== null) {
    const closed = await completeHandoff(agentsFolder, agentName, session.claudeSessionId ?? session.id);
    if (!closed.ok) return closed;
  }
  const cleared = await clearCheckpoint(agentsFolder, agentName);
  return cleared.ok ? ok(null) : cleared;
}
