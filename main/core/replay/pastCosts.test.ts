import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { COST_GROUPS, type CostGrouping, type PastCosts } from '../../../contract/costs.ts';
import { must } from '../db/testing/folder.ts';
import { costOverview, pastCosts } from '../governor/costOverview.ts';
import { burnOf } from '../governor/governorView.ts';
import { openStores, type Stores } from '../stores.ts';

let folder: string;
let stores: Stores;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'past-costs-'));
  stores = must(await openStores(folder));
});
afterEach(async () => {
  stores.close();
  await rm(folder, { recursive: true, force: true });
});

const iso = (at: number): string => new Date(at).toISOString();

function begin(turnId: string, agentName: string, capability: string, model: string, runId: string): void {
  must(
    stores.turns.start({
      turnId,
      agentName,
      capability,
      runtime: 'claude',
      model,
      taskId: `task-${agentName}`,
      runId,
      startedAt: iso(Date.now()),
      sessionId: agentName,
      prompt: '',
      logDirectory: '/l',
      resumeId: null,
    }),
  );
}

function end(turnId: string, costUsd: number | null, costSource: 'runtime' | 'estimate' | null, tokens: number | null) {
  const endedAt = iso(Date.now());
  const told = { costUsd, costSource, inputTokens: tokens, outputTokens: tokens };
  must(stores.turns.end(turnId, { endedAt, exitCode: 0, signal: null, outcome: 'rest', reason: null, ...told }));
}

function note(summary: string): void {
  const data = JSON.stringify({ type: 'budget', summary });
  stores.events.insert({ agentName: 'operator', eventType: 'custom', level: 'warn', data, createdAt: iso(Date.now()) });
}

/** What the live screen shows, without what is not recorded. */
function shown(by: CostGrouping, now: number, run?: string): PastCosts {
  const { usage } = stores;
  const view = {
    burnUsdPerMinute: burnOf({ now, paid: usage }),
    estimated: false,
    unpricedTurns: 0,
    caps: [],
    pauses: [],
    breakers: [],
  };
  const triage = { asked: 0, failed: 0, charactersIn: 0, charactersOut: 0, tokensIn: 0, tokensOut: 0 };
  const sources = { stores, governor: { view: () => view, caps: () => [] }, triage: () => triage };
  const input = { by, ...(run === undefined ? {} : { run }) };
  const { caps: _caps, triage: _triage, merging: _merging, ...rest } = costOverview(sources, input, now);
  return rest;
}

/** Sums of fractions depend on their order in the last digit. */
const rounded = (costs: PastCosts): unknown =>
  JSON.parse(
    JSON.stringify(costs, (_key, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(9)) : value)),
  );

it('shows at each moment what the costs were then: of every agent, role, model and run, with the rate of then', async () => {
  const moments: { readonly at: number; readonly live: ReadonlyMap<string, unknown> }[] = [];
  const looks = [...COST_GROUPS.map((by) => [by] as const), ['agent', 'run-1'] as const];
  const sample = async (): Promise<void> => {
    const at = Date.now();
    moments.push({ at, live: new Map(looks.map(([by, run]) => [`${by} ${run}`, rounded(shown(by, at, run))])) });
    // What comes next has a later time.
    await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(at);
  };

  begin('t1', 'ada', 'builder', 'opus', 'run-1');
  begin('t2', 'lea', 'lead', 'opus', 'run-1');
  await sample();
  end('t1', 0.1, 'runtime', 100);
  note('ada comes near its cap');
  begin('t3', 'ada', 'builder', 'haiku', 'run-1');
  await sample();
  end('t2', 0.2, 'estimate', 70);
  end('t3', null, null, null);
  begin('t4', 'ben', 'scout', 'opus', 'run-2');
  note('ben is paused');
  await sample();
  end('t4', 5, 'runtime', 9);

  for (const { at, live } of moments)
    for (const [by, run] of looks)
      expect(rounded(pastCosts(stores, { by, ...(run === undefined ? {} : { run }) }, at))).toEqual(
        live.get(`${by} ${run}`),
      );
  const [first, second, third] = moments.map(({ at }) => pastCosts(stores, { by: 'agent' }, at));
  expect(first).toMatchObject({ totals: { turns: 2, runningTurns: 2, usd: null }, burnUsdPerMinute: null, notes: [] });
  expect(second).toMatchObject({ totals: { turns: 3, runningTurns: 2, usd: 0.1, inputTokens: 100 } });
  expect(third).toMatchObject({ totals: { turns: 4, runningTurns: 1, reportedUsd: 0.1, silentTurns: 1 } });
  expect(third?.notes.map(({ summary }) => summary)).toEqual(['ben is paused', 'ada comes near its cap']);
});
