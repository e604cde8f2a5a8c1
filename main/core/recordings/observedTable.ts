import { type HistoryEvent, OBSERVED_KINDS, type ObservedKind } from '../../../contract/history.ts';
import { timestamp } from '../../platform/clock.ts';
import { hasObjects } from '../db/migrations.ts';
import type { Connection } from '../db/openDatabase.ts';

/** What something was seen to be from a moment on (milliseconds since the epoch); null: it was not there any more. */
export interface Observed {
  readonly at: number;
  readonly kind: ObservedKind;
  readonly key: string;
  readonly value: object | null;
}

/**
 * Table `ocr_observed` of control-room.db: what no table of a store holds. One row a thing and moment, of two in one
 * millisecond the later one; found by thing and moment, so that the state at a moment costs the same however much is kept.
 */
export interface ObservedTable {
  put(rows: readonly Observed[]): void;
  before(at: number): readonly HistoryEvent[];
  between(from: number, to: number, limit: number, kinds: readonly ObservedKind[]): readonly HistoryEvent[];
  /** Things that were there when something was last seen of them. */
  present(): readonly Pick<Observed, 'kind' | 'key'>[];
  /** Forgets what is older, and the oldest of what is too much; what still holds of a thing stays. @returns rows removed. */
  forgetBefore(at: number): number;
}

interface Row {
  readonly kind: string;
  readonly key: string;
  readonly at: number;
  readonly value: string | null;
}

/** Rows kept at most, whatever their age: about 250 MB, or two days and nights of fifty busy agents (docs/recordings.md). */
const MOST_ROWS = 400_000;

const NAMES = ['ocr_observed', 'ocr_idx_observed_time'];

export function isObservedCurrent(connection: Connection): boolean {
  return hasObjects(connection, NAMES);
}

export function createObserved({ database }: Connection): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS ocr_observed (
      kind TEXT NOT NULL,
      key TEXT NOT NULL,
      at INTEGER NOT NULL,
      value TEXT,
      PRIMARY KEY (kind, key, at)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS ocr_idx_observed_time ON ocr_observed(at);`);
}

function fromRow({ kind, key, at, value }: Row): HistoryEvent {
  return {
    // Of one thing the later one is the newer one.
    id: at,
    at: timestamp(at),
    // Only ever written from the contract's words.
    kind: kind as ObservedKind,
    key,
    value: value === null ? null : (JSON.parse(value) as Record<string, unknown>),
  };
}

/** @param mostRows rows kept at most. */
export function buildObserved({ database, write }: Connection, mostRows = MOST_ROWS): ObservedTable {
  const insert = database.prepare<[string, string, number, string | null]>(
    'INSERT OR REPLACE INTO ocr_observed (kind, key, at, value) VALUES (?, ?, ?, ?)',
  );
  const nextThing = database.prepare<[string, string], Pick<Row, 'kind' | 'key'>>(
    'SELECT kind, key FROM ocr_observed WHERE (kind, key) > (?, ?) ORDER BY kind, key LIMIT 1',
  );
  const newest = database.prepare<[string, string, number], Row>(
    'SELECT kind, key, at, value FROM ocr_observed WHERE kind = ? AND key = ? AND at <= ? ORDER BY at DESC LIMIT 1',
  );
  const within = database.prepare<[number, number, string, number], Row>(
    `SELECT kind, key, at, value FROM ocr_observed INDEXED BY ocr_idx_observed_time
      WHERE at > ? AND at <= ? AND kind IN (SELECT value FROM json_each(?)) ORDER BY at, kind, key LIMIT ?`,
  );
  const newestTooOld = database.prepare<[number], { readonly at: number }>(
    'SELECT at FROM ocr_observed INDEXED BY ocr_idx_observed_time ORDER BY at DESC LIMIT 1 OFFSET ?',
  );
  const forget = database.prepare<[{ at: number }]>(
    `DELETE FROM ocr_observed AS old WHERE at < @at AND (value IS NULL OR EXISTS
      (SELECT 1 FROM ocr_observed AS later
        WHERE later.kind = old.kind AND later.key = old.key AND later.at > old.at AND later.at < @at))`,
  );

  function newestOfEach(at: number): readonly Row[] {
    const rows: Row[] = [];
    for (let thing = nextThing.get('', ''); thing !== undefined; thing = nextThing.get(thing.kind, thing.key)) {
      const row = newest.get(thing.kind, thing.key, at);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  return {
    put: (rows) =>
      write(() => {
        for (const { kind, key, at, value } of rows)
          insert.run(kind, key, at, value === null ? null : JSON.stringify(value));
      }),
    before: (at) => newestOfEach(at).map(fromRow),
    between: (from, to, limit, kinds) =>
      kinds.length === 0
        ? []
        : within.all(from, to, JSON.stringify(kinds), Math.min(limit, Number.MAX_SAFE_INTEGER)).map(fromRow),
    present: () =>
      newestOfEach(Number.MAX_SAFE_INTEGER).flatMap(({ kind, key, value }) => {
        const known = OBSERVED_KINDS.find((one) => one === kind);
        // What another version observed is its own to end.
        return known === undefined || value === null ? [] : [{ kind: known, key }];
      }),
    forgetBefore: (at) =>
      write(() => {
        const tooOld = newestTooOld.get(mostRows)?.at ?? Number.NEGATIVE_INFINITY;
        return forget.run({ at: Math.max(at, tooOld + 1) }).changes;
      }),
  };
}
