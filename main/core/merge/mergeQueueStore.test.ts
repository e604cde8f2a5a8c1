import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MergeHold } from '../../../contract/merges.ts';
import { createTestClock, createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import { type MergeQueueStore, openMergeQueue } from './mergeQueueStore.ts';

let folder: TestFolder;
let queue: MergeQueueStore;
const clock = createTestClock(Date.parse('2026-04-01T10:00:00.000Z'));

beforeEach(async () => {
  folder = await createTestFolder();
  queue = folder.keep(must(openMergeQueue(folder.file('merge-queue.db'), { clock })));
});
afterEach(() => folder.dispose());

const add = (branchName: string, filesModified: readonly string[] = []) =>
  queue.enqueue({ branchName, taskId: 't', agentName: 'builder-1', filesModified });
const branches = (): string[] => queue.list().map((entry) => entry.branchName);

describe('merge queue', () => {
  it('an entry is pending, without a tier, at the time it came', () => {
    expect(add('b1', ['a b.ts', 'c.ts'])).toEqual({
      id: 1,
      branchName: 'b1',
      taskId: 't',
      agentName: 'builder-1',
      filesModified: ['a b.ts', 'c.ts'],
      enqueuedAt: '2026-04-01T10:00:00.000Z',
      status: 'pending',
      resolvedTier: null,
    });
  });

  it('entries leave in the order they came, and are gone', () => {
    expect(queue.dequeue()).toBeNull();
    add('first');
    add('second');
    expect(queue.dequeue()?.branchName).toBe('first');
    add('third');
    expect(branches()).toEqual(['second', 'third']);
    expect(queue.dequeue()?.branchName).toBe('second');
    expect(queue.dequeue()?.branchName).toBe('third');
    expect(queue.dequeue()).toBeNull();
  });

  it('only pending entries are taken', () => {
    add('b1');
    add('b2');
    must(queue.updateStatus('b1', 'merging'));
    expect(queue.peek()?.branchName).toBe('b2');
    expect(queue.dequeue()?.branchName).toBe('b2');
    must(queue.updateStatus('b1', 'merged'));
    expect(queue.dequeue()).toBeNull();
    expect(queue.peek()).toBeNull();
  });

  it('peeking leaves the entry', () => {
    add('b1');
    expect(queue.peek()?.branchName).toBe('b1');
    expect(branches()).toEqual(['b1']);
  });

  it('lists all or by status', () => {
    add('b1');
    add('b2');
    must(queue.updateStatus('b2', 'conflict', 'auto-resolve'));
    expect(branches()).toEqual(['b1', 'b2']);
    expect(queue.list('conflict').map((entry) => entry.branchName)).toEqual(['b2']);
    expect(queue.list('failed')).toEqual([]);
  });

  it('a status goes to every row of the branch and clears the tier unless one is given', () => {
    add('b1');
    add('b1');
    must(queue.updateStatus('b1', 'merged', 'clean-merge'));
    expect(queue.list().map((entry) => [entry.status, entry.resolvedTier])).toEqual([
      ['merged', 'clean-merge'],
      ['merged', 'clean-merge'],
    ]);
    must(queue.updateStatus('b1', 'pending'));
    expect(queue.list().every((entry) => entry.resolvedTier === null)).toBe(true);
    expect(queue.updateStatus('nope', 'merged')).toMatchObject({
      ok: false,
      error: { tag: 'merge', message: expect.stringContaining('nope') },
    });
  });

  it('a single row can be set and removed', () => {
    add('b1');
    add('b1');
    expect(must(queue.updateEntry(2, 'failed'))).toMatchObject({ id: 2, status: 'failed' });
    expect(queue.get(1)?.status).toBe('pending');
    expect(queue.updateEntry(9, 'failed').ok).toBe(false);
    expect(queue.remove(2)).toBe(true);
    expect(queue.remove(2)).toBe(false);
    expect(queue.get(2)).toBeNull();
  });

  it('a second handle sees changes, and rows outlive both', () => {
    add('b1');
    const other = folder.keep(must(openMergeQueue(folder.file('merge-queue.db'))));
    expect(other.dequeue()?.branchName).toBe('b1');
    expect(queue.list()).toEqual([]);
    add('b2');
    queue.close();
    other.close();
    const again = folder.keep(must(openMergeQueue(folder.file('merge-queue.db'))));
    expect(again.list().map((entry) => entry.branchName)).toEqual(['b2']);
  });

  it('an older file is migrated, once, and its odd file lists read as empty', () => {
    const path = folder.file('old.db');
    const raw = new Database(path);
    raw.exec(`CREATE TABLE merge_queue (id INTEGER PRIMARY KEY AUTOINCREMENT, branch_name TEXT NOT NULL,
      bead_id TEXT NOT NULL, agent_name TEXT NOT NULL, files_modified TEXT NOT NULL DEFAULT '[]',
      enqueued_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f','now')),
      status TEXT NOT NULL DEFAULT 'pending' CHECK(status IN ('pending','merging','merged','conflict','failed')),
      resolved_tier TEXT CHECK(resolved_tier IS NULL OR resolved_tier IN ('clean-merge','auto-resolve','ai-resolve','reimagine')))`);
    for (const files of ['not json', '{"a":1}', '["x",7]']) {
      raw
        .prepare(
          "INSERT INTO merge_queue (branch_name, bead_id, agent_name, files_modified) VALUES ('b', 'task-1', 'a', ?)",
        )
        .run(files);
    }
    raw.close();
    must(openMergeQueue(path)).close();
    const migrated = folder.keep(must(openMergeQueue(path)));
    expect(migrated.list().map((entry) => [entry.taskId, entry.filesModified])).toEqual([
      ['task-1', []],
      ['task-1', []],
      ['task-1', ['x']],
    ]);
    expect(migrated.enqueue({ branchName: 'n', taskId: 't2', agentName: 'a', filesModified: [] }).id).toBe(4);
  });
});

describe('what is kept beside the queue', () => {
  const entry = { branchName: 'overstory/a/t', taskId: 't', agentName: 'a', filesModified: [] };
  const lease = (entryId: number, token: string) => ({ entryId, pid: 1, startTime: '7', token });

  it('of two that claim an entry one gets it, and only the holder gives it up', () => {
    const one = queue;
    const other = folder.keep(must(openMergeQueue(folder.file('merge-queue.db'), { clock })));
    const { id } = one.enqueue(entry);
    expect(one.claim(lease(id, 'one'))).toBeNull();
    expect(other.claim(lease(id, 'other'))).toEqual(lease(id, 'one'));
    other.releaseLease(id, 'other');
    expect(other.leases()).toEqual([lease(id, 'one')]);
    one.releaseLease(id, 'one');
    expect(other.claim(lease(id, 'other'))).toBeNull();
  });

  it('a hold comes back as it was, and one of another version counts as none', () => {
    const { id } = queue.enqueue(entry);
    const hold: MergeHold = {
      kind: 'gates',
      reason: 'a gate fails',
      at: '2026-01-01T00:00:00.000Z',
      target: 'main',
      targetCommit: 'a'.repeat(40),
      branchCommit: 'b'.repeat(40),
      commit: 'c'.repeat(40),
      tier: 'clean-merge',
      conflictFiles: [],
      audit: null,
      gate: { name: 'Tests', command: 'npm test', exitCode: 1, timedOut: false, log: 'l', tail: 't' },
    };
    expect(queue.getHold(id)).toBeNull();
    queue.putHold(id, hold);
    expect(queue.getHold(id)).toEqual(hold);
    queue.putHold(id, { ...hold, kind: 'of the future' } as unknown as MergeHold);
    expect(queue.getHold(id)).toBeNull();
    expect(queue.removeHold(id)).toBe(true);
    expect(queue.removeHold(id)).toBe(false);
  });

  it('conflicts are remembered newest first', () => {
    const record = { ...entry, outcome: 'failed', tier: 'ai-resolve', files: ['a.ts'] } as const;
    const { filesModified: _files, ...first } = record;
    queue.recordConflict(first);
    queue.recordConflict({ ...first, outcome: 'resolved', files: ['b.ts', 'c.ts'] });
    expect(queue.conflictRecords().map(({ outcome, files }) => [outcome, ...files])).toEqual([
      ['resolved', 'b.ts', 'c.ts'],
      ['failed', 'a.ts'],
    ]);
  });
});
