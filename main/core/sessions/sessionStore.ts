import { AGENT_STATES, type AgentState } from '../../../contract/agents.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { timestamp } from '../../platform/clock.ts';
import { type OpenOptions, openStore, type StoreContext, type StoreSource } from '../db/openDatabase.ts';
import { isConstraintViolation } from '../db/storeError.ts';
import { type AgentSession, fromSessionRow, SESSION_COLUMNS, type SessionRow, toSessionRow } from './sessionRow.ts';
import { ensureSessionSchema } from './sessionSchema.ts';
import { ACTIVE_STATES, predecessorsOf, TERMINAL_STATES } from './transitions.ts';

/** Verdict of a guarded state write (spec 01 §1.5). `prev` of a success is what was read before the write. */
export type Transition =
  | { readonly ok: true; readonly prev: AgentState; readonly next: AgentState }
  | { readonly ok: false; readonly reason: 'not_found'; readonly attempted: AgentState }
  | {
      readonly ok: false;
      readonly reason: 'illegal_transition';
      readonly prev: AgentState;
      readonly attempted: AgentState;
    };

/** Which rows `purge` removes: `all` wins, else every given filter must match. */
export interface SessionPurge {
  readonly all?: boolean;
  readonly state?: AgentState;
  readonly agent?: string;
}

/** Table `sessions` of sessions.db (spec 01 §1.6). Lists are ordered by `startedAt`, oldest first. */
export interface SessionStore {
  /** Inserts, or overwrites every column of the agent's row. Throws when another agent has the same session id. */
  upsert(session: AgentSession): void;
  /**
   * Stores `session` as `booting` unless `check`, a synchronous rule over all rows as they are at that very moment,
   * objects. Rows, rule and insert are one transaction: of two processes that reserve one name, one is refused.
   */
  reserve(
    session: AgentSession,
    check: (current: readonly AgentSession[]) => CallError | null,
  ): Result<AgentSession, CallError>;
  getByName(agentName: string): AgentSession | null;
  /** The five states that are not terminal. */
  getActive(): readonly AgentSession[];
  getAll(): readonly AgentSession[];
  getByRun(runId: string): readonly AgentSession[];
  count(): number;
  /** Unguarded override: no rule is asked, an unknown agent is ignored (spec 01 §1.5). */
  updateState(agentName: string, state: string): void;
  /** Compare-and-swap along the transition matrix; a refused write changes nothing. */
  tryTransitionState(agentName: string, target: AgentState): Transition;
  /** Sets the time of the newest sign of life, by default now (milliseconds since the epoch). */
  updateLastActivity(agentName: string, at?: number): void;
  updateEscalation(agentName: string, level: number, stalledSince: string | null): void;
  updateTranscriptPath(agentName: string, path: string | null): void;
  /** Null forgets the conversation: the next turn starts a fresh one (D-20). */
  updateClaudeSessionId(agentName: string, conversationId: string | null): void;
  remove(agentName: string): void;
  /** Number of rows removed; without any filter nothing is. */
  purge(filter: SessionPurge): number;
  close(): void;
}

const LIST_OF = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ');

/** Opens `sessions.db` at a path or on a shared connection, migrating older files (spec 01 §1.3). */
export function openSessions(source: StoreSource, options: OpenOptions = {}): Result<SessionStore> {
  return openStore(source, options, (context) => {
    ensureSessionSchema(context.connection);
    return ok(buildStore(context));
  });
}

