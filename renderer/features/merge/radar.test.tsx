import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RadarView, RadarWorktree } from '../../../contract/radar.ts';
import { ok } from '../../../contract/result.ts';
import { type FakeRoom, fakeRoom, press, renderRoom, settled } from '../../testing/fakeRoom.tsx';
import { ago } from '../../testing/fixtures.ts';
import { MergeScreen } from './MergeScreen.tsx';
import { mergeActions } from './mergeActions.tsx';
import { mergeStore } from './mergeStore.ts';
import { cellWords, radarGrid, stepWords } from './radarRules.ts';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function worktree(agentName: string, more: Partial<RadarWorktree> = {}): RadarWorktree {
  return {
    agentName,
    taskId: 'T-1',
    branch: `overstory/${agentName}/T-1`,
    running: true,
    changedFiles: 2,
    uncommittedFiles: 0,
    merged: false,
    withTarget: [],
    withTargetCount: 0,
    problem: null,
    ...more,
  };
}

function view(more: Partial<RadarView> = {}): RadarView {
  return {
    enabled: true,
    target: 'main',
    lookedAt: ago(12),
    worktrees: [
      worktree('ada', { withTargetCount: 3 }),
      worktree('bob'),
      worktree('cyd', { merged: true, running: false }),
      worktree('dan', { problem: 'it has no commit yet' }),
    ],
    pairs: [{ one: 'bob', other: 'ada', conflicts: [{ path: 'a.ts', kind: 'content' }], count: 2 }],
    order: [
      { agentName: 'bob', clean: true, conflictsWith: [] },
      { agentName: 'ada', clean: false, conflictsWith: [null, 'bob'] },
    ],
    cost: { milliseconds: 40, gitProcesses: 3, mergedPairs: 2 },
    ...more,
  };
}

describe('the matrix', () => {
  it('says of each pair whether it joins, conflicts, has nothing left, or is not known; either way round', () => {
    const grid = radarGrid(view());
    const state = (row: number, column: string | null) => {
      const one = grid.rows[row];
      return one === undefined ? null : grid.cell(one, column);
    };
    expect(grid.columns).toEqual([null, 'ada', 'bob', 'cyd', 'dan']);
    expect(state(0, null)).toEqual({ state: 'conflict', count: 3 });
    expect([state(0, 'bob'), state(1, 'ada')]).toEqual([
      { state: 'conflict', count: 2 },
      { state: 'conflict', count: 2 },
    ]);
    expect([state(0, 'ada')?.state, state(0, 'cyd')?.state, state(0, 'dan')?.state, state(1, null)?.state]).toEqual([
      'self',
      'nothing',
      'unknown',
      'clean',
    ]);
    expect(cellWords('ada', null, 'main', { state: 'conflict', count: 1 })).toBe('ada and main: 1 file in conflict');
  });

  it('gives each step of the order its reason', () => {
    const { order, worktrees } = view();
    expect(
      order.map((step) =>
        stepWords(
          step,
          'main',
          worktrees.find((one) => one.agentName === step.agentName),
        ),
      ),
    ).toEqual(['joins cleanly · still at work, 2 files', 'resolves against main and bob']);
  });
});

async function open(value: RadarView | null): Promise<FakeRoom> {
  const fake = fakeRoom();
  fake.room.actions.register(mergeActions);
  fake.room.ui.setState({ screen: 'merge' });
  mergeStore(fake.room).setState({ part: 'radar' });
  fake.answer('radar.pair', (input) => {
    const { one, other } = input as { one: string; other: string | null };
    return ok({
      ours: one,
      theirs: other ?? 'main',
      count: 1,
      files: [{ path: 'a.ts', kind: 'content', words: 'Both' }],
    });
  });
  fake.answer('radar.conflict', () =>
    ok({
      file: { path: 'a.ts', kind: 'content', words: 'Both' },
      has: { base: true, ours: true, theirs: true },
      hunks: [
        {
          line: 4,
          before: [],
          ours: { lines: ['of one'], count: 1 },
          base: null,
          theirs: { lines: ['of the other'], count: 1 },
          after: [],
        },
      ],
      hunkCount: 1,
      note: null,
    }),
  );
  if (value !== null) fake.publish('radar', { value });
  renderRoom(fake, <MergeScreen />);
  await settled();
  return fake;
}

describe('the radar', () => {
  it('is walked by arrows; Enter opens the two side by side, Escape closes them', async () => {
    const fake = await open(view());
    const grid = screen.getByRole('grid', { name: 'Collisions' });
    act(() => grid.focus());
    press('ArrowDown');
    press('ArrowRight');
    expect(screen.getByRole('gridcell', { selected: true }).getAttribute('aria-label')).toBe(
      'bob and ada: 2 files in conflict',
    );
    expect(grid.getAttribute('aria-activedescendant')).toBe(screen.getByRole('gridcell', { selected: true }).id);
    press('Enter');
    await settled();
    const pair = screen.getByRole('region', { name: 'Predicted conflict' });
    expect(within(pair).getByRole('article').textContent).toContain('of the other');
    expect(fake.calls).toContainEqual({ name: 'radar.conflict', input: { one: 'bob', other: 'ada', path: 'a.ts' } });
    act(() => grid.focus());
    press('Escape');
    expect(screen.queryByRole('region', { name: 'Predicted conflict' })).toBeNull();
  });

  it('opens by mouse, the target too, and a cell without a conflict opens nothing', async () => {
    const fake = await open(view());
    fireEvent.click(screen.getByRole('gridcell', { name: 'bob and main: join without a conflict' }));
    expect(mergeStore(fake.room).getState().pair).toBeNull();
    fireEvent.click(screen.getByRole('gridcell', { name: 'ada and main: 3 files in conflict' }));
    await settled();
    expect(fake.calls).toContainEqual({ name: 'radar.pair', input: { one: 'ada', other: null } });
  });

  it('looks again when it is asked to', async () => {
    const fake = await open(view());
    expect(screen.getByText('12s').closest('span')?.textContent).toBe('looked 12s ago');
    fireEvent.click(screen.getByRole('button', { name: 'Look now' }));
    await settled();
    expect(fake.calls).toContainEqual({ name: 'radar.look', input: {} });
  });

  it('of thirty agents is walked to its ends', async () => {
    const many = Array.from({ length: 30 }, (_, index) => worktree(`agent-${index}`));
    await open(view({ worktrees: many, pairs: [], order: [] }));
    const grid = screen.getByRole('grid', { name: 'Collisions' });
    expect(grid.getAttribute('aria-rowcount')).toBe('31');
    act(() => grid.focus());
    press('End');
    expect(screen.getByRole('gridcell', { selected: true }).getAttribute('aria-label')).toBe(
      'agent-0 and agent-29: join without a conflict',
    );
  });

  it('without worktrees, and switched off, says so', async () => {
    await open(view({ worktrees: [], pairs: [], order: [] }));
    expect(screen.getByText('No worktree to look at')).toBeDefined();
    cleanup();
    await open(view({ enabled: false, worktrees: [], pairs: [], order: [] }));
    expect(screen.getByText('The radar is switched off')).toBeDefined();
  });
});
