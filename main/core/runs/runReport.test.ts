import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RunReportFacts, reportRun } from './runReport.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 23, 10, minute)).toISOString();
const mail = (id: string, from: string, to: string, type: 'status' | 'question', minute: number, thread?: string) => ({
  id,
  from,
  to,
  type,
  threadId: thread ?? null,
  createdAt: at(minute),
  dead: false,
});
const facts: RunReportFacts = {
  run: { id: 'run-1', status: 'completed', startedAt: at(0), completedAt: at(30) },
  now: Date.parse(at(59)),
  agents: [
    { agentName: 'coordinator', capability: 'coordinator', state: 'completed' },
    { agentName: 'ann', capability: 'builder', state: 'completed' },
    { agentName: 'bob', capability: 'builder', state: 'zombie' },
  ],
  turns: [
    { startedAt: at(0), endedAt: at(10), outcome: 'done', costUsd: 1, costSource: 'runtime' },
    { startedAt: at(5), endedAt: at(10), outcome: 'retry', costUsd: 0.5, costSource: 'estimate' },
    { startedAt: at(10), endedAt: at(12), outcome: 'dead', costUsd: null, costSource: null },
  ],
  merges: [
    { status: 'merged', resolvedTier: 'clean-merge' },
    { status: 'merged', resolvedTier: 'auto-resolve' },
    { status: 'conflict', resolvedTier: null },
  ],
  mergedLines: 300,
  mail: [
    mail('m1', 'ann', 'operator', 'question', 3),
    mail('m2', 'operator', 'ann', 'status', 7, 'm1'),
    mail('m3', 'bob', 'operator', 'question', 20),
    { ...mail('m4', 'ann', 'nobody', 'status', 21), dead: true },
  ],
  watchdogActions: [
    { agentName: 'ann', mode: 'live', level: 1 },
    { agentName: 'bob', mode: 'live', level: 3 },
    { agentName: 'ann', mode: 'shadow', level: 1 },
  ],
};

describe('the after-run report (product.md B10)', () => {
  it('adds a run up', () => {
    const minutes = 60_000;
    expect(reportRun(facts)).toEqual({
      runId: 'run-1',
      status: 'completed',
      startedAt: at(0),
      completedAt: at(30),
      wallMs: 30 * minutes,
      agents: { total: 3, byRole: { coordinator: 1, builder: 2 }, dead: ['bob'] },
      turns: { total: 3, failed: 2, peak: 2, busyMs: 17 * minutes },
      merges: { merged: 2, byTier: { 'clean-merge': 1, 'auto-resolve': 1 }, open: 1, lines: 300 },
      money: { usd: 1.5, estimated: true, usdPerMergedLine: 0.005 },
      mail: { total: 4, deadLetters: 1 },
      people: { mails: 1, questions: 2, waitedMs: 14 * minutes, unanswered: 1 },
      watchdog: { actions: 2, mistaken: ['ann'] },
    });
  });

  it('of a run without anything is empty, and says of money that nobody knows', () => {
    const empty = { ...facts, agents: [], turns: [], merges: [], mail: [], watchdogActions: [], mergedLines: null };
    expect(reportRun(empty)).toMatchObject({
      turns: { total: 0, failed: 0, peak: 0, busyMs: 0 },
      money: { usd: null, estimated: false, usdPerMergedLine: null },
    });
  });

  it('never counts more turns at once than there are, and at least one when there is any', () => {
    const turn = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 20 })).map(([start, length]) => ({
      startedAt: at(start),
      endedAt: at(start + length),
      outcome: 'done',
      costUsd: null,
      costSource: null,
    }));
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 12 }), (turns) => {
        const { peak } = reportRun({ ...facts, turns }).turns;
        const busiest = Math.max(
          ...turns.map(
            (one) => turns.filter((two) => two.startedAt <= one.startedAt && one.startedAt < two.endedAt).length,
          ),
        );
        expect(peak).toBe(busiest);
      }),
    );
  });
});
