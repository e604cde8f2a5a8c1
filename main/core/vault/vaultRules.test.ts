import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SnapshotView } from '../../../contract/vault.ts';
import { timestamp } from '../../platform/clock.ts';
import { decodeExtras, encodeExtras } from './indexExtras.ts';
import { parseListedFlags, readIndexFlags } from './indexFlags.ts';
import { quotePath, showPath } from './pathBytes.ts';
import { planRestore } from './restorePlan.ts';
import { chooseDropped } from './ringRules.ts';
import { decodeSnapshot, encodeRecord, snapshotId, snapshotRef } from './snapshotRecord.ts';
import { chooseUntracked, describeLeftOut } from './untrackedRules.ts';
import { chooseSnapshot } from './vaultRules.ts';
import { parseWorktreeStatus } from './worktreeStatus.ts';

const run = promisify(execFile);
const MINUTE = 60_000;

/** Any path git can hold, as latin1 bytes. */
const anyPath = fc
  .array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));

interface Kept {
  readonly id: string;
  readonly agentName: string | null;
  readonly reason: SnapshotView['reason'];
  readonly takenAt: string;
  readonly bytes: number;
}

const anySnapshots = fc
  .array(
    fc.record({
      agentName: fc.constantFrom('a', 'b', null),
      reason: fc.constantFrom<SnapshotView['reason']>('interval', 'kill', 'manual'),
      minutesAgo: fc.integer({ min: 0, max: 100 }),
      bytes: fc.integer({ min: 0, max: 50 }),
    }),
    { maxLength: 30 },
  )
  .map((list) =>
    list.map(
      ({ minutesAgo, ...rest }, at): Kept => ({
        id: `s${at}`,
        takenAt: timestamp((1_000 - minutesAgo) * MINUTE),
        ...rest,
      }),
    ),
  );
const NOW = 1_000 * MINUTE;

describe('the ring', () => {
  it('is within every limit afterwards, but for the newest of each agent', () => {
    fc.assert(
      fc.property(
        anySnapshots,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 200 }),
        (all, count, bytes) => {
          const limits = { maxSnapshots: count, maxAgeMs: 60 * MINUTE, maxBytes: bytes };
          const gone = new Set(chooseDropped(all, limits, NOW));
          const left = all.filter((snapshot) => !gone.has(snapshot));
          for (const snapshot of left) expect(NOW - Date.parse(snapshot.takenAt)).toBeLessThanOrEqual(limits.maxAgeMs);
          const agents = new Set(all.map((snapshot) => snapshot.agentName));
          let newestBytes = 0;
          for (const agent of agents) {
            const own = left.filter((snapshot) => snapshot.agentName === agent);
            expect(own.length).toBeLessThanOrEqual(count);
            newestBytes += Math.max(0, ...own.map((snapshot) => snapshot.bytes));
            const young = all.filter(
              (snapshot) => snapshot.agentName === agent && NOW - Date.parse(snapshot.takenAt) <= limits.maxAgeMs,
            );
            if (young.length > 0) expect(own.length).toBeGreaterThan(0);
          }
          const sum = left.reduce((total, snapshot) => total + snapshot.bytes, 0);
          expect(sum <= bytes || sum <= newestBytes).toBe(true);
        },
      ),
    );
  });

  it('lets go of snapshots by the clock before those taken ahead of something destructive', () => {
    const at = (minute: number, reason: Kept['reason']): Kept => ({
      id: `${minute}`,
      agentName: 'a',
      reason,
      takenAt: timestamp(minute * MINUTE),
      bytes: 1,
    });
    const all = [at(1, 'removal'), at(2, 'interval'), at(3, 'kill'), at(4, 'interval'), at(5, 'interval')];
    const limits = { maxSnapshots: 2, maxAgeMs: NOW, maxBytes: 100 };
    expect(chooseDropped(all, limits, 10 * MINUTE).map((snapshot) => snapshot.id)).toEqual(['2', '4', '1']);
    const one = chooseDropped(all, { ...limits, maxSnapshots: 9, maxBytes: 3 }, 10 * MINUTE);
    expect(one.map((snapshot) => snapshot.id)).toEqual(['2', '4']);
  });
});

