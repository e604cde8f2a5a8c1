import { expect, it } from 'vitest';
import { generateHistory } from './mergeFuzzHistories.ts';
import { reportFuzz } from './mergeFuzzReport.ts';
import { runMergeFuzz } from './mergeFuzzRun.ts';

/** What fits into a unit suite; `npm run fuzz` takes two thousand. */
const HISTORIES = 90;

it('generated histories through tiers 1 and 2: nothing lost without a word, prediction and outcome agree, planted losses are found', async () => {
  const cases = await runMergeFuzz({ firstSeed: 90_001, count: HISTORIES, plantEvery: 6 });
  const { failures, lines } = reportFuzz(cases);
  expect(failures, lines.join('\n')).toEqual([]);
  expect(cases.filter((one) => one.planted !== null).length).toBeGreaterThan(5);
  // Every way a merge can end has to be among them, or the run says little.
  expect(new Set(cases.map((one) => one.merged))).toEqual(new Set(['clean-merge', 'auto-resolve', null]));
}, 180_000);

it('the same seed gives the same history', () => {
  expect(generateHistory(7)).toEqual(generateHistory(7));
  expect(generateHistory(7)).not.toEqual(generateHistory(8));
});
