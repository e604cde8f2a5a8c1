import { rm } from 'node:fs/promises';

/** What a row is held against. `beyond` is ours less the reference, in the row's unit. */
export interface Goal {
  readonly of: 'ours' | 'ratio' | 'beyond';
  readonly is: 'atMost' | 'atLeast';
  readonly value: number;
}

/** One line of the table: both sides were measured in this very run. */
export interface Row {
  readonly name: string;
  readonly ours: number;
  /** The best known way or the physical limit, measured beside it; null where there is none to measure. */
  readonly reference: number | null;
  /** Ours divided by the reference. */
  readonly ratio: number | null;
  /** The goal in words; null for a row that only informs. */
  readonly goal: string | null;
  readonly unit: string;
  /** Null for a row that only informs. */
  readonly pass: boolean | null;
  /** What the two sides are, and figures that do not fit a column. */
  readonly note: string;
}

/** What a measure is given. */
export interface BenchContext {
  readonly quick: boolean;
  /** The second number in a quick run, the first in a full one. */
  pick(full: number, quick: number): number;
  /** Runs at the end of the measure, newest first, whatever happened. */
  defer(undo: () => Promise<unknown> | unknown): void;
  say(line: string): void;
}

/** A thing that is measured: one file each. */
export interface Measure {
  readonly name: string;
  /** What is measured, for `--list`. */
  readonly title: string;
  run(context: BenchContext): Promise<readonly Row[]>;
}

export interface RowFacts {
  readonly name: string;
  readonly ours: number;
  readonly reference?: number | null;
  readonly unit: string;
  readonly goal?: Goal;
  readonly note?: string;
}

/** Completes a row: ratio, goal in words, verdict. */
export function row(facts: RowFacts): Row {
  const reference = facts.reference ?? null;
  const ratio = reference === null || reference === 0 ? null : facts.ours / reference;
  return {
    name: facts.name,
    ours: facts.ours,
    reference,
    ratio,
    goal: facts.goal === undefined ? null : goalText(facts.goal, facts.unit),
    unit: facts.unit,
    pass: facts.goal === undefined ? null : verdict(facts.goal, facts.ours, reference, ratio),
    note: facts.note ?? '',
  };
}

function verdict(goal: Goal, ours: number, reference: number | null, ratio: number | null): boolean | null {
  const measured =
    goal.of === 'ours' ? ours : goal.of === 'ratio' ? ratio : reference === null ? null : ours - reference;
  if (measured === null || Number.isNaN(measured)) return null;
  return goal.is === 'atMost' ? measured <= goal.value : measured >= goal.value;
}

function goalText(goal: Goal, unit: string): string {
  const sign = goal.is === 'atMost' ? '<=' : '>=';
  switch (goal.of) {
    case 'ours':
      return `${sign} ${goal.value} ${unit}`.trimEnd();
    case 'ratio':
      return `${sign} ${goal.value}x`;
    case 'beyond':
      return `${sign} ref + ${goal.value} ${unit}`.trimEnd();
  }
}

/** Runs a measure with a context of its own and cleans up after it. */
export async function runMeasure(
  measure: Measure,
  options: { readonly quick: boolean; readonly say: (line: string) => void },
  undos: (() => Promise<unknown> | unknown)[],
): Promise<readonly Row[]> {
  try {
    return await measure.run({
      quick: options.quick,
      pick: (full, quick) => (options.quick ? quick : full),
      defer: (undo) => undos.push(undo),
      say: options.say,
    });
  } finally {
    await cleanUp(undos, options.say);
  }
}

/** Undoes newest first; one that fails is told and does not keep the others from running. */
export async function cleanUp(undos: (() => Promise<unknown> | unknown)[], say: (line: string) => void): Promise<void> {
  for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) {
    try {
      await undo();
    } catch (error) {
      say(`  clean-up: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

export function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 5 });
}
