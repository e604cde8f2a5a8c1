import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentState } from '../../../contract/agents.ts';
import { defaultConfig } from '../config/schema.ts';
import {
  checkHierarchy,
  checkParentLimit,
  checkRunLimit,
  checkSling,
  checkTaskLock,
  chooseRun,
  needsScoutAdvice,
  resolveParent,
  runsAsRoot,
  type SlingCheck,
  type SlingSession,
  type SlingSnapshot,
  splitList,
  staggerDelay,
} from './slingRules.ts';

const NOW = Date.parse('2026-03-05T14:00:00.000Z');
const ago = (ms: number) => new Date(NOW - ms).toISOString();

function session(agentName: string, extra: Partial<SlingSession> = {}): SlingSession {
  return {
    agentName,
    capability: 'builder',
    taskId: `task-of-${agentName}`,
    state: 'in_turn',
    parentAgent: null,
    runId: 'run-1',
    startedAt: ago(60_000),
    ...extra,
  };
}

function snapshot(extra: Partial<SlingSnapshot> = {}): SlingSnapshot {
  return {
    now: NOW,
    asRoot: false,
    limits: defaultConfig('/project').agents,
    sessions: [],
    capabilities: ['scout', 'builder', 'reviewer', 'lead', 'merger'],
    currentRunId: null,
    specExists: null,
    branches: new Set(),
    worktrees: new Set(),
    ...extra,
  };
}

const request: SlingCheck = { taskId: 't-1', capability: 'builder', depth: 0 };
const limits = (extra: Partial<SlingSnapshot['limits']>) => ({ ...defaultConfig('/project').agents, ...extra });

describe('staggerDelay', () => {
  it.each([
    [[500], 2000, 1500],
    [[500], 0, 0],
    [[500], -5, 0],
    [[], 2000, 0],
    [[10_000], 2000, 0],
    [[2000], 2000, 0],
    [[5000, 200], 2000, 1800],
    [[200, 5000], 2000, 1800],
    [[0], 3000, 3000],
    [[1000], 60_000, 59_000],
  ])('SP1, SP2, SP3, SP4, SP5, SP6: %j ms ago with %i ms gives %i', (starts, delay, expected) => {
    expect(
      staggerDelay(
        starts.map((start) => ({ startedAt: ago(start) })),
        delay,
        NOW,
      ),
    ).toBe(expected);
  });
});

describe('checkHierarchy', () => {
  it.each(['builder', 'scout', 'lead'])('SP8: lets a parentless %s start', (capability) => {
    expect(checkHierarchy({ capability }).ok).toBe(true);
  });
  it.each(['reviewer', 'merger', 'coordinator'])(
    'SP9, SP10: refuses a parentless %s, unless it is forced or has a parent',
    (capability) => {
      const result = checkHierarchy({ capability, name: 'x' });
      expect(result.ok ? null : result.error).toMatchObject({
        tag: 'hierarchy',
        data: { agentName: 'x', requestedCapability: capability },
      });
      expect(checkHierarchy({ capability, parent: 'lead-1' }).ok).toBe(true);
      expect(checkHierarchy({ capability, parent: '' }).ok).toBe(true);
      expect(checkHierarchy({ capability, forceHierarchy: true }).ok).toBe(true);
    },
  );
});

describe('checkTaskLock', () => {
  const held = [session('a', { taskId: 't' }), session('b', { taskId: 't' })];
  it.each([
    [[], null, true],
    [[session('x')], null, true],
    [held, null, false],
    [held, 'a', true],
    [held, 'b', false],
  ])('SP11: a task that is held lets only the holder’s own child in: case %#', (active, parent, allowed) => {
    const result = checkTaskLock(active, 't', parent);
    expect(result.ok).toBe(allowed);
    if (!result.ok) expect(result.error.message).toContain('already being worked by agent a');
  });
});

