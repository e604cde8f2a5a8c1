import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentEvidence } from '../../../contract/evidence.ts';
import { timestamp } from '../../platform/clock.ts';
import { createThinner, evidenceSight, THIN_MS } from './observations.ts';
import type { Observed } from './observedTable.ts';

const START = Date.parse('2026-01-05T09:00:00.000Z');

function evidence(verdict: AgentEvidence['verdict'], second: number): AgentEvidence {
  const signal = { state: 'fresh' as const, at: timestamp(START + second * 1_000), detail: `at ${second}` };
  return {
    agentName: 'ann',
    verdict,
    reason: `seen at ${second}`,
    since: timestamp(START),
    signals: { process: signal, terminal: signal, events: signal, mail: signal, git: signal },
    level: null,
    next: null,
  };
}

describe('what is stored of an agent that changes every second', () => {
  it('is one row a minute while nothing of the verdict changes, and the verdict at once', () => {
    const thinner = createThinner();
    const stored: Observed[] = [];
    for (let second = 0; second <= 200; second += 1) {
      const at = START + second * 1_000;
      stored.push(...thinner.due(at));
      const row = thinner.see('evidence', evidenceSight(evidence(second < 90 ? 'healthy' : 'stalled', second)), at);
      if (row !== null) stored.push(row);
    }
    expect(stored.map((row) => (row.at - START) / 1_000)).toEqual([0, 60, 90, 150]);
  });

  it('ends with what was seen last, a minute later at the latest', () => {
    const thinner = createThinner();
    thinner.see('evidence', evidenceSight(evidence('healthy', 0)), START);
    thinner.see('evidence', evidenceSight(evidence('healthy', 7)), START + 7_000);
    expect(thinner.nextDue()).toBe(START + (THIN_MS.evidence ?? 0));
    expect(thinner.due(START + 59_999)).toEqual([]);
    expect(thinner.due(START + 60_000)).toEqual([
      { at: START + 60_000, kind: 'evidence', key: 'ann', value: evidence('healthy', 7) },
    ]);
    expect(thinner.nextDue()).toBeNull();
  });

  it('is nothing when it comes back to what is stored', () => {
    const thinner = createThinner();
    thinner.see('evidence', evidenceSight(evidence('healthy', 0)), START);
    thinner.see('evidence', evidenceSight(evidence('healthy', 3)), START + 3_000);
    thinner.see('evidence', evidenceSight(evidence('healthy', 0)), START + 5_000);
    expect(thinner.due(START + 100_000)).toEqual([]);
  });
});

it('folded to any moment, what is stored has the sign of what was seen then, and all of it when its time is over', () => {
  const seen = fc.record({
    wait: fc.nat(40_000),
    key: fc.constantFrom('ann', 'ben'),
    sign: fc.constantFrom('healthy', 'stalled'),
    detail: fc.nat(3),
    gone: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 40 }), (drafts) => {
      const thinner = createThinner({ evidence: 30_000 });
      const stored: Observed[] = [];
      /** What is shown from each moment on. */
      const shown: { readonly at: number; readonly state: ReadonlyMap<string, { sign: string; detail: number }> }[] =
        [];
      let state = new Map<string, { sign: string; detail: number }>();
      let now = START;
      for (const { wait, key, sign, detail, gone } of drafts) {
        now += wait + 1;
        stored.push(...thinner.due(now));
        state = new Map(state);
        if (gone) {
          state.delete(key);
          stored.push(...[thinner.gone('evidence', key, now)].flatMap((row) => row ?? []));
        } else {
          state.set(key, { sign, detail });
          const row = thinner.see('evidence', { key, value: { sign, detail }, sign }, now);
          if (row !== null) stored.push(row);
        }
        shown.push({ at: now, state });
      }
      stored.push(...thinner.due(now + 30_000));
      const fold = (at: number): Map<string, unknown> => {
        const folded = new Map<string, unknown>();
        for (const row of stored) {
          if (row.at > at) continue;
          if (row.value === null) folded.delete(row.key);
          else folded.set(row.key, row.value);
        }
        return folded;
      };
      const signs = (of: ReadonlyMap<string, unknown>) =>
        [...of].map(([key, value]) => [key, (value as { readonly sign: string }).sign]).sort();
      for (const one of shown) expect(signs(fold(one.at))).toEqual(signs(one.state));
      expect([...fold(now + 30_000)].sort()).toEqual([...state].sort());
    }),
  );
});
