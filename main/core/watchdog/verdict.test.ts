import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentFacts, ProcessReading, Reading } from './facts.ts';
import { ABSENT, agentFacts, known, running, UNKNOWN } from './testFacts.ts';
import { chooseState, type HealthAction, judge, type Verdict } from './verdict.ts';

/** Seconds of the spec's table: S = 30, Z = 120; "recent" 5, "60 s" stale, "200 s" beyond Z. */
const LIMITS = { staleMs: 30_000, zombieMs: 120_000 };
const RECENT = 5_000;
const STALE = 60_000;
const OLD = 200_000;

const gone = (silentMs: number): ProcessReading => running(silentMs, { alive: false });

/** An agent with a terminal of its own, as the spec's TUI rows. */
function terminal(recorded: AgentFacts['recorded'], silentMs: number, more: Partial<AgentFacts> = {}): Verdict {
  return judge(agentFacts(silentMs, { kind: 'terminal', turn: null, recorded, ...more }), LIMITS);
}

/** A long-lived headless agent, known by its pid. */
function longLived(recorded: AgentFacts['recorded'], silentMs: number, more: Partial<AgentFacts> = {}): Verdict {
  return judge(agentFacts(silentMs, { kind: 'longLived', turn: null, recorded, ...more }), LIMITS);
}

/** The same facts with a process that is gone. */
const withGone = (silentMs: number): Pick<AgentFacts, 'signals'> => ({
  signals: { ...agentFacts(silentMs).signals, process: gone(silentMs) },
});

