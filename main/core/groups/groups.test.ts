import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GroupView } from '../../../contract/groups.ts';
import type { Result } from '../../../contract/result.ts';
import { findGroup } from './groupRules.ts';
import { createGroups, type Groups } from './groups.ts';

let root: string;
let groups: Groups;
const file = () => join(root, '.overstory/groups.json');

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'groups-'));
  await mkdir(join(root, '.overstory'));
  groups = createGroups(root, { now: () => Date.parse('2026-03-05T14:00:00.000Z') });
});
afterEach(() => rm(root, { recursive: true, force: true }));

function value<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function message(result: Result<unknown>): string {
  if (result.ok) throw new Error('expected a failure');
  return result.error.message;
}

describe('groups', () => {
  it('CT40, CT41: creates with the documented fields', async () => {
    expect(value(await groups.list())).toEqual([]);
    const made = value(await groups.create(' Batch ', ['a', 'b']));
    expect(made).toEqual({
      id: expect.stringMatching(/^group-[0-9a-f]{8}$/),
      name: 'Batch',
      memberIssueIds: ['a', 'b'],
      status: 'active',
      createdAt: '2026-03-05T14:00:00.000Z',
      completedAt: null,
    });
    expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual([made]);
  });

  it('CT41, CT42, CT43: refuses blank names, no ids, repeated ids, known members, strangers and emptiness', async () => {
    expect(message(await groups.create('  ', ['a']))).toContain('needs a name');
    expect(message(await groups.create('g', []))).toContain('at least one');
    expect(message(await groups.create('g', ['a', 'a']))).toContain('twice');
    await groups.create('g', ['a', 'b']);
    expect(message(await groups.add('g', ['c', 'c']))).toContain('twice');
    expect(message(await groups.add('g', ['a']))).toContain('already a member');
    expect(message(await groups.remove('g', ['a', 'x']))).toContain('not a member');
    expect(message(await groups.remove('g', ['a', 'b']))).toContain('empty');
    expect(value(await groups.list())[0]?.memberIssueIds).toEqual(['a', 'b']);
  });

  it('CT42, CT43: members keep their order, and one that is missing is told by group', async () => {
    await groups.create('g', ['c', 'a', 'b']);
    expect(value(await groups.add('g', ['e', 'd'])).memberIssueIds).toEqual(['c', 'a', 'b', 'e', 'd']);
    expect(value(await groups.remove('g', ['a'])).memberIssueIds).toEqual(['c', 'b', 'e', 'd']);
    expect(message(await groups.add('nobody', ['x']))).toContain('not found');
    expect(message(await groups.remove('nobody', ['x']))).toContain('not found');
    expect(value(await groups.remove('g', ['c', 'e', 'd'])).memberIssueIds).toEqual(['b']);
    expect(message(await groups.remove('g', ['b']))).toContain('empty');
  });

  it('CT41: groups of one name stand beside each other, the newest last', async () => {
    const ids = [value(await groups.create('g', ['a'])).id, value(await groups.create('g', ['b'])).id];
    expect(value(await groups.list()).map((group) => group.id)).toEqual(ids);
  });

  it('CT44: an issue nobody can read counts as open, and a partly done group stays active', async () => {
    await groups.create('g', ['a', 'b']);
    expect(value(await groups.progress('g', (id) => (id === 'a' ? 'closed' : undefined)))).toMatchObject({
      completed: 1,
      open: 1,
      closed: false,
      group: { status: 'active', completedAt: null },
    });
  });

  it('loses nothing when many write at once', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, index) => groups.create(`g${index}`, ['a'])));
    expect(value(await groups.list())).toHaveLength(10);
  });

  it.each(['{', '{}', '[{"id":1}]', ''])(
    'CT40: refuses to work on a damaged file %j and leaves it alone',
    async (text) => {
      await writeFile(file(), text);
      expect(message(await groups.list())).toContain('damaged');
      expect(message(await groups.create('g', ['a']))).toContain('damaged');
      expect(await readFile(file(), 'utf8')).toBe(text);
    },
  );

  it('CT42, CT44: counts by status, closes a finished group once and reopens it for new members', async () => {
    const made = value(await groups.create('g', ['a', 'b', 'c', 'd']));
    const status: Record<string, string> = { a: 'closed', b: 'in_progress', c: 'blocked' };
    expect(value(await groups.progress('g', (id) => status[id]))).toMatchObject({
      total: 4,
      completed: 1,
      inProgress: 1,
      blocked: 1,
      open: 1,
      closed: false,
    });
    const done = value(await groups.progress(made.id, () => 'closed'));
    expect(done).toMatchObject({ completed: 4, closed: true, group: { status: 'completed' } });
    expect(value(await groups.progress(made.id, () => 'closed')).closed).toBe(false);
    expect(value(await groups.add('g', ['e']))).toMatchObject({ status: 'active', completedAt: null });
  });
});

describe('findGroup', () => {
  const group = (id: string, name: string, status: 'active' | 'completed'): GroupView => ({
    id,
    name,
    status,
    memberIssueIds: ['a'],
    createdAt: '',
    completedAt: null,
  });
  const all = [
    group('1', 'x', 'completed'),
    group('2', 'x', 'active'),
    group('3', 'y', 'active'),
    group('4', 'y', 'active'),
    group('5', '1', 'active'),
  ];
  it.each([
    ['1', '1'],
    ['x', '2'],
    ['3', '3'],
  ])('CT46: finds %s as %s', (wanted, id) => {
    expect(value(findGroup(all, wanted)).id).toBe(id);
  });
  it('CT46: reports ambiguity with the ids, and absence', () => {
    expect(message(findGroup(all, 'y'))).toMatch(/ambiguous.*3, 4/);
    expect(message(findGroup(all, 'z'))).toContain('not found');
  });
});
