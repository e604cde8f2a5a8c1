import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AgentEvidence } from '../../../contract/evidence.ts';
import type { HistoryEvent } from '../../../contract/history.ts';
import type { MergeTrace, MergeTraceStep } from '../../../contract/mergeDetail.ts';
import type { RadarView, RadarWorktree } from '../../../contract/radar.ts';
import { roomContract } from '../../../contract/room.ts';
import { createTopicHub } from '../../../contract/wire/topicHub.ts';
import { timestamp } from '../../platform/clock.ts';
import { nodeScheduler } from '../../platform/scheduler.ts';
import { removeTestFolder, testFolder } from '../../platform/testFolders.ts';
import { createPastFacts, type PastFacts } from '../replay/pastFacts.ts';
import { pastEvidence, pastRadar, pastTrace } from '../replay/pastSights.ts';
import { openStores, type Stores } from '../stores.ts';
import { createRoomRecorder } from './roomRecorder.ts';

const START = Date.parse('2026-01-05T09:00:00.000Z');
let folder: string;
let stores: Stores;
let now = START;
const clock = { now: () => now };

async function open(): Promise<Stores> {
  const opened = await openStores(join(folder, '.overstory'));
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}
beforeEach(async () => {
  now = START;
  folder = await testFolder('recorder');
  await mkdir(join(folder, '.overstory'));
  stores = await open();
});
afterEach(async () => {
  stores.close();
  await removeTestFolder(folder);
});

function begin() {
  const hub = createTopicHub({ contract: roomContract, scheduler: nodeScheduler, validate: true });
  const recorder = createRoomRecorder({ hub, history: stores.history, clock, log: () => {} });
  return { hub, recorder };
}

function evidence(agentName: string, verdict: AgentEvidence['verdict'], detail = 'seen'): AgentEvidence {
  const signal = { state: 'fresh' as const, at: timestamp(now), detail };
  return {
    agentName,
    verdict,
    reason: `${agentName} is ${verdict}`,
    since: timestamp(now),
    signals: { process: signal, terminal: signal, events: signal, mail: signal, git: signal },
    level: null,
    next: null,
  };
}

function worktree(agentName: string, changedFiles: number): RadarWorktree {
  return {
    agentName,
    taskId: null,
    branch: `overstory/${agentName}/t`,
    running: true,
    changedFiles,
    uncommittedFiles: 0,
    merged: false,
    withTarget: [],
    withTargetCount: 0,
    problem: null,
  };
}

/** The room's facts at a moment, from what is stored. */
function factsAt(at: number): PastFacts {
  const facts = createPastFacts(() => null);
  for (const event of stores.history.before(at)) facts.apply(event);
  return facts;
}

it('signals and verdicts of a moment are what was published by then, and none before the engine looked', () => {
  const { hub, recorder } = begin();
  const shown: { readonly at: number; readonly byId: Readonly<Record<string, AgentEvidence>> }[] = [];
  const publish = (put: AgentEvidence[], remove: string[] = []): void => {
    hub.publish('evidence', { put, remove });
    hub.flush();
    shown.push({ at: now, byId: hub.state('evidence').byId });
    now += 5_000;
  };
  publish([evidence('ann', 'healthy'), evidence('ben', 'waiting')]);
  publish([evidence('ann', 'stalled')]);
  publish([], ['ben']);
  publish([evidence('ann', 'healthy')]);
  recorder.flush();
  expect(pastEvidence(factsAt(START - 1), 'ann')).toBeNull();
  for (const { at, byId } of shown)
    for (const name of ['ann', 'ben']) expect(pastEvidence(factsAt(at), name)).toEqual(byId[name] ?? null);
  recorder.close();
  // The next engine has looked at nobody yet: so did its room.
  now += 60_000;
  begin().recorder.close();
  expect(pastEvidence(factsAt(now), 'ann')).toBeNull();
  expect(pastEvidence(factsAt(now - 1), 'ann')?.verdict).toBe('healthy');
});

