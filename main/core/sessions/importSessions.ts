import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AGENT_STATES } from '../../../contract/agents.ts';
import { ok, type Result } from '../../../contract/result.ts';
import { type OpenOptions, openDatabase } from '../db/openDatabase.ts';
import type { AgentSession } from './sessionRow.ts';
import { openSessions, type SessionStore } from './sessionStore.ts';

/** A session as the oldest versions kept it; `promptVersion` and `claudeSessionId` are never taken over (spec 01 §1.7). */
const LegacySession = z.object({
  id: z.string(),
  agentName: z.string(),
  capability: z.string(),
  worktreePath: z.string(),
  branchName: z.string(),
  taskId: z.string(),
  tmuxSession: z.string(),
  state: z.enum(AGENT_STATES),
  pid: z.number().int().nullable().default(null),
  parentAgent: z.string().nullable().default(null),
  depth: z.number().int().default(0),
  runId: z.string().nullable().default(null),
  startedAt: z.string(),
  lastActivity: z.string(),
  escalationLevel: z.number().int().default(0),
  stalledSince: z.string().nullable().default(null),
  transcriptPath: z.string().nullable().default(null),
});

/** Sessions of a legacy file's text; text that is not a JSON array holds none, entries of another shape are left out. */
export function parseLegacySessions(text: string): readonly AgentSession[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Half-written or edited by hand: there is nothing to take over, and the file stays for a person to look at.
    return [];
  }
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    const parsed = LegacySession.safeParse(entry);
    return parsed.success ? [parsed.data] : [];
  });
}

/**
 * Opens the session store of a `.overstory` folder and, when its table is empty, takes over `sessions.json` of the
 * oldest versions (spec 01 §1.7). The imported file is renamed to `sessions.json.imported`, so that emptying the table
 * later does not bring old agents back (D-14 fixed).
 */
export async function openSessionStore(
  directory: string,
  options: OpenOptions = {},
): Promise<Result<{ readonly store: SessionStore; readonly migrated: boolean }>> {
  const opened = openDatabase(join(directory, 'sessions.db'), options);
  if (!opened.ok) return opened;
  const connection = opened.value;
  const sessions = openSessions(connection, options);
  if (!sessions.ok) {
    connection.close();
    return sessions;
  }
  const store: SessionStore = { ...sessions.value, close: () => connection.close() };
  if (options.readOnly === true) connection.database.pragma('query_only = ON');
  const migrated = options.readOnly !== true && (await importLegacySessions(directory, store, connection.write));
  return ok({ store, migrated });
}

/** Imports `sessions.json` into an empty table; true when rows were taken over. */
export async function importLegacySessions(
  directory: string,
  store: SessionStore,
  write: (work: () => boolean) => boolean,
): Promise<boolean> {
  if (store.count() > 0) return false;
  const path = join(directory, 'sessions.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    // Missing, or not readable as a file: the reference treats both as an empty list.
    return false;
  }
  const sessions = parseLegacySessions(text);
  if (sessions.length === 0) return false;
  const imported = write(() => {
    if (store.count() > 0) return false;
    for (const session of sessions) store.upsert(session);
    return true;
  });
  if (imported) await rename(path, `${path}.imported`);
  return imported;
}
