import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import { openRuns } from '../runs/runStore.ts';
import { openSessions } from './sessionStore.ts';
import { testSession } from './testSession.ts';

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
});
afterEach(() => folder.dispose());

const OLD_STATES = "CHECK(state IN ('booting','working','completed','stalled','zombie'))";
const COLUMNS = (task: string, state: string, rest: string): string => `CREATE TABLE sessions (
  id TEXT PRIMARY KEY, agent_name TEXT NOT NULL UNIQUE, capability TEXT NOT NULL, worktree_path TEXT NOT NULL,
  branch_name TEXT NOT NULL, ${task} TEXT NOT NULL, tmux_session TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'booting' ${state}, pid INTEGER, parent_agent TEXT, depth INTEGER NOT NULL DEFAULT 0,
  run_id TEXT, started_at TEXT NOT NULL, last_activity TEXT NOT NULL, escalation_level INTEGER NOT NULL DEFAULT 0,
  stalled_since TEXT ${rest})`;
const NEW_COLUMNS = ', transcript_path TEXT, prompt_version TEXT, claude_session_id TEXT';
const ROW = (task: string): string => `INSERT INTO sessions
  (id, agent_name, capability, worktree_path, branch_name, ${task}, tmux_session, state, started_at, last_activity)
  VALUES ('s1', 'old-builder', 'builder', '/w', 'b', 'task-9', 'pane', 'working', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')`;

/** Writes a file as an older version would have left it. */
function makeOldFile(...statements: string[]): string {
  const path = folder.file('sessions.db');
  const database = new Database(path);
  for (const statement of statements) database.exec(statement);
  database.close();
  return path;
}

function definitionOf(path: string): string {
  const database = new Database(path, { readonly: true });
  const sql = database.prepare("SELECT sql FROM sqlite_schema WHERE name = 'sessions'").pluck().get();
  database.close();
  return String(sql);
}

describe('older session files', () => {
  it('S20: the old CHECK on the state goes, the row and the unique name stay', () => {
    const path = makeOldFile(COLUMNS('task_id', OLD_STATES, NEW_COLUMNS), ROW('task_id'));
    const store = folder.keep(must(openSessions(path)));
    expect(store.getByName('old-builder')).toMatchObject({ id: 's1', state: 'working', tmuxSession: 'pane', depth: 0 });
    store.upsert(testSession('a', { state: 'in_turn' }));
    store.upsert(testSession('b', { state: 'between_turns' }));
    store.close();
    const migrated = definitionOf(path);
    expect(migrated).not.toContain('CHECK');

    const again = folder.keep(must(openSessions(path)));
    expect(again.count()).toBe(3);
    expect(definitionOf(path)).toBe(migrated);
    const raw = new Database(path);
    expect(() => raw.exec(ROW('task_id').replace("'s1'", "'s2'"))).toThrow(/UNIQUE.*agent_name/);
    raw.close();
  });

  it('S20: columns of another program survive with type, default and values', () => {
    const path = makeOldFile(
      COLUMNS('task_id', OLD_STATES, `${NEW_COLUMNS}, "odd name" INTEGER NOT NULL DEFAULT 7`),
      ROW('task_id'),
    );
    folder.keep(must(openSessions(path)));
    const raw = new Database(path);
    expect(raw.prepare('SELECT "odd name" FROM sessions').pluck().get()).toBe(7);
    expect(definitionOf(path)).toMatch(/"odd name" INTEGER NOT NULL DEFAULT 7/);
    raw.close();
  });

  it('S20: a CHECK in another spacing is left alone, as the reference leaves it', () => {
    const path = makeOldFile(COLUMNS('task_id', OLD_STATES.replace('CHECK(', 'CHECK ('), NEW_COLUMNS));
    const store = folder.keep(must(openSessions(path)));
    expect(() => store.upsert(testSession('a', { state: 'in_turn' }))).toThrow(/CHECK/);
  });

  it('S21: every migration happens in one open', () => {
    const path = makeOldFile(COLUMNS('bead_id', OLD_STATES, ''), ROW('bead_id'));
    const store = folder.keep(must(openSessions(path)));
    expect(store.getByName('old-builder')).toEqual({
      ...testSession('old-builder'),
      id: 's1',
      worktreePath: '/w',
      branchName: 'b',
      taskId: 'task-9',
      tmuxSession: 'pane',
      state: 'working',
      startedAt: '2026-01-01T00:00:00.000Z',
      lastActivity: '2026-01-01T00:00:00.000Z',
    });
    store.upsert(testSession('a', { state: 'in_turn', claudeSessionId: 'c' }));
    expect(store.getByName('a')?.claudeSessionId).toBe('c');
  });

  it('S22: runs without a coordinator name gain one that is null, whichever store opens the file', () => {
    const OLD_RUNS = `CREATE TABLE runs (id TEXT PRIMARY KEY, started_at TEXT NOT NULL, completed_at TEXT,
      agent_count INTEGER NOT NULL DEFAULT 0, coordinator_session_id TEXT,
      status TEXT NOT NULL DEFAULT 'active' CHECK(status IN ('active','completed','failed')))`;
    const RUN = "INSERT INTO runs (id, started_at) VALUES ('run-1', '2026-01-01T00:00:00.000Z')";
    for (const first of ['sessions', 'runs'] as const) {
      const path = folder.file(`${first}.db`);
      const database = new Database(path);
      database.exec(OLD_RUNS);
      database.exec(RUN);
      database.close();
      if (first === 'sessions') folder.keep(must(openSessions(path)));
      const runs = folder.keep(must(openRuns(path)));
      expect(runs.getRun('run-1')).toMatchObject({ coordinatorName: null, status: 'active' });
      folder.keep(must(openSessions(path)));
    }
  });

  it('a file written by us is left as it is by a second opener, without asking for the write lock', () => {
    const path = folder.file('sessions.db');
    folder.keep(must(openSessions(path)));
    const writer = new Database(path);
    writer.exec('BEGIN IMMEDIATE');
    // A second opener that wanted the lock would fail here: it is held until after it.
    folder.keep(must(openSessions(path)));
    writer.exec('ROLLBACK');
    writer.close();
  });
});