describe('health, spec 01 §4.11', () => {
  it('H1: a terminal that is gone while recently at work is a dead agent, and the note quotes the record', () => {
    for (const recorded of ['working', 'booting'] as const)
      expect(terminal(recorded, RECENT, withGone(RECENT))).toMatchObject({
        state: 'zombie',
        action: 'terminate',
        note: expect.stringContaining(recorded),
      });
  });
  it('H2: the same from stalled has no note', () => {
    expect(terminal('stalled', RECENT, withGone(RECENT))).toMatchObject({
      state: 'zombie',
      action: 'terminate',
      note: null,
    });
  });
  it('H3: a terminal that is gone and stale missed its session end: completed', () => {
    for (const [recorded, silent] of [
      ['working', STALE],
      ['stalled', 90_000],
    ] as const)
      expect(terminal(recorded, silent, withGone(silent))).toMatchObject({
        state: 'completed',
        action: 'complete',
        note: expect.stringContaining('missed session-end'),
      });
  });
  it('H4: rule 3 and 7 do not hold for in_turn', () => {
    expect(terminal('in_turn', STALE, withGone(STALE))).toMatchObject({ state: 'zombie', action: 'terminate' });
  });
  it('H5: recorded dead with a live terminal is looked at and never killed', () => {
    expect(terminal('zombie', RECENT)).toMatchObject({ state: 'zombie', action: 'investigate', mayEnd: false });
  });
  it('H6: the terminal lives on, but its program is gone: the process decides', () => {
    expect(
      terminal('working', RECENT, {
        signals: { ...agentFacts(RECENT).signals, process: gone(RECENT), terminal: known(0) },
      }),
    ).toMatchObject({ state: 'zombie', action: 'terminate' });
  });
  it('H7: a terminal without a known pid that says something is working', () => {
    const signals = { ...agentFacts(RECENT).signals, process: running(0, { state: 'unknown', alive: null }) };
    expect(terminal('working', RECENT, { signals })).toMatchObject({ state: 'working', action: 'none' });
  });
  it('H8: silent in every signal beyond Z: terminate; beyond S: escalate; no notes', () => {
    expect(terminal('working', OLD)).toMatchObject({ state: 'zombie', action: 'terminate', note: null, mayEnd: true });
    expect(terminal('working', STALE)).toMatchObject({ state: 'stalled', action: 'escalate', note: null });
  });
  it('H9: booting recent, working recent, booting 60 s', () => {
    expect(terminal('booting', RECENT).state).toBe('working');
    expect(terminal('working', RECENT).state).toBe('working');
    expect(terminal('booting', STALE).state).toBe('stalled');
  });
  it('H10: coordinator, monitor and orchestrator in a terminal know no time limit', () => {
    for (const capability of ['coordinator', 'monitor', 'orchestrator'])
      for (const silent of [STALE, OLD])
        expect(terminal('working', silent, { capability })).toMatchObject({ state: 'working', action: 'none' });
  });
  it('H11: a coordinator that boots works; one recorded as stalled carries the exemption', () => {
    expect(terminal('booting', STALE, { capability: 'coordinator' })).toMatchObject({ state: 'working', note: null });
    expect(terminal('stalled', STALE, { capability: 'coordinator' })).toMatchObject({
      state: 'working',
      note: expect.stringContaining('exempt'),
    });
  });
  it('H12: a coordinator whose terminal or process is gone is dead all the same', () => {
    expect(terminal('working', RECENT, { capability: 'coordinator', ...withGone(RECENT) })).toMatchObject({
      state: 'zombie',
      action: 'terminate',
    });
  });
  it('H13: completed stays completed, whatever is seen', () => {
    for (const silent of [RECENT, STALE, OLD])
      expect(terminal('completed', silent, withGone(silent))).toMatchObject({ state: 'completed', action: 'none' });
  });
  it('H14: long-lived headless agents by their pid', () => {
    expect(longLived('working', RECENT)).toMatchObject({ state: 'working', action: 'none' });
    expect(longLived('working', RECENT, withGone(RECENT))).toMatchObject({ state: 'zombie', action: 'terminate' });
    expect(longLived('working', STALE, withGone(STALE))).toMatchObject({ state: 'completed', action: 'complete' });
    expect(longLived('zombie', RECENT)).toMatchObject({ state: 'zombie', action: 'investigate' });
    expect(longLived('booting', RECENT).state).toBe('working');
    expect(longLived('working', STALE).state).toBe('stalled');
    expect(longLived('working', OLD).state).toBe('zombie');
    expect(longLived('working', STALE, { capability: 'coordinator' }).state).toBe('working');
  });
  it('H15: one process a turn: in a turn it is in_turn, between turns it rests', () => {
    expect(judge(agentFacts(RECENT), LIMITS)).toMatchObject({ state: 'in_turn', action: 'none' });
    for (const recorded of ['working', 'between_turns'] as const)
      expect(judge(agentFacts(RECENT, { recorded, turn: null }), LIMITS)).toMatchObject({
        state: 'between_turns',
        action: 'none',
      });
    expect(judge(agentFacts(RECENT, { recorded: 'booting', turn: null }), LIMITS)).toMatchObject({ action: 'none' });
  });
  it('H16: a silent turn is stalled at 60 s and ended at 200 s; between turns silence is rest (deviates)', () => {
    expect(judge(agentFacts(STALE), LIMITS)).toMatchObject({ state: 'stalled', action: 'escalate' });
    expect(judge(agentFacts(OLD), LIMITS)).toMatchObject({ state: 'zombie', action: 'terminate' });
    expect(judge(agentFacts(OLD, { recorded: 'completed' }), LIMITS)).toMatchObject({ action: 'none' });
    for (const silent of [STALE, OLD])
      expect(judge(agentFacts(silent, { recorded: 'between_turns', turn: null }), LIMITS)).toMatchObject({
        kind: 'waiting',
        action: 'none',
      });
  });
  it('H17: exactly S is not yet stale, exactly Z not yet dead', () => {
    expect(judge(agentFacts(LIMITS.staleMs), LIMITS).action).toBe('none');
    expect(judge(agentFacts(LIMITS.staleMs + 1), LIMITS).action).toBe('escalate');
    expect(judge(agentFacts(LIMITS.zombieMs), LIMITS).action).toBe('escalate');
    expect(judge(agentFacts(LIMITS.zombieMs + 1), LIMITS).action).toBe('terminate');
  });
});

describe('the state to store, spec 01 §4.3', () => {
  const found = (state: Verdict['state'], action: HealthAction) => ({ state, action });
  it('X1: only forward, except that fresh activity brings a stalled agent back (D-17, deviates)', () => {
    expect(chooseState('booting', found('working', 'none'))).toBe('working');
    expect(chooseState('working', found('stalled', 'escalate'))).toBe('stalled');
    expect(chooseState('stalled', found('working', 'none'))).toBe('working');
    expect(chooseState('zombie', found('booting', 'none'))).toBe('zombie');
    expect(chooseState('working', found('working', 'none'))).toBe('working');
  });
  it('X2: investigate leaves what is stored', () => {
    expect(chooseState('zombie', found('working', 'investigate'))).toBe('zombie');
    expect(chooseState('working', found('zombie', 'investigate'))).toBe('working');
  });
  it('X3: in_turn and between_turns are level with working, and advance to what is worse', () => {
    expect(chooseState('in_turn', found('working', 'none'))).toBe('in_turn');
    expect(chooseState('between_turns', found('working', 'none'))).toBe('between_turns');
    expect(chooseState('in_turn', found('stalled', 'escalate'))).toBe('stalled');
    expect(chooseState('between_turns', found('zombie', 'terminate'))).toBe('zombie');
  });
  it('X4: complete is taken from stalled too', () => {
    expect(chooseState('stalled', found('completed', 'complete'))).toBe('completed');
  });
});

