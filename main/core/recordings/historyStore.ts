import { type HistoryEvent, type HistoryKind, OBSERVED_KINDS, type ObservedKind } from '../../../contract/history.ts';
import { ok, type Result } from '../../../contract/result.ts';
import { timestamp } from '../../platform/clock.ts';
import { ensureSchema } from '../db/migrations.ts';
import { type Connection, openStore } from '../db/openDatabase.ts';
import {
  counts,
  createHistory,
  HISTORY_TABLES,
  type HistoryFile,
  type HistoryTable,
  isHistoryCurrent,
  rowJson,
  SQL_NOW,
} from './historyTables.ts';
import {
  buildObserved,
  createObserved,
  isObservedCurrent,
  type Observed,
  type ObservedTable,
} from './observedTable.ts';

/** A branch, or `HEAD`, and where it is. */
export interface Head {
  readonly commit: string | null;
  readonly branch: string | null;
}

/**
 * What happened to agents, mail, tasks, merges, turns and branches, as events (contract/history.ts). Table `ocr_history` of
 * each file, written by triggers with the change itself; heads are told by whoever watches the repository.
 */
export interface HistoryStore {
  /** Of each row the newest event not after a moment (milliseconds since the epoch): all that `stateAt` needs for it. */
  before(at: number): readonly HistoryEvent[];
  /** Events after `from` up to `to` (milliseconds), oldest first, at most `limit`; of what was observed only these kinds. */
  between(from: number, to: number, limit: number, observed?: readonly ObservedKind[]): readonly HistoryEvent[];
  /** What a stored row was at a moment (milliseconds): its newest event by then; null when there is none. */
  rowAt(kind: Exclude<HistoryKind, ObservedKind>, key: string, at: number): HistoryEvent | null;
  /** Milliseconds of the newest event not after a moment, what was observed aside; null when there is none. */
  newestAt(at: number): number | null;
  /** Milliseconds of the oldest event; null when there is none. */
  oldestAt(): number | null;
  /** Stores what differs between the last known heads and these. Gives true when something did. */
  putHeads(heads: ReadonlyMap<string, Head>): boolean;
  /** Stores what was seen (`OBSERVED_KINDS`), in one transaction. */
  observe(rows: readonly Observed[]): void;
  /** What was there when it was last seen. */
  present: ObservedTable['present'];
  /** Catches up with changes made while nothing was recorded: rows from before the history, tables another program made anew. */
  catchUp(): void;
  /** Forgets what was before a moment (milliseconds), except what was still true then. @returns events removed. */
  forgetBefore(at: number): number;
}

interface EventRow {
  readonly id: number;
  readonly at: string;
  readonly kind: string;
  readonly key: string;
  readonly value: string | null;
}

const SELECT = 'SELECT id, at, kind, key, value FROM ocr_history';
const FILES = Object.keys(HISTORY_TABLES) as readonly HistoryFile[];

function fromRow(row: EventRow): HistoryEvent {
  return {
    id: row.id,
    at: row.at,
    // Only ever written from the contract's words, and values by SQLite's own JSON.
    kind: row.kind as HistoryKind,
    key: row.key,
    value: row.value === null ? null : (JSON.parse(row.value) as Record<string, unknown>),
  };
}

/** Statements that bring the history of one table up to what it holds now. */
function catchUpSql(source: HistoryTable): readonly string[] {
  const { kind, table, key } = source;
  const newest = `SELECT key, value FROM ocr_history WHERE id IN (SELECT max(id) FROM ocr_history WHERE kind = '${kind}' GROUP BY key)`;
  const name = `CAST(t."${key}" AS TEXT)`;
  return [
    `INSERT INTO ocr_history (at, kind, key, value)
      SELECT ${SQL_NOW}, '${kind}', ${name}, ${rowJson(source, 't')} FROM "${table}" t
      LEFT JOIN (${newest}) h ON h.key = ${name} WHERE ${counts(source, 't')} AND h.value IS NOT ${rowJson(source, 't')}`,
    `INSERT INTO ocr_history (at, kind, key, value)
      SELECT ${SQL_NOW}, '${kind}', h.key, NULL FROM (${newest}) h
      WHERE h.value IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "${table}" t WHERE ${name} = h.key AND ${counts(source, 't')})`,
  ];
}

