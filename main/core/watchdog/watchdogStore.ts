import { AgentEvidence, type RuleMode, type WatchdogAction, WatchdogRule } from '../../../contract/evidence.ts';
import { ok, type Result } from '../../../contract/result.ts';
import { timestamp } from '../../platform/clock.ts';
import { addColumn, ensureSchema, hasColumns, hasObjects } from '../db/migrations.ts';
import { type OpenOptions, openStore, type StoreContext, type StoreSource } from '../db/openDatabase.ts';

/** Something the watchdog found that a person has to know: an item of the attention queue. */
export interface Finding {
  /** `question:<turn id>` or `loop:<turn id>`. */
  readonly id: string;
  readonly kind: 'question' | 'loop';
  readonly agentName: string;
  /** It holds as long as this is the agent's newest turn. */
  readonly turnId: string;
  readonly title: string;
  readonly detail: string;
  readonly at: string;
}

export interface NewAction extends Omit<WatchdogAction, 'id' | 'at' | 'outcome'> {
  readonly outcome?: string | null;
}

/** What the watchdog did and found, in control-room.db: tables `watchdog_actions` and `watchdog_findings`. */
export interface WatchdogStore {
  /** @returns the row id. */
  addAction(action: NewAction): number;
  setOutcome(id: number, outcome: string): void;
  /** Newest first. */
  actionsOf(agentName: string, limit: number): readonly WatchdogAction[];
  newest(limit: number): readonly WatchdogAction[];
  /** Newest first, from that time on. */
  actionsSince(since: string, limit: number): readonly WatchdogAction[];
  /** How often each rule acted and would have acted since a time (ISO). */
  countsSince(since: string): readonly { readonly rule: string; readonly mode: RuleMode; readonly count: number }[];
  /** An id that exists already is left as it is. */
  addFinding(finding: Finding): void;
  closeFinding(id: string): void;
  openFindings(): readonly Finding[];
  /** The actions by a moment (ISO), each with its outcome if it was known then. */
  at(moment: string): PastActions;
  close(): void;
}

/** What is asked of the actions of a moment. */
export type PastActions = Pick<WatchdogStore, 'newest' | 'actionsSince' | 'countsSince'>;

/** Rows of actions that are kept; older ones go. */
const KEPT_ACTIONS = 5_000;
/** Column that tables of older versions lack: when the outcome was known, where that was later than the action. */
const OUTCOME_AT = 'outcome_at';

interface ActionRow {
  readonly id: number;
  readonly at: string;
  readonly agent_name: string;
  readonly run_id: string | null;
  readonly rule: string;
  readonly mode: string;
  readonly level: number | null;
  readonly action: string;
  readonly reason: string;
  readonly outcome: string | null;
  readonly undo: string | null;
  readonly evidence: string | null;
}

/** An action's columns, with the outcome as far as it was known at a moment. */
const PAST = `id, at, agent_name, run_id, rule, mode, level, action, reason, undo, evidence,
  CASE WHEN coalesce(outcome_at, at) <= ? THEN outcome END AS outcome`;

/** Opens the watchdog's tables. */
export function openWatchdog(source: StoreSource, options: OpenOptions = {}): Result<WatchdogStore> {
  return openStore(source, options, (context) => {
    ensureSchema(
      context.connection,
      () =>
        hasObjects(context.connection, ['watchdog_actions', 'watchdog_actions_agent', 'watchdog_findings']) &&
        hasColumns(context.connection, 'watchdog_actions', [OUTCOME_AT]),
      () => {
        context.connection.database.exec(`
          CREATE TABLE IF NOT EXISTS watchdog_actions (
            id INTEGER PRIMARY KEY,
            at TEXT NOT NULL,
            agent_name TEXT NOT NULL,
            run_id TEXT,
            rule TEXT NOT NULL,
            mode TEXT NOT NULL,
            level INTEGER,
            action TEXT NOT NULL,
            reason TEXT NOT NULL,
            outcome TEXT,
            undo TEXT,
            evidence TEXT
          );
          CREATE INDEX IF NOT EXISTS watchdog_actions_agent ON watchdog_actions(agent_name, id);
          CREATE TABLE IF NOT EXISTS watchdog_findings (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            agent_name TEXT NOT NULL,
            turn_id TEXT NOT NULL,
            title TEXT NOT NULL,
            detail TEXT NOT NULL,
            at TEXT NOT NULL,
            closed_at TEXT
          );`);
        addColumn(context.connection, 'watchdog_actions', OUTCOME_AT, 'TEXT');
      },
    );
    return ok(buildStore(context));
  });
}

