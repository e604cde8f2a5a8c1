import type { Fault } from './fault.ts';
import type { Judged } from './judge.ts';
import type { Losses } from './ledger.ts';

export interface Row {
  readonly fault: Fault;
  readonly judged: Judged;
}

/** Sums over all rows; the suite stands or falls with them. */
export interface Totals {
  readonly faults: number;
  readonly controls: number;
  readonly falseKills: number;
  readonly lostCommits: number;
  readonly lostFiles: number;
  readonly stalls: number;
  readonly late: number;
  readonly unmet: number;
}

export function totalsOf(rows: readonly Row[], losses: readonly Losses[]): Totals {
  const count = (test: (row: Row) => boolean): number => rows.filter(test).length;
  const found = rows.flatMap(({ judged }) => judged.found ?? []);
  return {
    faults: count(({ fault }) => fault.healthy !== true),
    controls: count(({ fault }) => fault.healthy === true),
    falseKills: count(({ judged }) => judged.falseKill),
    lostCommits: losses.reduce((sum, one) => sum + one.commits.length, 0),
    lostFiles: losses.reduce((sum, one) => sum + one.files.length, 0),
    stalls: found.length,
    late: found.filter((one) => one.afterMs > one.limitMs).length,
    unmet: count(({ judged }) => !judged.met),
  };
}

/** The table of the suite, a line a fault. */
export function drawTable(rows: readonly Row[], losses: readonly Losses[]): string {
  const cells = rows.map(({ fault, judged }) => [
    judged.met ? ' ' : '✗',
    fault.healthy === true ? `healthy: ${fault.fault}` : fault.fault,
    expectedOf(fault),
    judged.seen,
    judged.found === null ? '' : seconds(judged.found.afterMs),
    judged.found === null ? '' : seconds(judged.found.limitMs),
  ]);
  const table = [['', 'fault', 'expected', 'seen', 'found after', 'limit'], ...cells];
  const widths = [0, 1, 2, 3, 4, 5].map((at) => Math.min(72, Math.max(...table.map((row) => row[at]?.length ?? 0))));
  const lines = table.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n\n${sentenceOf(totalsOf(rows, losses), losses)}\n`;
}

function sentenceOf(totals: Totals, losses: readonly Losses[]): string {
  const commits = losses.reduce((sum, one) => sum + one.checkedCommits, 0);
  const files = losses.reduce((sum, one) => sum + one.checkedFiles, 0);
  const threshold = totals.late === 0 ? 'all within threshold' : `${totals.late} TOO LATE`;
  const unmet = totals.unmet === 0 ? '' : `; ${totals.unmet} ENDED OTHERWISE`;
  return (
    `${totals.faults} faults: ${totals.falseKills} false kills, ${totals.lostCommits} lost commits, ${totals.lostFiles} lost files, ` +
    `${totals.stalls} stalls found, ${threshold}${unmet} (${totals.controls} healthy agents among them; ${commits} commits and ${files} files looked for)`
  );
}

function expectedOf({ ends }: Fault): string {
  const found =
    ends.found === undefined ? [] : [ends.found, ...(ends.found === 'stalled' && !ends.recovers ? ['ended'] : [])];
  return [...found, ...(ends.asks === undefined ? [] : ['asked']), ends.as].join(', ');
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