describe('limits', () => {
  const three = ['a', 'b', 'c'].map((name) => session(name, { parentAgent: 'lead-1' }));
  it('SP13: counts every session of the run and treats 0 and less as unlimited', () => {
    const ended = three.map((one) => ({ ...one, state: 'completed' as AgentState }));
    expect(checkRunLimit(ended, 'run-1', 3).ok).toBe(false);
    expect(checkRunLimit(ended, 'run-1', 4).ok).toBe(true);
    expect(checkRunLimit(ended, 'run-1', 0).ok).toBe(true);
    expect(checkRunLimit(ended, 'run-1', -1).ok).toBe(true);
    expect(checkRunLimit(ended, 'run-2', 3).ok).toBe(true);
    expect(checkRunLimit(ended, null, 1).ok).toBe(true);
  });

  it('SP14: counts only own children', () => {
    expect(checkParentLimit(three, 'lead-1', 3).ok).toBe(false);
    expect(checkParentLimit(three, 'lead-1', 4).ok).toBe(true);
    expect(checkParentLimit(three, 'lead-1', 0).ok).toBe(true);
    expect(checkParentLimit(three, 'lead-2', 3).ok).toBe(true);
    expect(checkParentLimit([...three, session('d')], null, 1).ok).toBe(true);
  });
});

describe('parent and run', () => {
  const rows = [session('rev-1', { parentAgent: 'lead-r' }), session('old'), session('lead-r', { runId: 'run-9' })];
  it.each([
    ['flag', 'rev-1', 'flag'],
    ['', 'rev-1', ''],
    [undefined, 'rev-1', 'lead-r'],
    [undefined, 'nobody', null],
    [undefined, 'old', null],
    [undefined, undefined, null],
  ])('SP16: parent flag %j and name %j give %j', (flag, name, expected) => {
    expect(resolveParent(flag, name, rows)).toBe(expected);
  });

  it.each([
    ['lead-r', 'run-1', 'run-9'],
    ['nobody', ' run-1\n', 'run-1'],
    [undefined, null, null],
    [undefined, '  ', null],
  ])('parent %j and current run %j give %j', (parent, current, expected) => {
    expect(chooseRun(rows, parent, current)).toBe(expected);
  });
});

describe('needsScoutAdvice', () => {
  const scouted = [session('s', { capability: 'scout', parentAgent: 'lead-1', state: 'zombie' })];
  it.each([
    ['builder', 'lead-1', false, false, [], true],
    ['builder', 'lead-1', false, false, scouted, false],
    ['builder', 'lead-2', false, false, scouted, true],
    ['builder', 'lead-1', true, false, [], false],
    ['builder', 'lead-1', false, true, [], false],
    ['builder', null, false, false, [], false],
    ['builder', '', false, false, [], false],
    ['scout', 'lead-1', false, false, [], false],
    ['reviewer', 'lead-1', false, false, [], false],
  ])(
    'SP17: advice to scout first: %s of %s, skip %s, quiet %s: case %#',
    (capability, parent, skipScout, noScoutCheck, sessions, expected) => {
      expect(needsScoutAdvice({ capability, skipScout, noScoutCheck }, parent, sessions)).toBe(expected);
    },
  );
});

