import type { CallError, ErrorTag } from '../../contract/result.ts';
import { neutralLine } from '../platform/neutralText.ts';
import { print } from './descriptors.ts';

/** Error codes of the command line (spec 02 §0.3, spec 03 §0.3). */
const CODES: Readonly<Record<ErrorTag, string>> = {
  validation: 'VALIDATION_ERROR',
  notFound: 'NOT_FOUND',
  conflict: 'CONFLICT_ERROR',
  invalidState: 'AGENT_ERROR',
  capacity: 'AGENT_ERROR',
  config: 'CONFIG_ERROR',
  agent: 'AGENT_ERROR',
  hierarchy: 'HIERARCHY_VIOLATION',
  worktree: 'WORKTREE_ERROR',
  mail: 'MAIL_ERROR',
  merge: 'MERGE_ERROR',
  group: 'GROUP_ERROR',
  unavailable: 'UNAVAILABLE',
  unauthorized: 'UNAUTHORIZED',
  cancelled: 'CANCELLED',
  timeout: 'TIMEOUT',
  internal: 'INTERNAL_ERROR',
};

/** How a command speaks: text for people, one JSON line for programs (spec 02 §0.2). */
export interface Output {
  readonly json: boolean;
  readonly quiet: boolean;
}

/** One line of JSON. What JSON leaves as it is but a terminal would obey (DEL, C1, reversed writing) is escaped. */
function jsonLine(value: unknown): string {
  const text = JSON.stringify(value).replace(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${text}\n`;
}

/**
 * Ends a command with its result: one JSON line, or the given lines. `quiet` leaves the lines out. Agents write much of
 * what is shown here: nothing in it reaches the terminal as a control sequence, and each line stays one line.
 */
export function succeed(
  output: Output,
  command: string,
  data: Readonly<Record<string, unknown>>,
  lines: readonly string[],
): void {
  if (output.json) print(jsonLine({ success: true, command, ...data }));
  else if (!output.quiet && lines.length > 0) print(lines.map((line) => `${neutralLine(line)}\n`).join(''));
}

/** Ends a command with a failure: JSON line on stdout, or one line on stderr; exit code 1. */
export function failWith(output: Output, error: CallError): void {
  if (output.json) print(jsonLine({ success: false, command: 'ov', error: error.message }));
  else process.stderr.write(`Error [${CODES[error.tag]}]: ${neutralLine(error.message)}\n`);
  process.exitCode = 1;
}

/** A remark that never mixes with a JSON line. */
export function warn(line: string): void {
  process.stderr.write(`${neutralLine(line)}\n`);
}

/** Pads columns of a small table; widths follow the content. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_cell, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
