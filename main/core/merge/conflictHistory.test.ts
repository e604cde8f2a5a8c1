import { describe, expect, it } from 'vitest';
import { type ConflictRecord, historyFor, parseConflictRecords } from './conflictHistory.ts';

const text = (outcome: string, tier: string, files: string) =>
  `Merge conflict ${outcome} at tier ${tier}. Branch: overstory/a/t. Agent: a. Conflicting files: ${files}.`;

describe('records of the original overstory', () => {
  it('one success', () => {
    expect(parseConflictRecords(text('resolved', 'auto-resolve', 'src/a.ts'))).toEqual([
      { outcome: 'resolved', tier: 'auto-resolve', branchName: 'overstory/a/t', agentName: 'a', files: ['src/a.ts'] },
    ]);
  });

  it('one failure with two files', () => {
    expect(parseConflictRecords(text('failed', 'ai-resolve', 'src/a.ts, b.test.ts'))).toMatchObject([
      { outcome: 'failed', tier: 'ai-resolve', files: ['src/a.ts', 'b.test.ts'] },
    ]);
  });

  it('two among noise, as lines of a JSON file', () => {
    const lines = [
      '{"type":"pattern","description":"Use real files in tests."}',
      JSON.stringify({ description: text('resolved', 'reimagine', 'x.ts') }),
      'no JSON at all. Branch: nothing.',
      JSON.stringify({ description: text('failed', 'auto-resolve', 'y.ts'), evidence: 'task' }),
    ];
    expect(parseConflictRecords(lines.join('\n')).map(({ outcome, files }) => [outcome, ...files])).toEqual([
      ['resolved', 'x.ts'],
      ['failed', 'y.ts'],
    ]);
  });

  it('nothing of nothing', () => {
    expect(parseConflictRecords('')).toEqual([]);
  });
});

describe('what the past says', () => {
  const record = (
    outcome: ConflictRecord['outcome'],
    tier: ConflictRecord['tier'],
    ...files: string[]
  ): ConflictRecord => ({
    outcome,
    tier,
    branchName: 'b',
    agentName: 'a',
    files,
  });

  it('records of other files say nothing', () => {
    const past = [record('failed', 'ai-resolve', 'x'), record('failed', 'ai-resolve', 'x')];
    expect(historyFor(past, ['y'])).toEqual({ skipTiers: [], pastResolutions: [], predictedConflictFiles: [] });
  });

  it.each([
    ['two failures skip the tier', ['failed', 'failed'], ['ai-resolve']],
    ['a success among them does not', ['failed', 'resolved', 'failed'], []],
    ['one failure does not', ['failed'], []],
  ] as const)('%s', (_name, outcomes, skipped) => {
    const past = outcomes.map((outcome) => record(outcome, 'ai-resolve', 'x'));
    expect(historyFor(past, ['x']).skipTiers).toEqual(skipped);
  });

  it('successes are told in order, and files are joined and sorted', () => {
    const past = [
      record('resolved', 'ai-resolve', 'b', 'x'),
      record('failed', 'reimagine', 'x', 'c'),
      record('resolved', 'auto-resolve', 'x'),
    ];
    expect(historyFor(past, ['x'])).toEqual({
      skipTiers: [],
      pastResolutions: ['b, x: resolved by ai-resolve', 'x: resolved by auto-resolve'],
      predictedConflictFiles: ['b', 'c', 'x'],
    });
  });
});
