import type { Row } from './measure.ts';
import { figure } from './stats.ts';

const HEAD = ['measure', 'ours', 'ref', 'ratio', 'goal', ''] as const;

/** The rows as a table, notes below their row. */
export function renderTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    `${figure(row.ours)} ${row.unit}`.trimEnd(),
    row.reference === null ? '-' : figure(row.reference),
    row.ratio === null ? '-' : `${figure(row.ratio)}x`,
    row.goal ?? '-',
    row.pass === null ? '' : row.pass ? 'ok' : 'MISSED',
  ]);
  const widths = HEAD.map((title, column) =>
    Math.max(title.length, ...cells.map((line) => (line[column] ?? '').length)),
  );
  const line = (parts: readonly string[]): string =>
    parts
      .map((part, column) => (column === 0 ? part.padEnd(widths[0] ?? 0) : part.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const body = cells.flatMap((parts, index) => {
    const note = rows[index]?.note ?? '';
    return note === '' ? [line(parts)] : [line(parts), `    ${note}`];
  });
  return [line(HEAD), '-'.repeat(widths.reduce((sum, width) => sum + width + 2, 0)), ...body].join('\n');
}
