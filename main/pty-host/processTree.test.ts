import { describe, expect, it } from 'vitest';
import { type ProcessRow, parsePsLine, parseStat } from './processTable.ts';
import { selectTree } from './processTree.ts';

function row(pid: number, parent: number, session: number): ProcessRow {
  return { pid, parent, session, startTime: String(pid) };
}

const seeds = { leader: 100, leaderRuns: true, marked: new Set<number>(), exclude: new Set([50]) };
const pids = (rows: readonly ProcessRow[]) => rows.map(({ pid }) => pid);

describe('selectTree', () => {
  it('takes descendants deepest first, whatever session they moved to', () => {
    const table = [
      row(1, 0, 1),
      row(50, 1, 50),
      row(100, 50, 100),
      row(101, 100, 100),
      row(102, 101, 102),
      row(200, 50, 200),
    ];
    expect(pids(selectTree(table, seeds))).toEqual([102, 101, 100]);
  });

  it('takes orphans of the session and of the environment after the leader has ended', () => {
    const table = [row(50, 1, 50), row(101, 1, 100), row(102, 1, 102), row(103, 102, 103), row(104, 1, 104)];
    const ended = { ...seeds, leaderRuns: false, marked: new Set([102]) };
    expect(pids(selectTree(table, ended))).toEqual([103, 101, 102]);
  });

  it('leaves a stranger alone that got the pid of the dead leader', () => {
    const table = [row(100, 1, 100), row(101, 100, 100)];
    expect(selectTree(table, { ...seeds, leaderRuns: false })).toEqual([]);
  });

  it('never contains the host, nor what hangs below it only', () => {
    const table = [row(100, 1, 100), row(50, 100, 50), row(60, 50, 60)];
    expect(pids(selectTree(table, { ...seeds, marked: new Set([50]) }))).toEqual([100]);
  });

  it('ends on a table that was caught in the middle of a change', () => {
    const table = [row(100, 101, 100), row(101, 100, 100)];
    expect(selectTree(table, seeds)).toHaveLength(2);
  });
});

describe('reading process tables', () => {
  it('reads a stat line whose command holds spaces and parentheses', () => {
    const tail = '1 7 7 0 -1 4194560 1 1 0 0 0 0 0 0 20 0 1 0 4242 1 1';
    expect(parseStat(9, `9 (a) b) (c) S ${tail}`)).toEqual({ pid: 9, parent: 1, session: 7, startTime: '4242' });
    expect(parseStat(9, `9 (z) Z ${tail}`)).toBeNull();
    expect(parseStat(9, '')).toBeNull();
  });

  it('reads a line of ps', () => {
    expect(parsePsLine('  12   1 Ss+  Mon Nov 23 08:00:00 2026 ')).toEqual({
      pid: 12,
      parent: 1,
      session: 0,
      startTime: 'Mon Nov 23 08:00:00 2026',
    });
    expect(parsePsLine('  12   1 Z    Mon Nov 23 08:00:00 2026')).toBeNull();
    expect(parsePsLine('')).toBeNull();
  });
});