function buildStore({ connection, clock, close }: StoreContext): WatchdogStore {
  const { database, write } = connection;
  const insert = database.prepare<[Omit<ActionRow, 'id'>]>(
    `INSERT INTO watchdog_actions (at, agent_name, run_id, rule, mode, level, action, reason, outcome, undo, evidence)
      VALUES (@at, @agent_name, @run_id, @rule, @mode, @level, @action, @reason, @outcome, @undo, @evidence)`,
  );
  const trim = database.prepare<[number]>('DELETE FROM watchdog_actions WHERE id <= ?');
  const outcome = database.prepare<[string, string, number]>(
    'UPDATE watchdog_actions SET outcome = ?, outcome_at = ? WHERE id = ?',
  );
  const ofAgent = database.prepare<[string, number], ActionRow>(
    'SELECT * FROM watchdog_actions WHERE agent_name = ? ORDER BY id DESC LIMIT ?',
  );
  const newest = database.prepare<[number], ActionRow>('SELECT * FROM watchdog_actions ORDER BY id DESC LIMIT ?');
  const lately = database.prepare<[string, number], ActionRow>(
    'SELECT * FROM watchdog_actions WHERE at >= ? ORDER BY id DESC LIMIT ?',
  );
  const counts = database.prepare<[string], { rule: string; mode: RuleMode; count: number }>(
    'SELECT rule, mode, count(*) AS count FROM watchdog_actions WHERE at >= ? GROUP BY rule, mode',
  );
  const pastNewest = database.prepare<[string, string, number], ActionRow>(
    `SELECT ${PAST} FROM watchdog_actions WHERE at <= ? ORDER BY id DESC LIMIT ?`,
  );
  const pastLately = database.prepare<[string, string, string, number], ActionRow>(
    `SELECT ${PAST} FROM watchdog_actions WHERE at >= ? AND at <= ? ORDER BY id DESC LIMIT ?`,
  );
  const pastCounts = database.prepare<[string, string], { rule: string; mode: RuleMode; count: number }>(
    'SELECT rule, mode, count(*) AS count FROM watchdog_actions WHERE at >= ? AND at <= ? GROUP BY rule, mode',
  );
  const addFinding = database.prepare<[Finding]>(
    `INSERT OR IGNORE INTO watchdog_findings (id, kind, agent_name, turn_id, title, detail, at)
      VALUES (@id, @kind, @agentName, @turnId, @title, @detail, @at)`,
  );
  const closeFinding = database.prepare<[string, string]>(
    'UPDATE watchdog_findings SET closed_at = ? WHERE id = ? AND closed_at IS NULL',
  );
  const open = database.prepare<[], Finding>(
    `SELECT id, kind, agent_name AS agentName, turn_id AS turnId, title, detail, at
      FROM watchdog_findings WHERE closed_at IS NULL ORDER BY at`,
  );
  const now = (): string => timestamp(clock.now());

  return {
    addAction: (action) =>
      write(() => {
        const { lastInsertRowid } = insert.run({
          at: now(),
          agent_name: action.agentName,
          run_id: action.runId,
          rule: action.rule,
          mode: action.mode,
          level: action.level,
          action: action.action,
          reason: action.reason,
          outcome: action.outcome ?? null,
          undo: action.undo,
          evidence: action.evidence === null ? null : JSON.stringify(action.evidence),
        });
        const id = Number(lastInsertRowid);
        trim.run(id - KEPT_ACTIONS);
        return id;
      }),
    setOutcome: (id, text) => void write(() => outcome.run(text, now(), id)),
    actionsOf: (agentName, limit) => ofAgent.all(agentName, limit).flatMap(fromRow),
    newest: (limit) => newest.all(limit).flatMap(fromRow),
    actionsSince: (since, limit) => lately.all(since, limit).flatMap(fromRow),
    countsSince: (since) => counts.all(since),
    at: (moment) => ({
      newest: (limit) => pastNewest.all(moment, moment, limit).flatMap(fromRow),
      actionsSince: (since, limit) => pastLately.all(moment, since, moment, limit).flatMap(fromRow),
      countsSince: (since) => pastCounts.all(since, moment),
    }),
    addFinding: (finding) => void write(() => addFinding.run(finding)),
    closeFinding: (id) => void write(() => closeFinding.run(now(), id)),
    openFindings: () => open.all(),
    close,
  };
}

/** Rows of a rule this version does not know are left out. */
function fromRow(row: ActionRow): readonly WatchdogAction[] {
  const rule = WatchdogRule.safeParse(row.rule);
  if (!rule.success) return [];
  const evidence = row.evidence === null ? null : AgentEvidence.safeParse(JSON.parse(row.evidence));
  return [
    {
      id: row.id,
      at: row.at,
      agentName: row.agent_name,
      runId: row.run_id,
      rule: rule.data,
      mode: row.mode === 'live' ? 'live' : 'shadow',
      level: row.level,
      action: row.action,
      reason: row.reason,
      outcome: row.outcome,
      undo: row.undo,
      evidence: evidence?.success === true ? evidence.data : null,
    },
  ];
}