describe('flags of an index', () => {
  it.each([
    ['sha1', 20],
    ['sha256', 32],
  ])('are read as git lists them (%s)', async (format, oidBytes) => {
    const folder = await mkdtemp(join(tmpdir(), 'flags-'));
    try {
      const git = async (...args: string[]) => (await run('git', args, { cwd: folder, encoding: 'latin1' })).stdout;
      await git('init', '-q', `--object-format=${format}`);
      const names = Array.from({ length: 40 }, (_value, at) => `${'n'.repeat(at + 1)}.txt`);
      for (const name of names) await writeFile(join(folder, name), name);
      await git('add', '.');
      await git('update-index', '--assume-unchanged', ...names.filter((_name, at) => at % 7 === 0));
      await git('update-index', '--skip-worktree', ...names.filter((_name, at) => at % 5 === 0));
      const listed = parseListedFlags(await git('ls-files', '-v', '-z'));
      expect(listed).toHaveLength(12);
      await writeFile(join(folder, 'zintended'), '', { mode: 0o755 });
      await git('add', '--intent-to-add', 'zintended');
      expect(readIndexFlags(await readFile(join(folder, '.git/index')), oidBytes)).toEqual({
        flagged: listed,
        intended: [{ path: 'zintended', mode: '100755' }],
      });
      await git('update-index', '--index-version', '4');
      expect(readIndexFlags(await readFile(join(folder, '.git/index')), oidBytes)).toBeNull();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('of something that is no index are asked of git instead', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const index = Buffer.concat([Buffer.from('DIRC\0\0\0\x03'), bytes]);
        const flags = readIndexFlags(index, 20);
        expect(flags === null || Array.isArray(flags.flagged)).toBe(true);
      }),
    );
  });
});

describe('records', () => {
  it('of index extras come back as they were, whatever the names', () => {
    const paths = fc.uniqueArray(anyPath, { maxLength: 5 });
    const oid = 'a'.repeat(40);
    fc.assert(
      fc.property(paths, paths, paths, (flagged, intended, conflicts) => {
        const extras = {
          flagged: flagged.map((path, at) => ({
            path,
            assumeUnchanged: at % 2 === 0,
            skipWorktree: at % 2 === 1 || at > 2,
          })),
          intended: intended.map((path) => ({ path, mode: '100755' })),
          conflicts: conflicts.map((path) => ({
            path,
            stages: [
              { stage: 1 as const, mode: '100644', oid },
              { stage: 3 as const, mode: '120000', oid },
            ],
          })),
        };
        expect(decodeExtras(encodeExtras(extras))).toEqual(extras);
      }),
    );
  });

  it('of snapshots come back from the commit’s message', () => {
    const record = {
      version: 1 as const,
      key: 'k',
      reason: 'kill' as const,
      detail: 'stop\n“quoted” – ünicode 🙂',
      takenAt: '2026-11-23T12:14:39.123Z',
      worktree: '/p/ünicode',
      branch: 'overstory/a/T',
      head: null,
      operation: 'merge',
      staged: 1,
      changed: 2,
      untracked: 3,
      bytes: 4,
      leftOut: [{ path: 'ü', why: 'tooLarge' as const, bytes: 5 }],
      leftOutCount: 1,
    };
    const message = encodeRecord(record);
    expect(message).toMatch(/^[\x20-\x7e\n]*$/);
    const id = snapshotId(record.takenAt, '7f3a');
    expect(id).toBe('20261123-121439-7f3a');
    const body = message.slice(message.indexOf('\n\n') + 2);
    const { version: _version, key, ...facts } = record;
    const ref = snapshotRef('builder', id);
    expect(decodeSnapshot(ref, 'c', body)).toEqual({
      ref,
      key,
      view: { id, agentName: 'builder', commit: 'c', ...facts },
    });
    expect(decodeSnapshot(snapshotRef(null, id), 'c', body)?.view.agentName).toBeNull();
    expect(decodeSnapshot(ref, 'c', 'not ours')).toBeNull();
    expect(decodeSnapshot('refs/overstory/vault/-x/1', 'c', body)).toBeNull();
    expect(decodeSnapshot('refs/heads/main', 'c', body)).toBeNull();
  });
});

