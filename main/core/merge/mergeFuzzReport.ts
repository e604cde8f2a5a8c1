import type { FuzzCase } from './mergeFuzzRun.ts';

/** What a whole run of the fuzzing came to. */
export interface FuzzReport {
  readonly lines: readonly string[];
  /** Why the run is no success; empty when it is one. */
  readonly failures: readonly string[];
}

/** Share of merges whose outcome the prediction named, from which on it is good enough (issue 4). */
const AGREEMENT = 0.99;
/** Disagreements and losses that are printed one by one. */
const PRINTED = 40;

/** The tables of a run and whether it reached its goals. */
export function reportFuzz(cases: readonly FuzzCase[]): FuzzReport {
  const merged = cases.filter((one) => one.merged !== null);
  const silent = cases.filter((one) => one.silent.length > 0);
  const disagree = cases.filter((one) => !agrees(one));
  const planted = cases.flatMap((one) => (one.planted === null ? [] : [{ seed: one.seed, ...one.planted }]));
  const missed = planted.filter((one) => !one.found);
  const agreement = cases.length === 0 ? 0 : 1 - disagree.length / cases.length;
  const count = (test: (one: FuzzCase) => boolean): string => String(merged.filter(test).length);
  const gone = (one: FuzzCase): boolean => one.oracle.some(({ what }) => what === 'added line gone');
  const markers = cases.filter((one) => one.oracle.some(({ what }) => what === 'conflict marker'));
  const held = (one: FuzzCase): boolean => one.findings.some(({ verdict }) => verdict === 'lost');
  const lines = [
    `${cases.length} histories, ${merged.length} merged by tiers 1 and 2, ${cases.length - merged.length} left to tier 3 or a person`,
    '',
    ...table(['predicted', 'clean-merge', 'auto-resolve', 'not merged'], outcomes(cases)),
    '',
    ...table(
      ['merged', 'count'],
      [
        ['an added line is gone', count(gone)],
        [
          'a removed line is back (merge=union, or beside a change of the other side)',
          count((one) => one.oracle.some(({ what }) => what === 'removed line back')),
        ],
        [
          'the auditor names what stands for something',
          count((one) => one.findings.some(({ verdict }) => verdict === 'superseded')),
        ],
        ['the auditor would hold it', count(held)],
        ['lost without a word of the auditor', String(silent.length)],
        [`planted losses the auditor found, of ${planted.length}`, String(planted.length - missed.length)],
      ],
    ),
    '',
    `prediction agrees with the outcome in ${(100 * agreement).toFixed(2)} %`,
    ...disagree
      .slice(0, PRINTED)
      .map((one) => `  seed ${one.seed}: predicted ${one.predicted}, ${one.merged ?? 'not merged'}: ${stepsOf(one)}`),
    ...silent
      .slice(0, PRINTED)
      .map(
        (one) =>
          `LOST seed ${one.seed} (${one.merged}): ${one.silent.map((loss) => `${loss.side} ${loss.what} ${loss.tag}`).join(', ')}: ${stepsOf(one)}`,
      ),
    ...missed.slice(0, PRINTED).map((one) => `NOT FOUND seed ${one.seed}: ${one.tag} was taken out of the result`),
    ...merged
      .filter((one) => held(one))
      .slice(0, PRINTED)
      .map(
        (one) =>
          `held seed ${one.seed} (${one.merged}): ${one.findings
            .filter(({ verdict }) => verdict === 'lost')
            .map((finding) => `${finding.side} ${finding.what} ${finding.file}:${finding.line} ${finding.reason}`)
            .join(', ')}: ${stepsOf(one)}`,
      ),
  ];
  const failures = [
    ...(silent.length > 0 ? [`${silent.length} merges lost something without a word`] : []),
    ...(markers.length > 0 ? [`${markers.length} merges kept conflict markers`] : []),
    ...(missed.length > 0 ? [`the auditor missed ${missed.length} of ${planted.length} planted losses`] : []),
    ...(agreement < AGREEMENT ? [`the prediction agrees in ${(100 * agreement).toFixed(2)} % only`] : []),
  ];
  return { lines, failures };
}

/** A merge nobody but a model or a person can finish is predicted as either of their tiers. */
function agrees(one: FuzzCase): boolean {
  const left = one.predicted === 'ai-resolve' || one.predicted === 'reimagine';
  return one.merged === null ? left : one.merged === one.predicted;
}

function outcomes(cases: readonly FuzzCase[]): readonly (readonly string[])[] {
  return (['clean-merge', 'auto-resolve', 'ai-resolve'] as const).map((predicted) => {
    const of = (merged: FuzzCase['merged']): string =>
      String(cases.filter((one) => one.predicted === predicted && one.merged === merged).length);
    return [predicted, of('clean-merge'), of('auto-resolve'), of(null)];
  });
}

function stepsOf({ steps }: FuzzCase): string {
  return `target ${steps.target.join('; ') || 'nothing'} | branch ${steps.branch.join('; ') || 'nothing'}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_name, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