describe('healthy agents that look silent', () => {
  it('a running tool call whose process works is not stalled, however long', () => {
    const facts = agentFacts(10 * OLD, { turn: { number: 1, tool: { name: 'Bash', runningMs: 10 * OLD } } });
    const signals = { ...facts.signals, process: running(10 * OLD, { children: 2, childSilentMs: 1_000 }) };
    expect(judge({ ...facts, signals }, LIMITS)).toMatchObject({ kind: 'healthy', action: 'none' });
  });
  it('a running tool call with an idle child is stalled, but gets twice the patience before its turn may end', () => {
    const at = (silent: number): Verdict => {
      const facts = agentFacts(silent, { turn: { number: 1, tool: { name: 'Bash', runningMs: silent } } });
      return judge(
        { ...facts, signals: { ...facts.signals, process: running(silent, { children: 1, childSilentMs: silent }) } },
        LIMITS,
      );
    };
    expect(at(STALE)).toMatchObject({ kind: 'stalled', mayEnd: false });
    expect(at(LIMITS.zombieMs + LIMITS.staleMs)).toMatchObject({ kind: 'stalled', mayEnd: false });
    expect(at(LIMITS.zombieMs + LIMITS.staleMs + 1)).toMatchObject({ action: 'escalate', mayEnd: true });
    expect(at(2 * LIMITS.zombieMs + 1)).toMatchObject({ action: 'terminate' });
  });
  it('a parent in a turn that waits for a live child is not stalled', () => {
    expect(judge(agentFacts(OLD, { capability: 'lead', liveChildren: ['b'] }), LIMITS)).toMatchObject({
      kind: 'waiting',
      reason: 'waits for b',
    });
  });
  it('an announced retry or rate limit is not stalled until it is over', () => {
    const announced = (leftMs: number) => ({ announced: { reason: 'waits for a retry (rate_limit)', leftMs } });
    expect(judge(agentFacts(OLD, announced(38_000)), LIMITS)).toMatchObject({ kind: 'waiting', action: 'none' });
    expect(judge(agentFacts(OLD, announced(0)), LIMITS).action).toBe('terminate');
  });
  it('a process that works alone is life up to Z, then stalled: spinning is not progress', () => {
    const at = (silent: number): Verdict => {
      const facts = agentFacts(silent);
      return judge({ ...facts, signals: { ...facts.signals, process: running(100) } }, LIMITS);
    };
    expect(at(STALE).kind).toBe('healthy');
    expect(at(LIMITS.zombieMs).kind).toBe('healthy');
    expect(at(LIMITS.zombieMs + 1)).toMatchObject({ kind: 'stalled', action: 'escalate', mayEnd: true });
  });
  it('an agent that waits for a person, a paused fleet, its next attempt, or that a person has taken over', () => {
    const rests = (more: Partial<AgentFacts>) =>
      judge(
        agentFacts(OLD, { recorded: 'between_turns', turn: null, dueMail: { count: 1, waitingMs: OLD }, ...more }),
        LIMITS,
      );
    expect(rests({}).kind).toBe('stalled');
    for (const more of [{ asks: 'Which?' }, { held: 'the fleet is paused' }, { retryInMs: 5_000 }, { takenOver: true }])
      expect(rests(more)).toMatchObject({ kind: 'waiting', action: 'none' });
  });
  it('a loop is looping however fresh its events are', () => {
    const loop = { period: 1, rounds: 9, labels: ['Bash npm test'], since: 0 };
    expect(judge(agentFacts(0, { loop }), LIMITS)).toMatchObject({
      kind: 'looping',
      action: 'escalate',
      mayEnd: false,
    });
  });
});