/** Puts the history into the opened files of a project. */
export function openHistory(connections: Readonly<Record<HistoryFile, Connection>>): Result<HistoryStore> {
  for (const file of FILES) {
    const opened = openStore(connections[file], {}, ({ connection }) => {
      const tables = HISTORY_TABLES[file];
      ensureSchema(
        connection,
        () => isHistoryCurrent(connection, tables) && (file !== 'control' || isObservedCurrent(connection)),
        () => {
          createHistory(connection, tables);
          if (file === 'control') createObserved(connection);
        },
      );
      return ok(undefined);
    });
    if (!opened.ok) return opened;
  }
  return ok(buildHistory(connections));
}

function buildHistory(connections: Readonly<Record<HistoryFile, Connection>>): HistoryStore {
  const files = FILES.map((file) => {
    const { database, write } = connections[file];
    return {
      write,
      before: database.prepare<[string], EventRow>(
        `${SELECT} WHERE id IN (SELECT max(id) FROM ocr_history WHERE at <= ? GROUP BY kind, key)`,
      ),
      between: database.prepare<[string, string, number], EventRow>(
        `${SELECT} WHERE at > ? AND at <= ? ORDER BY at, id LIMIT ?`,
      ),
      rowAt: database.prepare<[string, string, string], EventRow>(
        `${SELECT} WHERE kind = ? AND key = ? AND at <= ? ORDER BY id DESC LIMIT 1`,
      ),
      newest: database.prepare<[string], string | null>('SELECT max(at) FROM ocr_history WHERE at <= ?').pluck(),
      oldest: database.prepare<[], string | null>('SELECT min(at) FROM ocr_history').pluck(),
      catchUp: HISTORY_TABLES[file].flatMap(catchUpSql).map((sql) => database.prepare(sql)),
      forget: database.prepare<[{ at: string }]>(
        `DELETE FROM ocr_history WHERE at < @at AND (value IS NULL OR id NOT IN
          (SELECT max(id) FROM ocr_history WHERE at < @at GROUP BY kind, key))`,
      ),
    };
  });
  const observed = buildObserved(connections.control);
  const { database, write } = connections.events;
  const heads = database.prepare<[], { readonly key: string; readonly value: string }>(
    `SELECT key, value FROM ocr_history
      WHERE id IN (SELECT max(id) FROM ocr_history WHERE kind = 'head' GROUP BY key) AND value IS NOT NULL`,
  );
  const putHead = database.prepare<[string, string | null]>(
    `INSERT INTO ocr_history (at, kind, key, value) VALUES (${SQL_NOW}, 'head', ?, ?)`,
  );

  return {
    before: (at) => [...files.flatMap((file) => file.before.all(timestamp(at)).map(fromRow)), ...observed.before(at)],
    between(from, to, limit, kinds = OBSERVED_KINDS) {
      return [
        ...files.flatMap((file) => file.between.all(timestamp(from), timestamp(to), limit).map(fromRow)),
        ...observed.between(from, to, limit, kinds),
      ]
        .sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : one.id - other.id))
        .slice(0, limit);
    },
    rowAt(kind, key, at) {
      for (const { rowAt } of files) {
        const row = rowAt.get(kind, key, timestamp(at));
        if (row !== undefined) return fromRow(row);
      }
      return null;
    },
    newestAt(at) {
      const times = files.flatMap((file) => file.newest.get(timestamp(at)) ?? []).map((time) => Date.parse(time));
      return times.length === 0 ? null : Math.max(...times);
    },
    oldestAt() {
      const times = files.flatMap((file) => file.oldest.get() ?? []).map((at) => Date.parse(at));
      return times.length === 0 ? null : Math.min(...times);
    },
    putHeads(now) {
      const known = new Map(heads.all().map(({ key, value }) => [key, value]));
      const wanted = new Map([...now].map(([name, { commit, branch }]) => [name, JSON.stringify({ commit, branch })]));
      const changed = [...wanted].filter(([name, value]) => known.get(name) !== value);
      const gone = [...known.keys()].filter((name) => !wanted.has(name));
      if (changed.length === 0 && gone.length === 0) return false;
      write(() => {
        for (const [name, value] of changed) putHead.run(name, value);
        for (const name of gone) putHead.run(name, null);
      });
      return true;
    },
    observe: (rows) => observed.put(rows),
    present: () => observed.present(),
    catchUp() {
      for (const file of files) file.write(() => file.catchUp.forEach((statement) => void statement.run()));
    },
    forgetBefore(at) {
      let removed = 0;
      // An event that says that a row is gone may go too: then nothing says that it was ever there.
      for (const file of files) removed += file.write(() => file.forget.run({ at: timestamp(at) }).changes);
      return removed + observed.forgetBefore(at);
    },
  };
}
