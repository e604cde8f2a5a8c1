import { expect, test } from 'vitest';
import { closingLine, countTests } from './suites.ts';

test('a closing line is plain', () => {
  expect(closingLine({ name: 'unit', passed: 12, failed: 0 })).toBe('unit: 12 passed, 0 failed');
});

test.each([
  ['all passed', { success: true, numPassedTests: 3, numFailedTests: 0 }, 0, { passed: 3, failed: 0 }],
  ['some failed', { success: false, numPassedTests: 2, numFailedTests: 1 }, 1, { passed: 2, failed: 1 }],
  ['no report', null, 0, { passed: 0, failed: 1 }],
  ['no test at all', { success: true, numPassedTests: 0, numFailedTests: 0 }, 0, { passed: 0, failed: 1 }],
  [
    'a hook failed',
    { success: false, numPassedTests: 2, numFailedTests: 0, numFailedTestSuites: 2 },
    1,
    { passed: 2, failed: 2 },
  ],
  [
    'an unhandled error',
    { success: true, numPassedTests: 2, numFailedTests: 0, numFailedTestSuites: 0 },
    1,
    { passed: 2, failed: 1 },
  ],
] as const)('%s', (_, report, exitCode, expected) => {
  expect(countTests('unit', report, exitCode)).toMatchObject(expected);
});