const reading: fc.Arbitrary<Reading> = fc.oneof(
  { weight: 5, arbitrary: fc.nat(400_000).map(known) },
  { weight: 1, arbitrary: fc.constant(UNKNOWN) },
  { weight: 1, arbitrary: fc.constant(ABSENT) },
);
const processReading: fc.Arbitrary<ProcessReading> = fc.record({
  state: fc.constantFrom('known', 'known', 'unknown', 'absent') as fc.Arbitrary<ProcessReading['state']>,
  silentMs: fc.nat(400_000),
  alive: fc.constantFrom(true, true, true, null),
  children: fc.nat(3),
  childSilentMs: fc.option(fc.nat(400_000)),
});
const anyFacts: fc.Arbitrary<AgentFacts> = fc
  .record({
    recorded: fc.constantFrom('booting', 'working', 'in_turn', 'between_turns', 'stalled', 'zombie') as fc.Arbitrary<
      AgentFacts['recorded']
    >,
    kind: fc.constantFrom('turns', 'longLived', 'terminal') as fc.Arbitrary<AgentFacts['kind']>,
    capability: fc.constantFrom('builder', 'lead', 'coordinator'),
    process: processReading,
    terminal: reading,
    events: reading,
    mail: reading,
    git: reading,
    tool: fc.option(fc.record({ name: fc.constant('Bash'), runningMs: fc.nat(400_000) })),
    inTurn: fc.boolean(),
    liveChildren: fc.constantFrom([], [], ['b']),
    asks: fc.constantFrom(null, null, 'Which?'),
    due: fc.option(fc.record({ count: fc.nat(2), waitingMs: fc.nat(400_000) })),
  })
  .map(({ process, terminal: out, events, mail, git, tool, inTurn, due, ...rest }) =>
    agentFacts(0, {
      ...rest,
      signals: { process, terminal: out, events, mail, git },
      turn: inTurn ? { number: 1, tool } : null,
      dueMail: due,
    }),
  );
const signalName = fc.constantFrom('process', 'terminal', 'events', 'mail', 'git') as fc.Arbitrary<
  keyof AgentFacts['signals']
>;
const BAD: Readonly<Record<HealthAction, number>> = {
  none: 0,
  investigate: 1,
  complete: 1,
  escalate: 2,
  settle: 2,
  terminate: 3,
};

/** The same facts with one signal replaced. */
function replace(facts: AgentFacts, name: keyof AgentFacts['signals'], change: Partial<ProcessReading>): AgentFacts {
  return { ...facts, signals: { ...facts.signals, [name]: { ...facts.signals[name], ...change } } };
}

describe('what holds for every agent', () => {
  it('more fresh evidence never makes the verdict worse', () => {
    fc.assert(
      fc.property(anyFacts, signalName, fc.nat(400_000), (facts, name, earlier) => {
        const before = facts.signals[name];
        if (before.state !== 'known') return;
        const fresher = replace(facts, name, { silentMs: Math.min(before.silentMs, earlier) });
        expect(BAD[judge(fresher, LIMITS).action]).toBeLessThanOrEqual(BAD[judge(facts, LIMITS).action]);
      }),
    );
  });
  it('a probe that fails never leads to an end', () => {
    fc.assert(
      fc.property(anyFacts, signalName, (facts, name) => {
        const found = judge(
          replace(facts, name, { state: 'unknown', ...(name === 'process' ? { alive: null } : {}) }),
          LIMITS,
        );
        expect(found.action).not.toBe('terminate');
        expect(found.mayEnd).toBe(false);
      }),
    );
  });
  it('no single silent signal leads to anything', () => {
    fc.assert(
      fc.property(signalName, fc.integer({ min: LIMITS.zombieMs, max: 10_000_000 }), (name, silentMs) => {
        const found = judge(replace(agentFacts(0), name, { silentMs }), LIMITS);
        expect(found).toMatchObject({ kind: 'healthy', action: 'none' });
      }),
    );
  });
  it('a live process is only ended when every signal was read and none is younger than S', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const found = judge(facts, LIMITS);
        if (found.action !== 'terminate' && !found.mayEnd) return;
        const { signals } = facts;
        expect(signals.process.alive).toBe(true);
        for (const name of ['terminal', 'events', 'git', 'mail'] as const) {
          expect(signals[name].state).not.toBe('unknown');
          if (signals[name].state === 'known') expect(signals[name].silentMs).toBeGreaterThan(LIMITS.staleMs);
        }
      }),
    );
  });
  it('W25: an agent that waits for a person or a child is never escalated', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        if (facts.recorded === 'zombie' || facts.turn === null) return;
        const found = judge({ ...facts, kind: 'turns', liveChildren: ['b'] }, LIMITS);
        expect(BAD[found.action]).toBeLessThan(BAD.escalate);
      }),
    );
  });
});
