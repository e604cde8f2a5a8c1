import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isAgentName } from '../../../contract/names.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { timestamp } from '../../platform/clock.ts';
import { errorLine, readTextIfPresent } from '../util/files.ts';
import { SerialQueue } from '../util/serialQueue.ts';

/** Where an agent stands, in its own words: what a later conversation of it goes on from (spec 02 §3.8). */
const CheckpointText = z.object({
  agentName: z.string(),
  taskId: z.string(),
  sessionId: z.string(),
  /** ISO 8601. */
  timestamp: z.string(),
  progressSummary: z.string(),
  filesModified: z.array(z.string()),
  currentBranch: z.string(),
  pendingWork: z.string(),
  mulchDomains: z.array(z.string()),
});
export type Checkpoint = z.infer<typeof CheckpointText>;

/** Why a conversation was handed over. */
export type HandoffReason = 'compaction' | 'crash' | 'manual' | 'timeout';

const HandoffText = z.object({
  fromSessionId: z.string(),
  /** Null until somebody goes on from it. */
  toSessionId: z.string().nullable(),
  checkpoint: CheckpointText,
  reason: z.enum(['compaction', 'crash', 'manual', 'timeout']),
  /** ISO 8601. */
  handoffAt: z.string(),
});
export type Handoff = z.infer<typeof HandoffText>;

const writing = new SerialQueue();

/** Writes `agents/<name>/checkpoint.json`, over an earlier one. */
export function saveCheckpoint(agentsFolder: string, checkpoint: Checkpoint): Promise<Result<Checkpoint>> {
  return locked(agentsFolder, checkpoint.agentName, async (folder) => {
    const written = await write(join(folder, 'checkpoint.json'), checkpoint);
    return written.ok ? ok(checkpoint) : written;
  });
}

/** The checkpoint of an agent; null when it has none. A damaged file is an error, never "none". */
export function loadCheckpoint(agentsFolder: string, agentName: string): Promise<Result<Checkpoint | null>> {
  return locked(agentsFolder, agentName, (folder) => read(join(folder, 'checkpoint.json'), CheckpointText));
}

/** Removes a checkpoint; silent when there is none. */
export function clearCheckpoint(agentsFolder: string, agentName: string): Promise<Result<null>> {
  return locked(agentsFolder, agentName, async (folder) => {
    await rm(join(folder, 'checkpoint.json'), { force: true });
    return ok(null);
  });
}

/** Every handover of an agent, oldest first. */
export function listHandoffs(agentsFolder: string, agentName: string): Promise<Result<readonly Handoff[]>> {
  return locked(agentsFolder, agentName, readHandoffs);
}

/** Keeps a checkpoint and notes that its conversation is handed over. */
export function initiateHandoff(
  agentsFolder: string,
  checkpoint: Checkpoint,
  reason: HandoffReason,
  now: number,
): Promise<Result<Handoff>> {
  return locked(agentsFolder, checkpoint.agentName, async (folder) => {
    const earlier = await readHandoffs(folder);
    if (!earlier.ok) return earlier;
    const saved = await write(join(folder, 'checkpoint.json'), checkpoint);
    if (!saved.ok) return saved;
    const handoff: Handoff = {
      fromSessionId: checkpoint.sessionId,
      toSessionId: null,
      checkpoint,
      reason,
      handoffAt: timestamp(now),
    };
    const written = await write(join(folder, 'handoffs.json'), [...earlier.value, handoff]);
    return written.ok ? ok(handoff) : written;
  });
}

/** The newest handover nobody has gone on from, while its checkpoint is there; null otherwise. */
export function resumeHandoff(agentsFolder: string, agentName: string): Promise<Result<Handoff | null>> {
  return locked(agentsFolder, agentName, async (folder) => {
    const handoffs = await readHandoffs(folder);
    if (!handoffs.ok) return handoffs;
    const pending = handoffs.value.findLast((handoff) => handoff.toSessionId === null);
    if (pending === undefined) return ok(null);
    const checkpoint = await read(join(folder, 'checkpoint.json'), CheckpointText);
    return checkpoint.ok ? ok(checkpoint.value === null ? null : pending) : checkpoint;
  });
}

/** Notes who went on from the newest pending handover, and clears its checkpoint; a newer one stays. */
export function completeHandoff(
  agentsFolder: string,
  agentName: string,
  toSessionId: string,
): Promise<Result<Handoff>> {
  return locked(agentsFolder, agentName, async (folder) => {
    const handoffs = await readHandoffs(folder);
    if (!handoffs.ok) return handoffs;
    const at = handoffs.value.findLastIndex((handoff) => handoff.toSessionId === null);
    const pending = handoffs.value[at];
    if (pending === undefined)
      return fail('agent', `No pending handoff of ${agentName}: nobody waits to go on from it`, {
        data: { agentName },
      });
    const done: Handoff = { ...pending, toSessionId };
    const written = await write(join(folder, 'handoffs.json'), handoffs.value.with(at, done));
    if (!written.ok) return written;
    const current = await read(join(folder, 'checkpoint.json'), CheckpointText);
    // One that was saved since stands for work the next conversation has already done.
    if (current.ok && current.value?.timestamp === pending.checkpoint.timestamp)
      await rm(join(folder, 'checkpoint.json'), { force: true });
    return ok(done);
  });
}

/** One after the other for each agent, so that no note of two is lost. Calls must not nest. */
async function locked<Value>(
  agentsFolder: string,
  agentName: string,
  work: (folder: string) => Promise<Result<Value>>,
): Promise<Result<Value>> {
  if (!isAgentName(agentName)) return fail('validation', `"${agentName}" is no agent name`, { field: 'agentName' });
  const folder = join(agentsFolder, agentName);
  return writing.run(folder, () => work(folder));
}

async function readHandoffs(folder: string): Promise<Result<readonly Handoff[]>> {
  const found = await read(join(folder, 'handoffs.json'), z.array(HandoffText));
  return found.ok ? ok(found.value ?? []) : found;
}

async function read<Value>(path: string, schema: z.ZodType<Value>): Promise<Result<Value | null>> {
  try {
    const text = await readTextIfPresent(path);
    return text === null ? ok(null) : ok(schema.parse(JSON.parse(text)));
  } catch (error) {
    return fail('agent', `${path} cannot be read (${firstLine(error)}); repair it or remove it`);
  }
}

async function write(path: string, value: unknown): Promise<Result<null>> {
  try {
    await writeFileAtomic(path, `${JSON.stringify(value, null, '\t')}\n`);
    return ok(null);
  } catch (error) {
    return fail('agent', `${path} cannot be written (${errorLine(error)}); check space and permissions`);
  }
}

function firstLine(error: unknown): string {
  if (error instanceof z.ZodError) return error.issues[0]?.message ?? 'not a checkpoint';
  return errorLine(error);
}
