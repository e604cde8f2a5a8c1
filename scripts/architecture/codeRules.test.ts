import { beforeAll, expect, test } from 'vitest';
import { blankComments } from './imports.ts';
import { isCode, isTest, readSources, type Source } from './sources.ts';

/** Lines a file of code may have. */
const MOST_LINES = 500;

let code: readonly Source[] = [];
beforeAll(async () => {
  code = await readSources(isCode);
});

function linesThat(pattern: RegExp, sources: readonly Source[]): readonly string[] {
  return sources.flatMap((source) =>
    blankComments(source.text)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${source.path}:${index + 1}: ${line.trim()}`] : [])),
  );
}

test('no file of code is longer than 500 lines', () => {
  const long = code
    .map((source) => ({ path: source.path, lines: source.text.trimEnd().split('\n').length }))
    .filter((file) => file.lines > MOST_LINES);
  expect(long).toEqual([]);
});

test('no test is skipped, and none runs alone', () => {
  const tests = code.filter((source) => isTest(source.path));
  expect(linesThat(/\b(?:test|it|describe|suite)\s*\.\s*(?:skip|only|todo|fails|skipIf|runIf)\b/, tests)).toEqual([]);
  expect(linesThat(/^\s*(?:xit|xtest|xdescribe|fit|fdescribe)\s*\(/, tests)).toEqual([]);
});

test('pure code asks no clock, and rules throw no dice', () => {
  const product = code.filter((source) => !isTest(source.path));
  const rules = product.filter((source) => /Rules\.tsx?$/.test(source.path));
  const pure = [...rules, ...product.filter((source) => source.path.startsWith('contract/'))];
  expect(rules.length).toBeGreaterThan(3);
  const clock = /\bDate\s*\.\s*now\b|\bnew\s+Date\s*\(\s*\)|\bperformance\s*\.\s*now\b/;
  expect(linesThat(clock, pure)).toEqual([]);
  expect(linesThat(/\bMath\s*\.\s*random\b|\brandom(?:Bytes|UUID)\b/, rules)).toEqual([]);
});

test('nothing is exported as default, configurations aside', () => {
  const modules = code.filter((source) => /\.(ts|tsx|mjs)$/.test(source.path) && !source.path.endsWith('.config.ts'));
  expect(linesThat(/^\s*export\s+(?:default\b|\{[^}]*\bas\s+default\b)/, modules)).toEqual([]);
});

test('types are not switched off', () => {
  const own = code.filter((source) => /\.(ts|tsx)$/.test(source.path));
  const suppressed = own.filter(
    (source) => /@ts-(?:ignore|nocheck)/.test(source.text) && !source.path.endsWith('codeRules.test.ts'),
  );
  expect(suppressed.map((source) => source.path)).toEqual([]);
});
