import { expect, test } from 'vitest';
import { missingPackages } from './debianPackages.ts';

test('only fully installed packages count', () => {
  const output = 'xvfb installed\nxauth config-files\nlibcups2t64 installed\n';
  expect(missingPackages(output, ['xvfb', 'xauth', 'libcups2', 'dbus'])).toEqual(['xauth', 'dbus']);
});

test('nothing is missing when all are installed', () => {
  expect(missingPackages('a installed\nb installed\n', ['a', 'b'])).toEqual([]);
});
