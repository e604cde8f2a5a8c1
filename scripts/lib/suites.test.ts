import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../build/layout.ts';
import { closingLine, countTests } from './suites.ts';

test('a closing line is plain', () => {
  expect(closingLine({ name: 'unit', passed: 12, failed: 0, failures: [] })).toBe('unit: 12 passed, 0 failed');
});

test('below a closing line stands what failed', () => {
  const report = {
    success: false,
    numPassedTests: 2,
    numFailedTests: 1,
    testResults: [
      {
        name: join(ROOT, 'main/a.test.ts'),
        status: 'failed',
        message: '',
        assertionResults: [
          { fullName: 'holds', status: 'passed' },
          { fullName: 'breaks', status: 'failed', failureMessages: ['Error: expected 1\n  at a.test.ts'] },
        ],
      },
      { name: join(ROOT, 'main/b.test.ts'), status: 'failed', message: 'does not load', assertionResults: [] },
    ],
  };
  expect(closingLine(countTests('unit', report, 1))).toBe(
    [
      'unit: 2 passed, 1 failed',
      '  main/a.test.ts > breaks: Error: expected 1',
      '      at a.test.ts',
      '  main/b.test.ts: does not load',
    ].join('\n'),
  );
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
