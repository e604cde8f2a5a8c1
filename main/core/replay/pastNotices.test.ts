import { describe, expect, it } from 'vitest';
import type { AgentView } from '../../../contract/agents.ts';
import type { AttentionItem } from '../../../contract/attention.ts';
import { ALL_NOTICES } from '../../../contract/notices.ts';
import type { ReplayWindow, RoomChanges } from '../../../contract/replay.ts';
import { fail, ok } from '../../../contract/result.ts';
import { agentView, attentionItem, runView } from '../../electron/testing/views.ts';
import { pastNotices } from './pastNotices.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const MINUTE = 60_000;
const put = <Row>(...rows: Row[]) => ({ put: rows, remove: [] });
const questions = (...items: AttentionItem[]): RoomChanges => ({ attention: put(...items) });
const agents = (...views: AgentView[]): RoomChanges => ({ agents: put(...views) });

/** A replay of prepared windows; each begins where the one before ended. */
function replayOf(...windows: readonly Pick<ReplayWindow, 'start' | 'steps'>[]) {
  let next = 0;
  let settled = false;
  return {
    async settled(moment: number) {
      settled = moment === NOW;
    },
    async window(input: { readonly from: string }) {
      if (!settled) throw new Error('asked before all of it is stored');
      const window = windows[next] ?? { start: {}, steps: [] };
      next += 1;
      const until = next < windows.length ? (window.steps.at(-1)?.at ?? NOW) : NOW;
      return ok({ from: Date.parse(input.from), until, previousAt: null, ...window });
    },
  };
}

async function past(replay: ReturnType<typeof replayOf>, settings = ALL_NOTICES) {
  const found = await pastNotices(replay, settings, NOW - 60 * MINUTE, NOW);
  if (!found.ok) throw new Error(found.error.message);
  return found.value.notices.map(({ title, silent }) => [title, silent]);
}

describe('what would have rung', () => {
  const gate = attentionItem('gate', 'lead-1');
  const steps = [
    { at: NOW - 30 * MINUTE, changes: questions(gate) },
    { at: NOW - 20 * MINUTE, changes: agents(agentView('builder-1', 'dead')) },
    { at: NOW - 10 * MINUTE, changes: { runs: put(runView('run-1', 'completed')) } },
  ];
  const start: RoomChanges = { ...agents(agentView('builder-1', 'working')), runs: put(runView('run-1', 'active')) };

  it('follows the room step by step, newest first', async () => {
    expect(await past(replayOf({ start, steps }))).toEqual([
      ['Run finished', null],
      ['builder-1 died', null],
      ['lead-1 needs a decision: Which format?', null],
    ]);
  });

  it('rings for nothing that was there before', async () => {
    expect(await past(replayOf({ start: questions(gate), steps: [] }))).toEqual([]);
  });

  it('goes on from window to window, and tells a story once', async () => {
    const again = [{ at: NOW - 20 * MINUTE, changes: questions({ ...gate, title: 'Which format?' }) }];
    const windows = [
      { start: {}, steps: steps.slice(0, 1) },
      { start: questions(gate), steps: again },
    ];
    expect(await past(replayOf(...windows))).toEqual([['lead-1 needs a decision: Which format?', null]]);
  });

  it('marks what is switched off and what falls into quiet hours', async () => {
    const hour = new Date(NOW - 30 * MINUTE).getHours();
    const text = (value: number) => `${String(value % 24).padStart(2, '0')}:00`;
    const quiet = { from: text(hour), to: text(hour + 1) };
    expect(await past(replayOf({ start, steps: steps.slice(0, 1) }), { off: ['gate'], quiet })).toEqual([
      ['lead-1 needs a decision: Which format?', 'off'],
    ]);
    expect(await past(replayOf({ start, steps: steps.slice(0, 1) }), { off: [], quiet })).toEqual([
      ['lead-1 needs a decision: Which format?', 'quiet'],
    ]);
  });

  it('tells why the past cannot be read', async () => {
    const broken = { settled: async () => {}, window: async () => fail('unavailable', 'nothing is recorded') };
    expect(await pastNotices(broken, ALL_NOTICES, 0, NOW)).toMatchObject({ ok: false });
  });
});