describe('checkSling', () => {
  it('gives name, parent, run and wait for a request that is allowed', () => {
    const sessions = [session('lead-1', { capability: 'lead', taskId: 't-1', startedAt: ago(500), runId: 'run-7' })];
    const result = checkSling(snapshot({ sessions }), { ...request, parent: 'lead-1', depth: 1, skipScout: true });
    expect(result).toEqual({
      ok: true,
      value: {
        agentName: 'builder-t-1',
        parent: 'lead-1',
        runId: 'run-7',
        staggerMs: 1500,
        warnings: ['--skip-scout has no effect on a builder: only leads send scouts'],
      },
    });
  });

  it('allows root with a warning', () => {
    const result = checkSling(snapshot({ asRoot: true }), request);
    expect(result.ok && result.value.warnings[0]).toContain('root');
  });

  const busy = Array.from({ length: 25 }, (_, index) => session(`busy-${index}`));
  it.each<[string, Partial<SlingSnapshot>, Partial<SlingCheck>, string, string]>([
    ['empty task', {}, { taskId: ' ' }, 'validation', 'Task ID is required'],
    ['hostile task', {}, { taskId: '../../etc' }, 'validation', 'task id'],
    ['negative depth', {}, { depth: -1 }, 'validation', 'non-negative integer'],
    ['broken depth', {}, { depth: Number.NaN }, 'validation', 'non-negative integer'],
    ['broken max agents', {}, { maxAgents: 1.5 }, 'validation', 'maxAgents'],
    ['broken dispatch max agents', {}, { dispatchMaxAgents: -1 }, 'validation', 'dispatchMaxAgents'],
    ['missing spec', { specExists: false }, { spec: 'x.md' }, 'validation', 'Spec file not found: x.md'],
    ['too deep', {}, { depth: 3 }, 'agent', 'Depth limit exceeded: depth 3 is over agents.maxDepth 2'],
    ['no parent', {}, { capability: 'merger' }, 'hierarchy', 'needs a parent'],
    [
      'unknown role',
      {},
      { capability: 'wizard', forceHierarchy: true },
      'agent',
      'Unknown capability "wizard"; available: scout',
    ],
    [
      'full run',
      {
        limits: limits({ maxSessionsPerRun: 1 }),
        sessions: [session('a', { state: 'completed' })],
        currentRunId: 'run-1',
      },
      {},
      'agent',
      'Run session limit reached',
    ],
    ['full fleet', { sessions: busy }, {}, 'agent', 'Max concurrent agent limit reached: 25 of 25'],
    ['busy name', { sessions: [session('x')] }, { name: ' x ' }, 'agent', 'already in use (in_turn)'],
    ['hostile name', {}, { name: '../x' }, 'validation', 'agent name'],
    ['left-over branch', { branches: new Set(['overstory/x/t-1']) }, { name: 'x' }, 'agent', 'still has branch'],
    ['task held', { sessions: [session('x', { taskId: 't-1' })] }, {}, 'agent', 'already being worked by agent x'],
    [
      'full lead',
      { sessions: [session('x', { parentAgent: 'lead-1' })] },
      { parent: 'lead-1', maxAgents: 1 },
      'agent',
      'Per-lead agent limit reached',
    ],
  ])('refuses: %s', (_name, state, extra, tag, fragment) => {
    const result = checkSling(snapshot(state), { ...request, ...extra });
    if (result.ok) throw new Error('expected a refusal');
    expect(result.error.tag).toBe(tag);
    expect(result.error.message).toContain(fragment);
    expect(result.error.message).not.toContain('\n');
  });

  it.each<AgentState>(['completed', 'zombie'])('reuses the name of a %s agent', (state) => {
    const result = checkSling(snapshot({ sessions: [session('x', { state })] }), { ...request, name: 'x' });
    expect(result.ok && result.value.agentName).toBe('x');
  });

  it('takes another name when the branch of the first is left over', () => {
    const result = checkSling(snapshot({ branches: new Set(['overstory/builder-t-1/t-1']) }), request);
    expect(result.ok && result.value.agentName).toBe('builder-t-1-2');
  });

  it('refuses in the order of the spec', () => {
    const all = snapshot({ sessions: busy, specExists: false });
    const bad: SlingCheck = { taskId: '', capability: 'merger', depth: 9, maxAgents: -1 };
    const fragments: string[] = [];
    const fixes: Partial<SlingCheck>[] = [{}, { taskId: 't-1' }, { maxAgents: 1 }];
    let current = bad;
    for (const fix of fixes) {
      current = { ...current, ...fix };
      const result = checkSling(all, current);
      fragments.push(result.ok ? 'allowed' : (result.error.message.split(' ')[0] ?? ''));
    }
    expect(fragments).toEqual(['Task', 'maxAgents', 'Spec']);
    const noSpec = { ...all, specExists: null };
    const messages = [
      checkSling(noSpec, current),
      checkSling(noSpec, { ...current, depth: 0 }),
      checkSling(noSpec, { ...current, depth: 0, forceHierarchy: true }),
    ].map((result) => (result.ok ? 'allowed' : result.error.tag + result.error.message.slice(0, 5)));
    expect(messages).toEqual(['agentDepth', 'hierarchya mer', 'agentMax c']);
  });

  it('never names an active agent, whatever the fleet looks like', () => {
    const names = fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 20 });
    fc.assert(
      fc.property(names, (taken) => {
        const sessions = taken.map((n) => session(n === 1 ? 'builder-t-1' : `builder-t-1-${n}`));
        const result = checkSling(snapshot({ sessions }), request);
        expect(result.ok && sessions.every((one) => one.agentName !== result.value.agentName)).toBe(true);
      }),
    );
  });
});

describe('small parts', () => {
  it('SP18: splits lists', () => expect(splitList('a,,b, ,c')).toEqual(['a', 'b', 'c']));
  it('SP19: knows root', () => {
    expect([runsAsRoot(() => 0), runsAsRoot(() => 1000), runsAsRoot(undefined)]).toEqual([true, false, false]);
  });
});
