import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AGENT_STATES, type AgentState } from '../../../contract/agents.ts';
import { createTestClock, createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import { openSessions, type SessionStore } from './sessionStore.ts';
import { testSession } from './testSession.ts';
import { predecessorsOf } from './transitions.ts';

let folder: TestFolder;
let store: SessionStore;
const clock = createTestClock(Date.parse('2026-04-01T10:00:00.000Z'));

beforeEach(async () => {
  folder = await createTestFolder();
  store = folder.keep(must(openSessions(folder.file('sessions.db'), { clock })));
});
afterEach(() => folder.dispose());

/** A row in any state: `booting` by upsert, the others by the unguarded write. */
function put(agentName: string, state: AgentState, tmuxSession = ''): void {
  store.upsert(testSession(agentName, { tmuxSession }));
  store.upsert(testSession(agentName, { state, tmuxSession }));
}

describe('sessions', () => {
  it('S1: a session with every field set reads back equal', () => {
    const session = testSession('builder-1', {
      id: 'session-77-builder-1',
      capability: 'lead',
      worktreePath: '/w/lead',
      branchName: 'overstory/lead/t',
      taskId: 't',
      tmuxSession: 'pane-7',
      state: 'working',
      pid: 4242,
      parentAgent: 'coordinator',
      depth: 2,
      runId: 'run-1',
      startedAt: '2026-01-01T00:00:00.001Z',
      lastActivity: '2026-01-01T00:00:05.002Z',
      escalationLevel: 3,
      stalledSince: '2026-01-01T00:00:04.003Z',
      transcriptPath: '/t.jsonl',
      promptVersion: 'builder@17',
      claudeSessionId: 'conversation-1',
    });
    store.upsert(session);
    expect(store.getByName('builder-1')).toEqual(session);
  });

  it('S2: a second upsert of a name overwrites every column, the id included', () => {
    store.upsert(testSession('x', { id: '1', state: 'booting' }));
    store.upsert(testSession('x', { id: '2', state: 'working' }));
    expect(store.count()).toBe(1);
    expect(store.getByName('x')).toMatchObject({ id: '2', state: 'working' });
  });

  it('S3: nulls read back as nulls', () => {
    store.upsert(testSession('x'));
    expect(store.getByName('x')).toMatchObject({
      pid: null,
      parentAgent: null,
      runId: null,
      stalledSince: null,
      transcriptPath: null,
    });
  });

  it('S4: the conversation id is absent until there is one', () => {
    store.upsert(testSession('x'));
    const without = store.getByName('x');
    expect(without !== null && 'claudeSessionId' in without).toBe(false);
    expect(without !== null && 'promptVersion' in without).toBe(false);
    store.upsert(testSession('x', { claudeSessionId: 'c-1' }));
    expect(store.getByName('x')?.claudeSessionId).toBe('c-1');
  });

  it('S5: an upsert without a conversation id erases the old one', () => {
    store.upsert(testSession('x', { claudeSessionId: 'c-1' }));
    store.upsert(testSession('x'));
    expect(store.getByName('x')?.claudeSessionId).toBeUndefined();
  });

  it('S6: two agents cannot share a session id', () => {
    store.upsert(testSession('x', { id: 'same' }));
    expect(() => store.upsert(testSession('y', { id: 'same' }))).toThrow(/UNIQUE/);
    expect(store.count()).toBe(1);
  });

  it('S7: setting the conversation id twice, or of nobody, is harmless', () => {
    store.upsert(testSession('x'));
    store.updateClaudeSessionId('x', 'c-1');
    store.updateClaudeSessionId('x', 'c-1');
    store.updateClaudeSessionId('nobody', 'c-2');
    expect(store.getByName('x')?.claudeSessionId).toBe('c-1');
    store.updateClaudeSessionId('x', null);
    expect(store.getByName('x')?.claudeSessionId).toBeUndefined();
    expect(store.count()).toBe(1);
  });

  it('S8: active sessions are the five that are not terminal, oldest first', () => {
    const names = AGENT_STATES.map((state, index) => {
      store.upsert(testSession(`agent-${state}`, { state, startedAt: `2026-01-01T00:00:0${9 - index}.000Z` }));
      return state;
    });
    const expected = names.filter((state) => state !== 'completed' && state !== 'zombie').reverse();
    expect(store.getActive().map((session) => session.state)).toEqual(expected);
  });

  it('S9: a run lists its own sessions only', () => {
    store.upsert(testSession('a', { runId: 'run-1', startedAt: '2026-01-01T00:00:02.000Z' }));
    store.upsert(testSession('b', { runId: 'run-1', startedAt: '2026-01-01T00:00:01.000Z' }));
    store.upsert(testSession('c', { runId: 'run-2' }));
    store.upsert(testSession('d'));
    expect(store.getByRun('run-1').map((session) => session.agentName)).toEqual(['b', 'a']);
    expect(store.getByRun('run-9')).toEqual([]);
  });

  it('S10: the count follows inserts and removals', () => {
    for (const name of ['a', 'b', 'c']) store.upsert(testSession(name));
    store.remove('b');
    store.remove('nobody');
    expect(store.count()).toBe(2);
    expect(store.getAll()).toHaveLength(2);
  });

  it('S11: a state of another version is stored as it is', () => {
    store.upsert({ ...testSession('x'), state: 'hibernating' as AgentState });
    expect(store.getByName('x')?.state).toBe('hibernating');
    store.updateState('x', 'dreaming');
    expect(store.getByName('x')?.state).toBe('dreaming');
  });

  for (const target of AGENT_STATES) {
    for (const from of AGENT_STATES) {
      const allowed = predecessorsOf(target).includes(from);
      it(`S12: ${from} → ${target} is ${allowed ? 'done' : 'refused and changes nothing'}`, () => {
        put('x', from, 'pane');
        const before = store.getByName('x');
        const verdict = store.tryTransitionState('x', target);
        if (allowed) {
          expect(verdict).toEqual({ ok: true, prev: from, next: target });
          expect(store.getByName('x')?.state).toBe(target);
        } else {
          expect(verdict).toEqual({ ok: false, reason: 'illegal_transition', prev: from, attempted: target });
          expect(store.getByName('x')).toEqual(before);
        }
      });
    }
  }

  it('S13: nobody cannot change state', () => {
    expect(store.tryTransitionState('nobody', 'working')).toEqual({
      ok: false,
      reason: 'not_found',
      attempted: 'working',
    });
  });

  it('S14: completed is final', () => {
    put('x', 'working');
    expect(store.tryTransitionState('x', 'completed').ok).toBe(true);
    expect(store.tryTransitionState('x', 'zombie')).toMatchObject({ ok: false, prev: 'completed' });
    expect(store.getByName('x')?.state).toBe('completed');
  });

  it('S15: a late runner cannot bring a zombie back to work', () => {
    put('x', 'working');
    expect(store.tryTransitionState('x', 'zombie').ok).toBe(true);
    expect(store.tryTransitionState('x', 'working')).toMatchObject({ ok: false, prev: 'zombie' });
    expect(store.getByName('x')?.state).toBe('zombie');
  });

  it('S16: a zombie can be tidied up', () => {
    put('x', 'zombie');
    expect(store.tryTransitionState('x', 'completed').ok).toBe(true);
  });

  it('S17: a state may be written again, except booting', () => {
    for (const state of ['completed', 'zombie', 'working', 'in_turn', 'between_turns'] as const) {
      put('x', state);
      expect(store.tryTransitionState('x', state).ok).toBe(true);
    }
    put('x', 'booting');
    expect(store.tryTransitionState('x', 'booting').ok).toBe(false);
  });

  it('S18: a working session never enters the turn states', () => {
    put('x', 'working');
    expect(store.tryTransitionState('x', 'in_turn').ok).toBe(false);
    expect(store.tryTransitionState('x', 'between_turns').ok).toBe(false);
    expect(store.getByName('x')?.state).toBe('working');
  });

  it('S19: entering a terminal state blanks the terminal, nothing else does', () => {
    for (const target of ['completed', 'zombie'] as const) {
      put('x', 'working', 't');
      store.updateState('x', target);
      expect(store.getByName('x')?.tmuxSession).toBe('');
      put('x', 'working', 't');
      store.tryTransitionState('x', target);
      expect(store.getByName('x')?.tmuxSession).toBe('');
    }
    for (const from of ['booting', 'stalled'] as const) {
      put('x', from, 't');
      store.tryTransitionState('x', 'working');
      expect(store.getByName('x')).toMatchObject({ state: 'working', tmuxSession: 't' });
    }
    put('x', 'zombie', 't');
    expect(store.tryTransitionState('x', 'working').ok).toBe(false);
    expect(store.getByName('x')?.tmuxSession).toBe('t');
    store.updateState('x', 'working');
    expect(store.getByName('x')?.tmuxSession).toBe('t');
  });

  it('S23: activity changes the time and nothing else', () => {
    store.upsert(testSession('x', { state: 'stalled', escalationLevel: 2 }));
    const before = store.getByName('x');
    store.updateLastActivity('x');
    expect(store.getByName('x')).toEqual({ ...before, lastActivity: '2026-04-01T10:00:00.000Z' });
    store.updateLastActivity('x', Date.parse('2026-04-01T11:00:00.000Z'));
    expect(store.getByName('x')?.lastActivity).toBe('2026-04-01T11:00:00.000Z');
    store.updateLastActivity('nobody');
    expect(store.count()).toBe(1);
  });

  it('S24: escalation level and stall time go together', () => {
    store.upsert(testSession('x'));
    store.updateEscalation('x', 2, '2026-01-01T00:00:00.000Z');
    expect(store.getByName('x')).toMatchObject({ escalationLevel: 2, stalledSince: '2026-01-01T00:00:00.000Z' });
    store.updateEscalation('x', 0, null);
    expect(store.getByName('x')).toMatchObject({ escalationLevel: 0, stalledSince: null });
  });

  it('the transcript path can be set and cleared', () => {
    store.upsert(testSession('x'));
    store.updateTranscriptPath('x', '/t.jsonl');
    expect(store.getByName('x')?.transcriptPath).toBe('/t.jsonl');
    store.updateTranscriptPath('x', null);
    expect(store.getByName('x')?.transcriptPath).toBeNull();
  });

  describe('S25: purge', () => {
    beforeEach(() => {
      store.upsert(testSession('a', { state: 'completed' }));
      store.upsert(testSession('b', { state: 'completed' }));
      store.upsert(testSession('c', { state: 'working' }));
    });
    it('removes all', () => {
      expect(store.purge({ all: true, agent: 'a' })).toBe(3);
      expect(store.purge({ all: true })).toBe(0);
    });
    it('removes a state', () => {
      expect(store.purge({ state: 'completed' })).toBe(2);
      expect(store.getAll().map((session) => session.agentName)).toEqual(['c']);
    });
    it('removes an agent', () => expect(store.purge({ agent: 'a' })).toBe(1));
    it('wants every filter to match', () => {
      expect(store.purge({ state: 'completed', agent: 'c' })).toBe(0);
      expect(store.purge({ state: 'completed', agent: 'b' })).toBe(1);
    });
    it('removes nothing without a filter', () => {
      expect(store.purge({})).toBe(0);
      expect(store.count()).toBe(3);
    });
  });

  it('S26: rows outlive the connection, and opening again changes nothing', () => {
    store.upsert(testSession('x'));
    store.close();
    const again = folder.keep(must(openSessions(folder.file('sessions.db'))));
    expect(again.getByName('x')).toEqual(testSession('x'));
  });

  it('a read-only store reads, refuses writes and creates nothing', async () => {
    store.upsert(testSession('x'));
    const reader = folder.keep(must(openSessions(folder.file('sessions.db'), { readOnly: true })));
    expect(reader.getByName('x')).not.toBeNull();
    expect(() => reader.updateState('x', 'working')).toThrow(/readonly/);
    const missing = openSessions(folder.file('other.db'), { readOnly: true });
    expect(missing).toMatchObject({ ok: false, error: { tag: 'notFound' } });
  });

  describe('reserve', () => {
    it('shows the rule every row and stores the session as booting', () => {
      store.upsert(testSession('a'));
      const seen: string[] = [];
      const reserved = store.reserve(testSession('b', { state: 'working' }), (current) => {
        seen.push(...current.map((session) => session.agentName));
        return null;
      });
      expect(seen).toEqual(['a']);
      expect(reserved).toMatchObject({ ok: true, value: { agentName: 'b', state: 'booting' } });
      expect(store.getByName('b')?.state).toBe('booting');
    });

    it('stores nothing when the rule objects', () => {
      const refusal = { tag: 'capacity', message: 'two agents work already' } as const;
      expect(store.reserve(testSession('b'), () => refusal)).toEqual({ ok: false, error: refusal });
      expect(store.count()).toBe(0);
    });

    it('stores nothing when the rule throws, and the store goes on working', () => {
      expect(() =>
        store.reserve(testSession('b'), () => {
          throw new Error('a bug in the rule');
        }),
      ).toThrow('a bug in the rule');
      store.upsert(testSession('c'));
      expect(store.getAll().map((session) => session.agentName)).toEqual(['c']);
    });

    it('refuses a session id that belongs to another agent', () => {
      store.upsert(testSession('a', { id: 'same' }));
      expect(store.reserve(testSession('b', { id: 'same' }), () => null)).toMatchObject({
        ok: false,
        error: { tag: 'conflict' },
      });
    });
  });
});
