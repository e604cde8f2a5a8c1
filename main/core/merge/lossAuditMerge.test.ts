import { describe, expect, it } from 'vitest';
import type { LossDecision, LossFinding } from '../../../contract/lossAudit.ts';
import { auditMerge } from './lossAuditMerge.ts';
import { type SampleRepository, sampleRepository } from './sampleRepository.ts';

type Files = Readonly<Record<string, string | Uint8Array | null>>;

const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('');
const LONG = text(...Array.from({ length: 20 }, (_, index) => `line ${index} of a file with many lines`));

interface Case {
  readonly base: Files;
  readonly ours: Files;
  readonly theirs: Files;
  /** The result as changes of the base; null removes. */
  readonly result: Files;
  readonly decisions?: readonly LossDecision[];
  readonly prepare?: (repo: SampleRepository, side: 'ours' | 'theirs' | 'result') => Promise<void>;
}

async function audit(one: Case): Promise<{ readonly ok: boolean; readonly shown: readonly string[] }> {
  const start = Object.fromEntries(
    Object.entries(one.base).flatMap(([path, content]) => (content === null ? [] : [[path, content]])),
  );
  const repo = await sampleRepository({ 'other.txt': 'other\n', ...start });
  try {
    const commits: Record<string, string> = {};
    for (const side of ['ours', 'theirs', 'result'] as const) {
      await repo.run('checkout', '--quiet', '--force', '-B', side, 'main');
      await repo.commit(one[side]);
      await one.prepare?.(repo, side);
      commits[side] = (await repo.run('rev-parse', 'HEAD')).trim();
    }
    const { ours = '', theirs = '', result = '' } = commits;
    const decisions = one.decisions ?? [];
    const audited = await auditMerge(repo.git, { ours, theirs, result: `${result}^{tree}`, decisions });
    if (!audited.ok) throw new Error(audited.error.message);
    return { ok: audited.value.ok, shown: audited.value.findings.map(show) };
  } finally {
    await repo.remove();
  }
}

function show(finding: LossFinding): string {
  const by = finding.by === null ? '' : ` by ${finding.by.version} ${finding.by.file}:${finding.by.line}`;
  const decision = finding.decision === null ? '' : ` (${finding.decision})`;
  return `${finding.side} ${finding.what} ${finding.file}:${finding.line} ${finding.verdict}${by}${decision}`;
}