it('a radar is put together again as it was, pair by pair', () => {
  const { hub, recorder } = begin();
  const view = (changes: Partial<RadarView>): RadarView => ({
    enabled: true,
    target: 'main',
    lookedAt: timestamp(START),
    worktrees: [worktree('ann', 1), worktree('ben', 2)],
    pairs: [],
    order: [],
    cost: { milliseconds: 3, gitProcesses: 2, mergedPairs: 0 },
    ...changes,
  });
  const shown: { readonly at: number; readonly view: RadarView }[] = [];
  const pair = { one: 'ann', other: 'ben', conflicts: [{ path: 'a.txt', kind: 'content' as const }], count: 1 };
  for (const changes of [
    {},
    { pairs: [pair], order: [{ agentName: 'ann', clean: true, conflictsWith: [] }] },
    { pairs: [{ ...pair, conflicts: [...pair.conflicts, { path: 'b.txt', kind: 'deleted' as const }], count: 2 }] },
    { worktrees: [worktree('ann', 1)] },
  ]) {
    hub.publish('radar', { value: view(changes) });
    hub.flush();
    shown.push({ at: now, view: view(changes) });
    now += 1_000;
  }
  recorder.close();
  for (const one of shown) expect(pastRadar(factsAt(one.at))).toEqual(one.view);
  expect(pastRadar(factsAt(START - 1)).worktrees).toEqual([]);
});

it('the course of a merge is known step by step, and gone with a new attempt', async () => {
  const step = (name: string): MergeTraceStep => ({
    kind: 'gate',
    at: timestamp(Date.now()),
    ms: 1,
    name,
    command: `run ${name}`,
    outcome: 'passed',
    exitCode: 0,
    log: 'x',
  });
  const moments: { readonly at: number; readonly trace: MergeTrace | null }[] = [];
  const entry = stores.mergeQueue.enqueue({ branchName: 'b', taskId: 't', agentName: 'ann', filesModified: [] });
  const look = (): void => {
    moments.push({ at: Date.now(), trace: stores.mergeQueue.getTrace(entry.id) });
    // The moment is its own: nothing else is written in it.
    const entered = Date.now();
    while (Date.now() === entered);
  };
  look();
  const first: MergeTrace = { startedAt: timestamp(START), steps: [step('one')] };
  stores.mergeQueue.putTrace(entry.id, first);
  look();
  stores.mergeQueue.putTrace(entry.id, { ...first, steps: [...first.steps, step('two')] });
  look();
  stores.mergeQueue.removeTrace(entry.id);
  look();
  stores.mergeQueue.putTrace(entry.id, { startedAt: timestamp(START + 1), steps: [step('anew')] });
  look();
  expect(moments.map(({ trace }) => trace?.steps.length ?? 0)).toEqual([0, 1, 2, 0, 1]);
  for (const { at, trace } of moments) expect(pastTrace(factsAt(at), entry.id)).toEqual(trace);
});

it('what is too old is forgotten, but not what was still so then', () => {
  const { hub, recorder } = begin();
  for (const verdict of ['healthy', 'stalled', 'healthy'] as const) {
    hub.publish('evidence', { put: [evidence('ann', verdict), evidence(`only-${verdict}`, verdict)], remove: [] });
    hub.flush();
    now += 10_000;
  }
  hub.publish('evidence', { put: [], remove: ['only-stalled'] });
  hub.flush();
  recorder.close();
  const before = factsAt(now).rows('evidence');
  const count = (): number => stores.history.between(0, now, 1_000).filter(isEvidence).length;
  const all = count();
  expect(stores.history.forgetBefore(now)).toBeGreaterThan(0);
  expect(count()).toBeLessThan(all);
  expect([...factsAt(now).rows('evidence')]).toEqual([...before]);
});

it('a project from before this was recorded opens and records', async () => {
  stores.close();
  const file = join(folder, '.overstory', 'control-room.db');
  const other = new Database(file);
  other.exec('DROP TABLE ocr_observed');
  other.close();
  stores = await open();
  const { hub, recorder } = begin();
  hub.publish('evidence', { put: [evidence('ann', 'looping')], remove: [] });
  hub.flush();
  recorder.close();
  expect(pastEvidence(factsAt(now), 'ann')?.verdict).toBe('looping');
});

it('whoever publishes waits for no disk: rows are written together, later', () => {
  const { hub, recorder } = begin();
  hub.publish('evidence', { put: [evidence('ann', 'healthy')], remove: [] });
  hub.flush();
  expect(stores.history.between(0, now, 10).filter(isEvidence)).toEqual([]);
  recorder.flush();
  expect(stores.history.between(0, now, 10).filter(isEvidence)).toHaveLength(1);
  recorder.close();
});

function isEvidence(event: HistoryEvent): boolean {
  return event.kind === 'evidence';
}
