import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayConflict, parseChangedPaths } from './changedPaths.ts';
import { readCommitGraph } from './commitGraph.ts';
import { type OrderedWorktree, suggestOrder } from './mergeOrder.ts';

describe('the suggested order of merging', () => {
  const worktree = (agentName: string, more: Partial<OrderedWorktree> = {}): OrderedWorktree => ({
    agentName,
    finished: false,
    targetConflicts: 0,
    startedAt: '2026-01-01T00:00:00.000Z',
    ...more,
  });
  function counts(...pairs: readonly (readonly [string, string, number])[]): Map<string, Map<string, number>> {
    const map = new Map<string, Map<string, number>>();
    for (const [one, other, count] of pairs) {
      for (const [from, to] of [
        [one, other],
        [other, one],
      ] as const) {
        map.set(from, (map.get(from) ?? new Map()).set(to, count));
      }
    }
    return map;
  }
  const shown = (steps: ReturnType<typeof suggestOrder>): readonly string[] =>
    steps.map(
      (step) =>
        `${step.agentName}${step.clean ? '' : ` after ${step.conflictsWith.map((name) => name ?? 'target').join(' ')}`}`,
    );

  it('without conflicts: the finished first, then by age', () => {
    const all = [
      worktree('ada', { startedAt: '2026-01-02T00:00:00.000Z' }),
      worktree('bob'),
      worktree('cyd', { finished: true }),
    ];
    expect(shown(suggestOrder(all, counts()))).toEqual(['cyd', 'bob', 'ada']);
  });

  it('who conflicts with many goes last, so that one resolves and not many', () => {
    const all = ['hub', 'ada', 'bob', 'cyd'].map((name) => worktree(name));
    const conflicts = counts(['hub', 'ada', 1], ['hub', 'bob', 1], ['hub', 'cyd', 1]);
    expect(shown(suggestOrder(all, conflicts))).toEqual(['ada', 'bob', 'cyd', 'hub after ada bob cyd']);
  });

  it('what conflicts with the target comes after what does not, the least effort first', () => {
    const all = [worktree('ada', { targetConflicts: 5 }), worktree('bob', { targetConflicts: 1 }), worktree('cyd')];
    expect(shown(suggestOrder(all, counts(['ada', 'cyd', 2])))).toEqual([
      'cyd',
      'bob after target',
      'ada after target cyd',
    ]);
  });

  it('whatever conflicts: everyone is placed once, clean ones first, and each step names exactly its conflicts', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const pairs = names.flatMap((one, index) => names.slice(index + 1).map((other) => [one, other] as const));
    fc.assert(
      fc.property(fc.subarray(pairs), fc.subarray(names), (chosen, withTarget) => {
        const conflicts = counts(...chosen.map(([one, other]) => [one, other, 1] as const));
        const all = names.map((name) => worktree(name, { targetConflicts: withTarget.includes(name) ? 1 : 0 }));
        const steps = suggestOrder(all, conflicts);
        expect(steps.map((step) => step.agentName).sort()).toEqual(names);
        const firstDirty = steps.findIndex((step) => !step.clean);
        expect(steps.slice(firstDirty < 0 ? steps.length : firstDirty).every((step) => !step.clean)).toBe(true);
        for (const [index, step] of steps.entries()) {
          const earlier = steps.slice(0, index).filter((other) => conflicts.get(step.agentName)?.has(other.agentName));
          const target = withTarget.includes(step.agentName) ? [null] : [];
          expect(step.conflictsWith).toEqual([...target, ...earlier.map((other) => other.agentName)]);
        }
        // Nobody more could have gone first without a conflict.
        const clean = steps.filter((step) => step.clean).map((step) => step.agentName);
        const excluded = names.filter((name) => !clean.includes(name) && !withTarget.includes(name));
        for (const name of excluded) expect(clean.some((other) => conflicts.get(name)?.has(other))).toBe(true);
      }),
    );
  });
});

describe('pairs that cannot conflict', () => {
  const paths = (added: number, removed: number, ...all: string[]) => ({ all: new Set(all), added, removed });
  it.each([
    ['different files', paths(0, 0, 'a'), paths(0, 0, 'b'), false],
    ['one file', paths(0, 0, 'a', 'x'), paths(0, 0, 'a'), true],
    ['a file where the other has a folder', paths(1, 0, 'a'), paths(1, 0, 'a/b/c'), true],
    ['names that only begin alike', paths(1, 0, 'a'), paths(1, 0, 'ab/c'), false],
    ['one removes, the other adds', paths(0, 1, 'x/a'), paths(1, 0, 'x/b'), true],
    ['one removes, the other edits elsewhere', paths(0, 1, 'x/a'), paths(0, 0, 'y'), false],
    ['nothing changed', paths(0, 0), paths(0, 0, 'a'), false],
  ])('%s', (_name, one, other, expected) => {
    expect(mayConflict(one, other)).toBe(expected);
    expect(mayConflict(other, one)).toBe(expected);
  });

  it('reads what git says of several commits, also of one without changes', () => {
    const [one, two, three] = ['1'.repeat(40), '2'.repeat(40), '3'.repeat(40)];
    const read = parseChangedPaths(`${one}\0M\0a b\0A\0c\0${two}\0${three}\0D\0d\0`);
    expect(read.map(({ all, added, removed }) => [[...all], added, removed])).toEqual([
      [['a b', 'c'], 1, 0],
      [[], 0, 0],
      [['d'], 0, 1],
    ]);
  });
});

describe('where histories part', () => {
  //   base - m1 - m2 (target)      a: from base; b: from m1; x and y merged each other
  const graph = readCommitGraph(['x a b', 'y b a', 'a base', 'b m1', 'm2 m1', 'm1 base', '-base older'].join('\n'));
  it.each([
    ['a', 'm2', 'base'],
    ['b', 'm2', 'm1'],
    ['b', 'm1', 'm1'],
    ['x', 'y', null],
    ['x', 'a', 'a'],
    ['a', 'unknown', null],
  ])('%s and %s part at %s', (one, other, base) => {
    expect(graph.mergeBase(one, other)).toBe(base);
  });
  it('knows what a history holds', () => {
    expect(graph.contains('m2', 'm1')).toBe(true);
    expect(graph.contains('m2', 'b')).toBe(false);
  });
});