describe('the audit of a merge', () => {
  it('a file only one side changed and the result took is present without being read', async () => {
    const base = { 'a.txt': LONG };
    const ours = { 'a.txt': `${LONG}ours\n` };
    const theirs = { 'b.txt': 'new\n' };
    expect(await audit({ base, ours, theirs, result: { ...ours, ...theirs } })).toEqual({ ok: true, shown: [] });
  });

  it('a file one side renamed and the other changed is followed to its new name', async () => {
    const changed = LONG.replace('line 3', 'changed line 3');
    const one = { base: { 'a.txt': LONG }, ours: { 'a.txt': null, 'b.txt': LONG }, theirs: { 'a.txt': changed } };
    expect(await audit({ ...one, result: { 'a.txt': null, 'b.txt': changed } })).toEqual({ ok: true, shown: [] });
    expect(await audit({ ...one, result: { 'a.txt': null, 'b.txt': LONG } })).toEqual({
      ok: false,
      shown: ['branch added a.txt:4 lost', 'branch removed a.txt:4 lost by result b.txt:4'],
    });
    expect(await audit({ ...one, result: { 'a.txt': changed } })).toEqual({
      ok: false,
      shown: ['target file b.txt:0 lost'],
    });
  });

  it('a file both renamed: the other name stands for it', async () => {
    const base = { 'a.txt': LONG };
    const ours = { 'a.txt': null, 'b.txt': LONG };
    const theirs = { 'a.txt': null, 'c.txt': LONG };
    expect(await audit({ base, ours, theirs, result: { 'a.txt': null, 'c.txt': LONG } })).toEqual({
      ok: true,
      shown: ['target file b.txt:0 superseded by result c.txt:0'],
    });
  });

  it('a file one side deleted and the other changed', async () => {
    const changed = `${LONG}more\n`;
    const one = { base: { 'a.txt': LONG }, ours: { 'a.txt': null }, theirs: { 'a.txt': changed } };
    expect(await audit({ ...one, result: { 'a.txt': null } })).toEqual({
      ok: false,
      shown: ['branch file a.txt:0 lost'],
    });
    expect(await audit({ ...one, result: { 'a.txt': changed } })).toEqual({
      ok: true,
      shown: ['target file a.txt:0 superseded by branch a.txt:0'],
    });
  });

  it('a deleted file that is there again is lost work as well', async () => {
    const one = { base: { 'a.txt': LONG }, ours: { 'a.txt': null }, theirs: { 'b.txt': 'b\n' } };
    expect(await audit({ ...one, result: { 'b.txt': 'b\n' } })).toEqual({
      ok: false,
      shown: ['target file a.txt:0 lost'],
    });
  });

  it('a new file that is missing is lost; under another name it is found', async () => {
    const one = { base: {}, ours: { 'new.txt': LONG }, theirs: { 'b.txt': 'b\n' } };
    expect(await audit({ ...one, result: { 'b.txt': 'b\n' } })).toEqual({
      ok: false,
      shown: ['target file new.txt:0 lost'],
    });
    expect(await audit({ ...one, result: { 'b.txt': 'b\n', 'moved/new.txt': LONG } })).toEqual({
      ok: true,
      shown: ['target file new.txt:0 superseded by result moved/new.txt:0'],
    });
  });

  it('a binary both changed is lost on the side that is not taken', async () => {
    const binary = (last: number): Uint8Array => Uint8Array.from([0, 1, 2, last]);
    const base = { 'a.bin': binary(3) };
    const result = { 'a.bin': binary(5) };
    expect(await audit({ base, ours: { 'a.bin': binary(4) }, theirs: result, result })).toEqual({
      ok: false,
      shown: ['target file a.bin:0 lost'],
    });
  });

  it('other line ends alone are no loss', async () => {
    const crlf = LONG.replaceAll('\n', '\r\n');
    const base = { 'a.txt': LONG };
    const ours = { 'a.txt': crlf };
    const theirs = { 'a.txt': `${LONG}theirs\n` };
    expect(await audit({ base, ours, theirs, result: { 'a.txt': `${LONG}theirs\n` } })).toEqual({
      ok: true,
      shown: [],
    });
    expect((await audit({ base, ours, theirs, result: { 'a.txt': crlf } })).ok).toBe(false);
  });

  it('a mode one side set and the result lacks is lost', async () => {
    const prepare: Case['prepare'] = async (repo, side) => {
      if (side !== 'ours') return;
      await repo.run('update-index', '--chmod=+x', 'a.txt');
      await repo.run('commit', '--quiet', '-m', 'executable');
    };
    const theirs = { 'a.txt': `${LONG}theirs\n` };
    expect(await audit({ base: { 'a.txt': LONG }, ours: {}, theirs, result: theirs, prepare })).toEqual({
      ok: false,
      shown: ['target mode a.txt:0 lost'],
    });
  });

  it('lines that moved into another file are named with their place', async () => {
    const block = text('function alpha() {', '  return the new alpha value;', '}');
    const base = { 'a.txt': LONG, 'b.txt': 'first line of b\n' };
    const ours = { 'a.txt': `${LONG}${block}` };
    const theirs = { 'a.txt': `${LONG}const theirs = 1;\n`, 'b.txt': 'first line of b\nsecond line of b\n' };
    const result = { 'a.txt': `${LONG}const theirs = 1;\n`, 'b.txt': `first line of b\nsecond line of b\n${block}` };
    expect(await audit({ base, ours, theirs, result })).toEqual({
      ok: true,
      shown: ['target added a.txt:21 superseded by result b.txt:3'],
    });
  });

  it('what a named decision covers is dropped on purpose and holds nothing', async () => {
    const one = {
      base: { 'a.txt': LONG },
      ours: { 'a.txt': `${LONG}ours alone\n` },
      theirs: { 'a.txt': `${LONG}theirs alone\n` },
      result: { 'a.txt': `${LONG}theirs alone\n` },
    };
    const name = 'operator: the branch replaces it';
    expect(await audit({ ...one, decisions: [{ file: 'a.txt', side: 'target', name }] })).toEqual({
      ok: true,
      shown: [`target added a.txt:21 dropped (${name})`],
    });
    expect((await audit({ ...one, decisions: [{ file: 'a.txt', side: 'branch', name }] })).ok).toBe(false);
    expect((await audit({ ...one, decisions: [{ file: 'other.txt', side: null, name }] })).ok).toBe(false);
  });

  it('histories that have nothing in common are refused in one line', async () => {
    const repo = await sampleRepository();
    try {
      await repo.run('checkout', '--quiet', '--orphan', 'alone');
      await repo.commit({ 'x.txt': 'x\n' });
      const audited = await auditMerge(repo.git, { ours: 'main', theirs: 'alone', result: 'main' });
      expect(audited).toMatchObject({
        ok: false,
        error: { message: 'main and alone have no common ancestor to audit against' },
      });
    } finally {
      await repo.remove();
    }
  });
});
