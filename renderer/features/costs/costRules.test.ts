import { describe, expect, it } from 'vitest';
import { money } from '../../../contract/amounts.ts';
import { capWords, forecastWords } from '../../../contract/capWords.ts';
import type { CostGroup } from '../../../contract/costs.ts';
import type { CapView } from '../../../contract/governor.ts';
import {
  costWords,
  filterGroups,
  hourWords,
  missingWords,
  sharesOf,
  shortCount,
  sourceWords,
  toCsv,
} from './costRules.ts';
import { costGroup } from './costTestData.ts';
import { periodInput } from './periods.ts';

describe('figures', () => {
  it.each([
    [null, false, '–'],
    [0, false, '$0.00'],
    [0.004, true, '~under $0.01'],
    [4.18, false, '$4.18'],
    [4.18, true, '~$4.18'],
    [123_456.7, false, '$123,457'],
  ])('%s dollars, estimated %s: %s', (usd, estimated, shown) => expect(money(usd, estimated)).toBe(shown));

  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1.0k'],
    [99_940, '99.9k'],
    [123_456, '123k'],
    [999_960, '1.0M'],
    [3_100_000, '3.1M'],
    [162_000_000, '162M'],
    [2_400_000_000, '2.4B'],
  ])('%i tokens: %s', (count, shown) => expect(shortCount(count)).toBe(shown));

  it.each<[Partial<CostGroup>, string, string]>([
    [{ usd: 2, reportedUsd: 2 }, '2.00', 'told by the runtimes'],
    [{ usd: 2, estimatedUsd: 2 }, '~2.00', 'estimated from tokens'],
    [{ usd: 3, reportedUsd: 2, estimatedUsd: 1 }, '~3.00', '$2.00 told, ~$1.00 estimated'],
    [{ usd: null, unpricedTurns: 1 }, '?', 'no dollars known'],
    [{ usd: null, turns: 0 }, '–', 'no turn yet'],
    [{ usd: 2, reportedUsd: 2, silentTurns: 1 }, '2.00 + ?', 'told by the runtimes'],
    [{ usd: 0.001, reportedUsd: 0.001 }, '<0.01', 'told by the runtimes'],
    [{ usd: 0, reportedUsd: 0 }, '0.00', 'told by the runtimes'],
  ])('%j: %s, %s', (figures, cost, source) => {
    const group = costGroup('x', { reportedUsd: 0, estimatedUsd: 0, ...figures });
    expect(costWords(group)).toBe(cost);
    expect(sourceWords(group)).toBe(source);
  });

  it('says which turns are missing in a sum', () => {
    expect(missingWords(costGroup('x'))).toBeNull();
    expect(missingWords(costGroup('x', { unpricedTurns: 1, silentTurns: 2 }))).toBe(
      'not in it: 1 turn of a model whose price is not known, 2 turns whose runtime told nothing of its use',
    );
  });

  it('tells the last hour in words', () => {
    const minutes = Array.from({ length: 60 }, () => 0);
    expect(hourWords({ lastHour: minutes })).toContain('nothing in the last hour');
    expect(hourWords({ lastHour: minutes.with(56, 0.3).with(10, 0.1) })).toBe(
      'Spending by the minute: $0.40 in the last hour, most 3 minutes ago with $0.30',
    );
  });
});

describe('caps', () => {
  const cap = (more: Partial<CapView>): CapView => ({
    scope: 'run',
    id: 'r',
    measure: 'usd',
    used: 4,
    limit: 10,
    level: 'ok',
    minutesLeft: null,
    ...more,
  });
  it.each<[Partial<CapView>, string, string]>([
    [{}, '$4.00 of $10.00', ''],
    [{ minutesLeft: 75 }, '$4.00 of $10.00', 'reached in 1 h 15 min at this rate'],
    [{ measure: 'turns', used: 12, limit: 20, level: 'soft' }, '12 of 20 turns', 'comes near'],
    [
      { measure: 'minutes', used: 61.4, limit: 60, level: 'over' },
      '1 h 1 min of 1 h',
      'reached: no further turn begins',
    ],
  ])('%j', (more, words, forecast) => {
    expect(capWords(cap(more))).toBe(words);
    expect(forecastWords(cap(more))).toBe(forecast);
  });
});

describe('shares', () => {
  it('divides dollars between work, leading and watching', () => {
    const shares = sharesOf([
      costGroup('builder', { usd: 6 }),
      costGroup('lead', { usd: 3 }),
      costGroup('monitor', { usd: 1 }),
      costGroup('scout', { usd: null }),
    ]);
    expect(shares?.measure).toBe('usd');
    expect(shares?.parts.map((part) => [part.name, part.share])).toEqual([
      ['work', 0.6],
      ['leading', 0.3],
      ['watching', 0.1],
    ]);
  });
  it('divides tokens where no dollars are known, and nothing where nothing was used', () => {
    expect(sharesOf([costGroup('builder', { usd: null, inputTokens: 10 })])?.measure).toBe('tokens');
    expect(sharesOf([])).toBeNull();
  });
});

describe('rows', () => {
  const groups = [
    costGroup('csv-writer', { model: 'opus', taskId: 'OV-1' }),
    costGroup('html-writer', { model: 'gpt-5', taskId: 'OV-2' }),
  ];
  it('fit when every word occurs somewhere', () => {
    expect(filterGroups(groups, ' WRITER opus').map(({ key }) => key)).toEqual(['csv-writer']);
    expect(filterGroups(groups, '')).toBe(groups);
    expect(filterGroups(groups, 'nothing')).toEqual([]);
  });
  it('become CSV whose cells no spreadsheet runs', () => {
    const csv = toCsv('agent', [costGroup('=cmd()', { model: 'a "b", c', usd: 1, reportedUsd: 1 })]);
    const [head, row] = csv.split('\r\n');
    expect(head).toMatch(/^agent,role,model,runtime,task,agents,turns,input tokens/);
    expect(row).toMatch(/^'=cmd\(\),builder,"a ""b"", c",/);
    expect(toCsv('model', []).startsWith('model,role,runtime')).toBe(true);
  });
});

describe('periods', () => {
  const now = new Date(2026, 10, 23, 14, 40);
  it.each([
    [{ period: 'all' }, 'r', {}, null],
    [{ period: 'today' }, 'r', { from: new Date(2026, 10, 23).toISOString() }, null],
    [{ period: 'run' }, 'r', { run: 'r' }, 'r'],
    [{ period: 'run' }, null, { from: new Date(2026, 10, 23).toISOString() }, null],
    [{ run: 'old' }, 'r', { run: 'old' }, 'old'],
  ] as const)('%j', (chosen, current, question, runId) => {
    expect(periodInput(chosen, current, now)).toEqual({ question, runId });
  });
});
