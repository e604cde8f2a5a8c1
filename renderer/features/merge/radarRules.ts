import type { MergeStep, RadarPair, RadarView, RadarWorktree } from '../../../contract/radar.ts';
import { counted } from '../../stores/format.ts';

/** How two worktrees, or one and the target, stand to each other. */
export type CellState = 'clean' | 'conflict' | 'unknown' | 'self' | 'nothing';

export interface Cell {
  readonly state: CellState;
  /** Conflicting files. */
  readonly count: number;
}

/** The matrix of a look: rows are worktrees, columns the target and the same worktrees. */
export interface RadarGrid {
  readonly rows: readonly RadarWorktree[];
  /** Null stands for the target. */
  readonly columns: readonly (string | null)[];
  cell(row: RadarWorktree, column: string | null): Cell;
}

const key = (one: string, other: string): string => (one < other ? `${one}\n${other}` : `${other}\n${one}`);

/** Builds the matrix once a look; a cell is then one look-up. Pure. */
export function radarGrid(view: RadarView): RadarGrid {
  const counts = new Map<string, number>(view.pairs.map((pair) => [key(pair.one, pair.other), pair.count]));
  const byName = new Map(view.worktrees.map((worktree) => [worktree.agentName, worktree]));
  return {
    rows: view.worktrees,
    columns: [null, ...view.worktrees.map(({ agentName }) => agentName)],
    cell(row, column) {
      if (row.agentName === column) return { state: 'self', count: 0 };
      const other = column === null ? undefined : byName.get(column);
      if (row.problem !== null || (other !== undefined && other.problem !== null))
        return { state: 'unknown', count: 0 };
      const count = column === null ? row.withTargetCount : (counts.get(key(row.agentName, column)) ?? 0);
      if (count > 0) return { state: 'conflict', count };
      // What is merged, or changed nothing, cannot collide with anybody.
      if (row.merged || other?.merged === true) return { state: 'nothing', count: 0 };
      return { state: 'clean', count: 0 };
    },
  };
}

/** A cell in words, for screen readers and tooltips. */
export function cellWords(row: string, column: string | null, target: string, cell: Cell): string {
  const pair = `${row} and ${column ?? target}`;
  switch (cell.state) {
    case 'self':
      return row;
    case 'unknown':
      return `${pair}: not known`;
    case 'conflict':
      return `${pair}: ${counted(cell.count, 'file')} in conflict`;
    case 'clean':
      return `${pair}: join without a conflict`;
    case 'nothing':
      return `${pair}: nothing left to merge`;
  }
}

/** Why an agent stands at its place of the suggested order. */
export function stepWords(step: MergeStep, target: string, worktree: RadarWorktree | undefined): string {
  if (!step.clean) {
    const names = step.conflictsWith.map((name) => name ?? target);
    return `resolves against ${listed(names)}`;
  }
  const files = worktree === undefined ? '' : `, ${counted(worktree.changedFiles, 'file')}`;
  const state = worktree?.running === true ? 'still at work' : 'finished';
  return `joins cleanly · ${state}${files}`;
}

function listed(names: readonly string[]): string {
  if (names.length <= 1) return names.join('');
  const shown = names.slice(0, 3);
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** Conflicts of a pair that travelled with the look. */
export function pairOf(view: RadarView, one: string, other: string): RadarPair | undefined {
  return view.pairs.find((pair) => key(pair.one, pair.other) === key(one, other));
}