describe('names', () => {
  it('are quoted in plain ASCII, one line each', () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        expect(quotePath(path)).toMatch(/^"[\x20-\x7e]+"$/);
      }),
    );
    expect(quotePath('a"b\\c\n\xff')).toBe('"a\\"b\\\\c\\012\\377"');
  });

  it('shown to people carry no control characters', () => {
    expect(showPath('a\n\x1b[31m\xc3\xbc\xff')).toBe('a  [31mü\ufffd');
  });
});

describe('untracked files', () => {
  it('are taken small ones first, within both limits', () => {
    const files = [7, 3, 50, 5, 4].map((bytes) => ({ path: `f${bytes}`, bytes }));
    const { taken, leftOut } = chooseUntracked(files, { maxFileBytes: 10, maxUntrackedBytes: 13 });
    expect(taken.map((file) => file.path)).toEqual(['f3', 'f5', 'f4']);
    expect(leftOut).toEqual([
      { path: 'f7', why: 'tooMuch', bytes: 7 },
      { path: 'f50', why: 'tooLarge', bytes: 50 },
    ]);
    expect(describeLeftOut(leftOut, 5)).toMatch(/^f7 \(beyond .*\), f50 \(larger than .*\) and 3 more$/);
    expect(describeLeftOut([], 0)).toBeNull();
  });
});

describe('the status of a worktree', () => {
  it('is read with odd names, conflicts and no commit yet', () => {
    const zero = '0'.repeat(40);
    const one = '1'.repeat(40);
    const output = [
      '# branch.oid (initial)',
      '# branch.head (detached)',
      `1 MD N... 100644 100755 000000 ${zero} ${one} two words\nand lines`,
      `u UU N... 100644 100644 000000 100644 ${zero} ${one} ${zero} con flict`,
      '? -dash \xff',
      '',
    ].join('\0');
    expect(parseWorktreeStatus(output)).toEqual({
      head: null,
      branch: null,
      entries: [
        {
          kind: 'tracked',
          path: 'two words\nand lines',
          staged: 'M',
          unstaged: 'D',
          submodule: 'N...',
          indexMode: '100755',
          indexOid: one,
          fileMode: '000000',
        },
        {
          kind: 'conflict',
          path: 'con flict',
          submodule: 'N...',
          fileMode: '100644',
          stages: [
            { stage: 1, mode: '100644', oid: zero },
            { stage: 2, mode: '100644', oid: one },
          ],
        },
        { kind: 'untracked', path: '-dash \xff' },
      ],
    });
  });
});

describe('a restore', () => {
  it('writes kept bytes for what was uncommitted and lets git write the rest', () => {
    const entry = (oid: string, mode = '100644') => ({ mode, oid });
    const plan = planRestore(
      [
        { path: 'gone', before: entry('1'), after: null },
        { path: 'committed', before: entry('2'), after: entry('3') },
        { path: 'draft', before: null, after: entry('4') },
        { path: 'sub', before: entry('5', '160000'), after: entry('6', '160000') },
      ],
      [{ path: 'draft', before: null, after: entry('4') }],
      [{ path: 'staged', before: entry('7'), after: entry('8') }],
    );
    expect(plan).toEqual({
      removals: ['gone'],
      checkouts: ['committed'],
      writes: [
        { path: 'draft', mode: '100644', oid: '4' },
        { path: 'staged', mode: '100644', oid: '8' },
      ],
      fresh: ['draft'],
      submodules: ['sub'],
    });
  });

  it.each([
    ['20261123-121439-7f3a', '20261123-121439-7f3a'],
    ['20261123-1214', '20261123-121439-7f3a'],
    ['7f3a', '20261123-121439-7f3a'],
    ['20261123', null],
    ['f3a', null],
  ])('finds the snapshot %s means', (id, wanted) => {
    const all = ['20261123-121439-7f3a', '20261123-121539-7f3b'].map((each) => ({ id: each }) as SnapshotView);
    const chosen = chooseSnapshot(all, id);
    expect(chosen.ok ? chosen.value.id : null).toBe(wanted);
  });
});
