import { join } from 'node:path';
import { Document, visit } from 'yaml';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { timestamp } from '../../platform/clock.ts';
import { isMapping, parseYaml } from '../config/yamlText.ts';
import { errorLine, readTextIfPresent } from '../util/files.ts';
import { SerialQueue } from '../util/serialQueue.ts';

/** A task an agent has finished. */
export interface FinishedTask {
  readonly taskId: string;
  readonly summary: string;
  /** ISO 8601. */
  readonly completedAt: string;
}

/** `agents/<name>/identity.yaml`: what an agent is over all its sessions (spec 02 §3.8). */
export interface AgentIdentity {
  readonly name: string;
  readonly capability: string;
  /** ISO 8601. */
  readonly created: string;
  readonly sessionsCompleted: number;
  readonly expertiseDomains: readonly string[];
  readonly recentTasks: readonly FinishedTask[];
}

export interface IdentityUpdate {
  readonly sessionsCompleted?: number;
  readonly expertiseDomains?: readonly string[];
  readonly finishedTask?: Omit<FinishedTask, 'completedAt'>;
}

/** Tasks kept; older ones are dropped (spec 02 §3.8). */
const RECENT_TASKS = 20;

const writing = new SerialQueue();

/** Reads an identity; null when the agent has none yet. A damaged file is an error, never a fresh start. */
export async function readIdentity(agentsFolder: string, name: string): Promise<Result<AgentIdentity | null>> {
  const path = identityPath(agentsFolder, name);
  try {
    const text = await readTextIfPresent(path);
    return text === null ? ok(null) : parseIdentity(text, path);
  } catch (error) {
    return fail('agent', `${path} cannot be read (${errorLine(error)}); check its permissions`);
  }
}

/** Makes the identity when there is none; an existing one is kept as it is (spec 02 §3.8, "never reset"). */
export async function ensureIdentity(
  agentsFolder: string,
  name: string,
  capability: string,
  now: number,
): Promise<Result<AgentIdentity>> {
  return writing.run(identityPath(agentsFolder, name), async () => {
    const existing = await readIdentity(agentsFolder, name);
    if (!existing.ok) return existing;
    if (existing.value !== null) return ok(existing.value);
    const created = {
      name,
      capability,
      created: timestamp(now),
      sessionsCompleted: 0,
      expertiseDomains: [],
      recentTasks: [],
    };
    return save(agentsFolder, created);
  });
}

/** Adds to an identity; a missing one is an error "not found". */
export async function updateIdentity(
  agentsFolder: string,
  name: string,
  update: IdentityUpdate,
  now: number,
): Promise<Result<AgentIdentity>> {
  return writing.run(identityPath(agentsFolder, name), async () => {
    const existing = await readIdentity(agentsFolder, name);
    if (!existing.ok) return existing;
    if (existing.value === null) return fail('agent', `identity of ${name} not found`, { data: { agentName: name } });
    return save(agentsFolder, applyUpdate(existing.value, update, now));
  });
}

/** The pure part of `updateIdentity`: sessions add up, domains are a union, the newest 20 tasks stay. */
export function applyUpdate(identity: AgentIdentity, update: IdentityUpdate, now: number): AgentIdentity {
  const finished = update.finishedTask;
  const tasks =
    finished === undefined
      ? identity.recentTasks
      : [...identity.recentTasks, { ...finished, completedAt: timestamp(now) }];
  return {
    ...identity,
    sessionsCompleted: identity.sessionsCompleted + (update.sessionsCompleted ?? 0),
    expertiseDomains: [...new Set([...identity.expertiseDomains, ...(update.expertiseDomains ?? [])])],
    recentTasks: tasks.slice(-RECENT_TASKS),
  };
}

/** Text of an identity file: YAML indented by tabs, as overstory writes and reads it. */
export function formatIdentity(identity: AgentIdentity): string {
  const document = new Document(identity);
  visit(document, {
    Scalar(_key, scalar) {
      // Escaped on one line: the reference's writer lets a line break through and damages the file.
      if (typeof scalar.value === 'string' && /[\r\n\t]/.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  const spaced = document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER });
  return spaced.replace(/^(?: {2})+/gm, (indent) => '\t'.repeat(indent.length / 2));
}

/** Reads the text of an identity file; a scalar whose closing quote is missing is taken as it stands (spec 02 §3.8). */
export function parseIdentity(text: string, label: string): Result<AgentIdentity> {
  const parsed = parseYaml(text, label);
  const value = parsed.ok ? parsed : parseYaml(quoteUnterminated(text), label);
  if (!value.ok) return fail('agent', value.error.message);
  const data = value.value;
  if (!isMapping(data) || typeof data.name !== 'string' || typeof data.capability !== 'string') {
    return fail('agent', `${label} must hold name and capability; remove the file to start afresh`);
  }
  const tasks = Array.isArray(data.recentTasks) ? data.recentTasks : [];
  const domains = Array.isArray(data.expertiseDomains) ? data.expertiseDomains : [];
  return ok({
    name: data.name,
    capability: data.capability,
    created: String(data.created ?? ''),
    sessionsCompleted: typeof data.sessionsCompleted === 'number' ? data.sessionsCompleted : 0,
    expertiseDomains: domains.map(String),
    recentTasks: tasks.filter(isMapping).map((task) => ({
      taskId: String(task.taskId ?? ''),
      summary: String(task.summary ?? ''),
      completedAt: String(task.completedAt ?? ''),
    })),
  });
}

async function save(agentsFolder: string, identity: AgentIdentity): Promise<Result<AgentIdentity>> {
  const path = identityPath(agentsFolder, identity.name);
  try {
    await writeFileAtomic(path, formatIdentity(identity));
    return ok(identity);
  } catch (error) {
    return fail('agent', `${path} cannot be written (${errorLine(error)}); check space and permissions`);
  }
}

function identityPath(agentsFolder: string, name: string): string {
  return join(agentsFolder, name, 'identity.yaml');
}

function quoteUnterminated(text: string): string {
  return text.replace(/^([\t ]*(?:- )?[A-Za-z]+: |[\t ]*- )(["'][^"'\n]*)$/gm, (_line, key: string, value: string) => {
    return key + JSON.stringify(value);
  });
}
