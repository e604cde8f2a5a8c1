import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../build/layout.ts';
import { readSources } from './sources.ts';
import { SPEC_CASES } from './specCases.ts';

/** Ids in the names of tests, in whatever file. */
async function namedInTests(): Promise<ReadonlySet<string>> {
  const tests = await readSources((path) => path.startsWith('main/') && path.endsWith('.test.ts'));
  return new Set(tests.flatMap(({ text }) => [...text.matchAll(/\b(?:SP|CT)\d+\b/g)].map(([id]) => id)));
}

describe('cases of spec 02 §3.16 and §4.9', () => {
  it('each is a named test, or is told to have nothing to apply to', async () => {
    const tested = await namedInTests();
    const expected = SPEC_CASES.filter((one) => one.nothing !== true);
    expect(expected.filter((one) => !tested.has(one.id))).toEqual([]);
    const known = new Set(expected.map((one) => one.id));
    expect([...tested].filter((id) => !known.has(id))).toEqual([]);
    expect([SPEC_CASES.length, expected.length]).toEqual([176, 163]);
  });

  it('docs/compatibility.md names exactly those that have nothing to apply to', async () => {
    const page = await readFile(join(ROOT, 'docs/compatibility.md'), 'utf8');
    const told = [...page.matchAll(/\b(?:SP|CT)\d+\b/g)].map(([id]) => id).sort();
    const nothing = SPEC_CASES.filter((one) => one.nothing === true).map((one) => one.id);
    expect(told).toEqual([...nothing].sort());
  });
});