function buildStore({ connection, clock, close }: StoreContext): SessionStore {
  const { database } = connection;
  const names = SESSION_COLUMNS.join(', ');
  const values = SESSION_COLUMNS.map((column) => `@${column}`).join(', ');
  const overwrite = SESSION_COLUMNS.filter((column) => column !== 'agent_name')
    .map((column) => `${column} = excluded.${column}`)
    .join(', ');
  const read = <Parameters extends unknown[]>(rest: string) =>
    database.prepare<Parameters, SessionRow>(`SELECT ${names} FROM sessions ${rest}`);

  const upsertRow = database.prepare<[SessionRow]>(
    `INSERT INTO sessions (${names}) VALUES (${values}) ON CONFLICT(agent_name) DO UPDATE SET ${overwrite}`,
  );
  const byName = read<[string]>('WHERE agent_name = ?');
  const active = read<[]>(`WHERE state IN (${LIST_OF(ACTIVE_STATES)}) ORDER BY started_at, rowid`);
  const all = read<[]>('ORDER BY started_at, rowid');
  const byRun = read<[string]>('WHERE run_id = ? ORDER BY started_at, rowid');
  const countRows = database.prepare<[], number>('SELECT count(*) FROM sessions').pluck();
  const stateOf = database.prepare<[string], string>('SELECT state FROM sessions WHERE agent_name = ?').pluck();
  const SET_STATE = `UPDATE sessions SET state = @state,
    tmux_session = CASE WHEN @state IN (${LIST_OF(TERMINAL_STATES)}) THEN '' ELSE tmux_session END
    WHERE agent_name = @agent`;
  const setState = database.prepare<[{ state: string; agent: string }]>(SET_STATE);
  const swaps = new Map(
    AGENT_STATES.filter((target) => predecessorsOf(target).length > 0).map((target) => [
      target,
      database.prepare<[{ state: string; agent: string }]>(
        `${SET_STATE} AND state IN (${LIST_OF(predecessorsOf(target))})`,
      ),
    ]),
  );
  const setActivity = database.prepare<[string, string]>('UPDATE sessions SET last_activity = ? WHERE agent_name = ?');
  const setEscalation = database.prepare<[number, string | null, string]>(
    'UPDATE sessions SET escalation_level = ?, stalled_since = ? WHERE agent_name = ?',
  );
  const setTranscript = database.prepare<[string | null, string]>(
    'UPDATE sessions SET transcript_path = ? WHERE agent_name = ?',
  );
  const setConversation = database.prepare<[string | null, string]>(
    'UPDATE sessions SET claude_session_id = ? WHERE agent_name = ?',
  );
  const removeRow = database.prepare<[string]>('DELETE FROM sessions WHERE agent_name = ?');
  const removeAll = database.prepare('DELETE FROM sessions');
  const removeMatching = database.prepare<[{ state: string | null; agent: string | null }]>(
    'DELETE FROM sessions WHERE (@state IS NULL OR state = @state) AND (@agent IS NULL OR agent_name = @agent)',
  );
  const { write } = connection;

  return {
    upsert: (session) => void write(() => upsertRow.run(toSessionRow(session))),
    reserve(session, check) {
      try {
        return write(() => {
          const refusal = check(all.all().map(fromSessionRow));
          if (refusal !== null) return { ok: false, error: refusal };
          const reserved: AgentSession = { ...session, state: 'booting' };
          upsertRow.run(toSessionRow(reserved));
          return ok(reserved);
        });
      } catch (error) {
        if (!isConstraintViolation(error)) throw error;
        return fail('conflict', `session id ${session.id} belongs to another agent already: try again`);
      }
    },
    getByName(agentName) {
      const row = byName.get(agentName);
      return row === undefined ? null : fromSessionRow(row);
    },
    getActive: () => active.all().map(fromSessionRow),
    getAll: () => all.all().map(fromSessionRow),
    getByRun: (runId) => byRun.all(runId).map(fromSessionRow),
    count: () => countRows.get() ?? 0,
    updateState: (agentName, state) => void write(() => setState.run({ state, agent: agentName })),
    tryTransitionState(agentName, target) {
      const before = stateOf.get(agentName);
      if (before === undefined) return { ok: false, reason: 'not_found', attempted: target };
      // Only the UPDATE holds the write lock: its WHERE clause is the comparison (spec 01 §1.11).
      const swap = swaps.get(target);
      const changed = swap !== undefined && write(() => swap.run({ state: target, agent: agentName }).changes) > 0;
      if (changed) return { ok: true, prev: before as AgentState, next: target };
      const now = stateOf.get(agentName);
      if (now === undefined) return { ok: false, reason: 'not_found', attempted: target };
      return { ok: false, reason: 'illegal_transition', prev: now as AgentState, attempted: target };
    },
    updateLastActivity: (agentName, at) => void write(() => setActivity.run(timestamp(at ?? clock.now()), agentName)),
    updateEscalation: (agentName, level, stalledSince) =>
      void write(() => setEscalation.run(level, stalledSince, agentName)),
    updateTranscriptPath: (agentName, path) => void write(() => setTranscript.run(path, agentName)),
    updateClaudeSessionId: (agentName, conversationId) =>
      void write(() => setConversation.run(conversationId, agentName)),
    remove: (agentName) => void write(() => removeRow.run(agentName)),
    purge({ all: everything, state, agent }) {
      if (everything === true) return write(() => removeAll.run().changes);
      if (state === undefined && agent === undefined) return 0;
      return write(() => removeMatching.run({ state: state ?? null, agent: agent ?? null }).changes);
    },
    close,
  };
}
