import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PastWatchdog, WatchdogPolicy } from '../../../contract/watchdogPolicy.ts';
import { must } from '../db/testing/folder.ts';
import { openStores, type Stores } from '../stores.ts';
import { createPolicyRecord } from '../watchdog/policyRecord.ts';
import { pastWatchdog, recentActions, ruleViews } from '../watchdog/policyViews.ts';
import { resolveModes } from '../watchdog/rules.ts';
import { createReplay } from './replayService.ts';

let folder: string;
let stores: Stores;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'past-watchdog-'));
  stores = must(await openStores(folder));
});
afterEach(async () => {
  stores.close();
  await rm(folder, { recursive: true, force: true });
});

it('shows at each moment by what was judged then, and what had been done, with the outcomes known by then', async () => {
  const switched: Record<string, unknown> = {};
  let stale = 300_000;
  const modes = () => resolveModes({ off: [], shadow: [], live: [] }, switched);
  const policy = (): WatchdogPolicy => ({
    rules: Object.entries(modes()).map(([rule, mode]) => ({ rule: rule as keyof ReturnType<typeof modes>, ...mode })),
    limits: [{ name: 'staleThresholdMs', value: stale, preset: 300_000 }],
  });
  const record = createPolicyRecord(stores.control, policy);
  const replay = createReplay({
    stores,
    recordings: { list: () => Promise.reject(new Error('no terminal is asked for')) },
    clock: { now: Date.now },
    mergeThen: () => Promise.reject(new Error('no merge is asked for')),
    project: () => {
      throw new Error('the project is not asked for');
    },
  });
  const act = (mode: 'live' | 'shadow', outcome: string | null): number =>
    stores.watchdog.addAction({
      agentName: 'ada',
      runId: null,
      rule: 'nudge',
      mode,
      level: 1,
      action: 'nudge ada',
      reason: 'silent',
      undo: null,
      evidence: null,
      outcome,
    });
  const moments: { readonly at: number; readonly live: PastWatchdog }[] = [];
  const sample = async (): Promise<void> => {
    const at = Date.now();
    const { limits } = policy();
    const rules = ruleViews(stores.watchdog, modes(), at);
    moments.push({ at, live: { policy: { rules, limits }, recent: recentActions(stores.watchdog, at) } });
    // What comes next has a later time.
    await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(at);
  };

  const before = Date.now();
  await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(before);
  record.note();
  const first = act('live', null);
  await sample();
  switched.nudge = 'shadow';
  record.note();
  stores.watchdog.setOutcome(first, 'it answered');
  act('shadow', null);
  await sample();
  stale = 60_000;
  record.note();
  record.note();
  act('shadow', null);
  await sample();
  act('live', 'done');

  for (const { at, live } of moments)
    expect(must(await replay.watchdog({ at: new Date(at).toISOString() }))).toEqual(live);
  expect(moments.map(({ live }) => live.recent.map(({ outcome }) => outcome))).toEqual([
    [null],
    [null, 'it answered'],
    [null, null, 'it answered'],
  ]);
  expect(must(await replay.watchdog({ at: new Date(before).toISOString() }))).toEqual({ policy: null, recent: [] });
  expect(pastWatchdog(stores.watchdog.at(new Date(before).toISOString()), null, before).recent).toEqual([]);
});
