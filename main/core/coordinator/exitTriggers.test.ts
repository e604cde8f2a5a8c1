import { describe, expect, test } from 'vitest';
import { checkCompletion, type ExitFacts } from './exitTriggers.ts';

const OFF = { allAgentsDone: false, taskTrackerEmpty: false, onShutdownSignal: false };
const facts: ExitFacts = {
  runId: 'run-1',
  agents: [
    { name: 'coordinator', capability: 'coordinator', state: 'between_turns' },
    { name: 'ann', capability: 'builder', state: 'completed' },
  ],
  mergesWaiting: [],
  readyTasks: { ok: true, count: 0 },
  mail: [],
};

describe('exit triggers (spec 03 §4.4)', () => {
  test('with all of them off nothing is complete', () => {
    const off = { enabled: false, met: false, detail: '' };
    expect(checkCompletion(OFF, facts)).toEqual({
      complete: false,
      triggers: { allAgentsDone: off, taskTrackerEmpty: off, onShutdownSignal: off },
    });
  });

  test.each([
    ['everybody has completed; the coordinator is not counted', {}, true, 'All 1 agents completed'],
    ['nobody was slung yet', { agents: facts.agents.slice(0, 1) }, false, 'No agents have been slung yet'],
    [
      'somebody works',
      { agents: [...facts.agents, { name: 'bob', capability: 'scout', state: 'in_turn' }] },
      false,
      'bob:in_turn',
    ],
    [
      'a dead agent does not block for ever',
      { agents: [...facts.agents, { name: 'bob', capability: 'scout', state: 'zombie' }] },
      true,
      'All 2 agents completed or dead; look after bob',
    ],
    ['a merge is pending', { mergesWaiting: ['b-1', 'b-2'] }, false, '2 branch(es) pending merge: b-1, b-2'],
    ['there is no run', { runId: null }, false, 'No current run found'],
  ] as const)('allAgentsDone: %s', (_, change, met, detail) => {
    const checked = checkCompletion({ ...OFF, allAgentsDone: true }, { ...facts, ...change });
    expect(checked.triggers.allAgentsDone).toEqual({ enabled: true, met, detail });
    expect(checked.complete).toBe(met);
  });

  test.each([
    ['no task is ready', { ok: true, count: 0 }, true, 'No unblocked issues'],
    ['two are', { ok: true, count: 2 }, false, '2 unblocked issue(s)'],
    ['it cannot be asked', { ok: false, error: 'gone' }, false, 'Tracker error: gone'],
  ] as const)('taskTrackerEmpty: %s', (_, readyTasks, met, detail) => {
    const checked = checkCompletion({ ...OFF, taskTrackerEmpty: true }, { ...facts, readyTasks });
    expect(checked.triggers.taskTrackerEmpty).toEqual({ enabled: true, met, detail });
  });

  test.each([
    ['in any case', [{ from: 'operator', subject: 'Please SHUTDOWN now' }], true],
    ['other mail is no signal', [{ from: 'ann', subject: 'done' }], false],
    ['no mail', [], false],
  ] as const)('onShutdownSignal: %s', (_, mail, met) => {
    const checked = checkCompletion({ ...OFF, onShutdownSignal: true }, { ...facts, mail });
    expect(checked.triggers.onShutdownSignal.met).toBe(met);
  });

  test('every enabled trigger has to be met', () => {
    const both = { ...OFF, allAgentsDone: true, taskTrackerEmpty: true };
    expect(checkCompletion(both, facts).complete).toBe(true);
    expect(checkCompletion(both, { ...facts, readyTasks: { ok: true, count: 1 } }).complete).toBe(false);
  });
});
