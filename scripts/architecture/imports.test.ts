import { expect, test } from 'vitest';
import { blankComments, packageOf, parseImports, resolveImport } from './imports.ts';

const specifiers = (text: string): readonly string[] => parseImports(text).map((found) => found.specifier);

test.each([
  [`import { a } from './a.ts';`, './a.ts', false],
  [`import a, { type b } from "b";`, 'b', false],
  [`import * as all from 'node:path';`, 'node:path', false],
  [`import './styles.css';`, './styles.css', false],
  [`import type { A } from '../a.ts';`, '../a.ts', true],
  [`export { a } from './a.ts';`, './a.ts', false],
  [`export * from './a.ts';`, './a.ts', false],
  [`export type { A } from './a.ts';`, './a.ts', true],
  [`const a = await import('./a.ts');`, './a.ts', false],
  [`const a = require('a');`, 'a', false],
  [`import {\n  one,\n  two,\n} from '@scope/a/b';`, '@scope/a/b', false],
])('%s', (text, specifier, typeOnly) => {
  expect(parseImports(text)).toEqual([{ specifier, typeOnly }]);
});

test.each([
  [`// import { a } from './a.ts';`],
  [`/* import './a.ts'; */`],
  ['const text = `import { a } from "./a.ts";`;'],
  [`const pattern = /import ['"]x['"]/;`],
  [`export const a = 'b';`],
  [`export function from(): string { return 'x'; }`],
])('nothing is imported by %s', (text) => {
  expect(parseImports(text)).toEqual([]);
});

test('imports after an expression with quotes are still seen', () => {
  expect(specifiers(`const quote = /["'\`]/g;\nimport { a } from './a.ts';`)).toEqual(['./a.ts']);
  expect(specifiers(`const half = size / 2; // "\nimport('./b.ts');`)).toEqual(['./b.ts']);
});

test('blanking keeps every line where it was', () => {
  expect(blankComments('a /* x\ny */ b // c\nd')).toBe('a     \n     b     \nd');
});

test('relative specifiers become paths from the root, others name a package', () => {
  expect(resolveImport('main/cli/index.ts', '../platform/clock.ts')).toBe('main/platform/clock.ts');
  expect(resolveImport('main/index.ts', 'zod')).toBeNull();
  expect(packageOf('@xterm/xterm/css/xterm.css')).toBe('@xterm/xterm');
  expect(packageOf('react/jsx-runtime')).toBe('react');
});
