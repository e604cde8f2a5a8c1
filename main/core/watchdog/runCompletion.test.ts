import { describe, expect, it } from 'vitest';
import { announcement, type RunFacts, type RunMember, runStep } from './runCompletion.ts';

const member = (agentName: string, capability: string, state: RunMember['state']): RunMember => ({
  agentName,
  capability,
  state,
});
const coordinator = { name: 'coordinator', busy: false, idleMs: 0 };
const facts = (members: readonly RunMember[], more: Partial<RunFacts> = {}): RunFacts => ({
  runId: 'run-1',
  members,
  announced: null,
  coordinator,
  mergesWaiting: 0,
  ...more,
});
const GRACE = 60_000;
const done = [member('a', 'builder', 'completed'), member('b', 'builder', 'completed')];

describe('run completion, spec 01 §4.11', () => {
  it('W26: all completed announces; one that works does not', () => {
    expect(runStep(facts(done), GRACE).do).toBe('announce');
    expect(runStep(facts([...done, member('c', 'builder', 'in_turn')]), GRACE).do).toBe('nothing');
  });
  it('W26: what was announced is not announced again; a worker that came later is', () => {
    expect(runStep(facts(done, { announced: ['a', 'b'] }), GRACE).do).toBe('nothing');
    expect(runStep(facts([...done, member('c', 'builder', 'completed')], { announced: ['a', 'b'] }), GRACE).do).toBe(
      'announce',
    );
  });
  it('W26: only persistent agents: nothing; mixed and all dead announce; dead beside working does not', () => {
    expect(runStep(facts([member('m', 'monitor', 'working')]), GRACE).do).toBe('nothing');
    const mixed = [member('a', 'builder', 'completed'), member('b', 'builder', 'zombie')];
    expect(runStep(facts(mixed), GRACE)).toMatchObject({ do: 'announce', summary: { completed: ['a'], dead: ['b'] } });
    expect(runStep(facts([member('a', 'builder', 'zombie')]), GRACE)).toMatchObject({ do: 'announce' });
    expect(runStep(facts([member('a', 'builder', 'zombie'), member('b', 'scout', 'working')]), GRACE).do).toBe(
      'nothing',
    );
  });
  it('W27: coordinator and monitor of the run that still work are not waited for', () => {
    const members = [...done, member('coordinator', 'coordinator', 'between_turns'), member('m', 'monitor', 'working')];
    expect(runStep(facts(members), GRACE).do).toBe('announce');
  });
  it('W28: the phase is the one capability, or mixed', () => {
    expect(runStep(facts(done), GRACE)).toMatchObject({ summary: { phase: 'builder', capabilities: ['builder'] } });
    expect(runStep(facts([...done, member('s', 'scout', 'completed')]), GRACE)).toMatchObject({
      summary: { phase: 'mixed', capabilities: ['builder', 'scout'] },
    });
  });
  it('W31: the messages', () => {
    const say = (members: readonly RunMember[]): string => {
      const step = runStep(facts(members), GRACE);
      return step.do === 'nothing' ? '' : announcement('run-1', step.summary);
    };
    expect(say(done)).toBe('[WATCHDOG] All 2 builders in run run-1 have completed. Awaiting lead verification.');
    expect(say([member('s', 'scout', 'completed')])).toContain(
      'All 1 scout in run run-1 have completed. Ready for next phase.',
    );
    expect(say([member('r', 'reviewer', 'completed')])).toContain('Reviews done.');
    expect(say([member('l', 'lead', 'completed')])).toContain('Ready for merge/cleanup.');
    expect(say([member('m', 'merger', 'completed')])).toContain('Merges done.');
    expect(say([member('a', 'builder', 'completed'), member('b', 'builder', 'zombie')])).toContain(
      'have terminated (1 completed, 1 zombie)',
    );
    expect(say([member('a', 'builder', 'zombie'), member('b', 'builder', 'zombie')])).toContain(
      '(0 completed, 2 zombie)',
    );
    expect(say([member('a', 'builder', 'completed'), member('b', 'scout', 'completed')])).toBe(
      '[WATCHDOG] All 2 workers in run run-1 have completed (builder, scout). Ready for next steps.',
    );
  });
});

describe('a run is really completed', () => {
  const told = { announced: ['a', 'b'] };
  it('at once when no coordinator is left', () => {
    expect(runStep(facts(done, { coordinator: null }), GRACE)).toMatchObject({ do: 'complete', status: 'completed' });
  });
  it('as failed when nobody got anything done', () => {
    expect(runStep(facts([member('a', 'builder', 'zombie')], { coordinator: null }), GRACE)).toMatchObject({
      do: 'complete',
      status: 'failed',
    });
  });
  it('with a coordinator only after it was told and has rested since', () => {
    expect(runStep(facts(done, { ...told, coordinator: { ...coordinator, idleMs: GRACE - 1 } }), GRACE).do).toBe(
      'nothing',
    );
    expect(
      runStep(facts(done, { ...told, coordinator: { ...coordinator, busy: true, idleMs: GRACE } }), GRACE).do,
    ).toBe('nothing');
    expect(runStep(facts(done, { ...told, coordinator: { ...coordinator, idleMs: GRACE } }), GRACE).do).toBe(
      'complete',
    );
  });
  it('not while a branch waits for its merge', () => {
    expect(runStep(facts(done, { coordinator: null, mergesWaiting: 1 }), GRACE).do).toBe('nothing');
  });
});
