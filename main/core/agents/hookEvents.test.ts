import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { must } from '../db/testing/folder.ts';
import type { StoredEvent } from '../events/eventRow.ts';
import { openEvents } from '../events/eventStore.ts';
import { openSessions } from '../sessions/sessionStore.ts';
import { testSession } from '../sessions/testSession.ts';
import { hookEventOf, outlivesItsStopHook, readHookCall, recordHookEvent } from './hookEvents.ts';
import { ensureIdentity, readIdentity } from './identity.ts';

const NOW = Date.parse('2026-03-05T14:00:00.000Z');
let overstory: string;
beforeEach(async () => {
  overstory = await mkdtemp(join(tmpdir(), 'hooks-'));
});
afterEach(() => rm(overstory, { recursive: true, force: true }));

function report(event: 'tool-start' | 'tool-end' | 'session-end', input: unknown = null) {
  return recordHookEvent({
    overstoryDirectory: overstory,
    agentName: 'ann',
    event,
    call: input === null ? null : readHookCall(JSON.stringify(input)),
    toolName: null,
    transcriptPath: null,
    now: NOW,
  });
}

function session(state: 'booting' | 'working', capability: string, tmuxSession: string): void {
  const sessions = must(openSessions(join(overstory, 'sessions.db')));
  sessions.upsert({ ...testSession('ann'), capability, state, tmuxSession, runId: 'run-1', taskId: 'T-1' });
  sessions.close();
}

function stored(): { readonly events: readonly StoredEvent[]; readonly state: string | undefined } {
  const events = must(openEvents(join(overstory, 'events.db')));
  const sessions = must(openSessions(join(overstory, 'sessions.db')));
  try {
    return { events: events.getByAgent('ann'), state: sessions.getByName('ann')?.state };
  } finally {
    events.close();
    sessions.close();
  }
}

describe('ov log (spec 03 §1.6)', () => {
  it('keeps a tool call with its run, its kept arguments and its duration', async () => {
    session('booting', 'builder', 'overstory-p-ann');
    const call = { tool_name: 'Edit', tool_input: { file_path: 'a.ts', new_string: 'secret' }, session_id: 'c-1' };
    must(await report('tool-start', call));
    must(await report('tool-end', call));
    const { events, state } = stored();
    expect(events.map((event) => [event.eventType, event.toolName, event.runId, event.sessionId])).toEqual([
      ['tool_start', 'Edit', 'run-1', 'c-1'],
      ['tool_end', 'Edit', 'run-1', 'c-1'],
    ]);
    expect(events[0]?.toolArgs).not.toContain('secret');
    expect(events[0]?.toolDurationMs).not.toBeNull();
    expect(state).toBe('working');
  });

  it('keeps a call it was told nothing of, and one of an agent nobody knows', async () => {
    must(await report('tool-start'));
    expect(stored().events).toMatchObject([{ toolName: 'unknown', toolArgs: null, runId: null }]);
  });

  it('completes an interactive session at its end, and counts it', async () => {
    session('working', 'builder', 'overstory-p-ann');
    must(await ensureIdentity(join(overstory, 'agents'), 'ann', 'builder', NOW));
    must(await report('session-end'));
    expect(stored()).toMatchObject({ state: 'completed', events: [{ eventType: 'session_end' }] });
    expect(must(await readIdentity(join(overstory, 'agents'), 'ann'))).toMatchObject({
      sessionsCompleted: 1,
      recentTasks: [{ taskId: 'T-1', summary: 'Completed task T-1' }],
    });
  });

  it.each([
    ['a lead', 'lead', 'overstory-p-ann'],
    ['a coordinator', 'coordinator', 'overstory-p-ann'],
    ['an agent that runs one process a turn', 'builder', ''],
  ])('never completes %s', async (_, capability, tmuxSession) => {
    session('working', capability, tmuxSession);
    must(await report('session-end'));
    expect(stored().state).toBe('working');
  });

  it.each(['', '{', '[1]', '{"tool_input":7}', 'null'])('reads %j as saying nothing', (text) => {
    expect(readHookCall(text)).toEqual({ toolName: null, toolInput: {}, conversationId: null, transcriptPath: null });
  });

  it('refuses other events', () => {
    expect(hookEventOf('bogus')).toMatchObject({ ok: false, error: { tag: 'validation', field: 'event' } });
  });

  it('knows whose Stop hook comes with every turn', () => {
    const roles = ['coordinator', 'orchestrator', 'monitor', 'lead', 'builder', 'scout', 'merger'];
    expect(roles.filter(outlivesItsStopHook)).toEqual(['coordinator', 'orchestrator', 'monitor', 'lead']);
  });

  it('leaves the conversation’s own file alone', async () => {
    session('working', 'builder', 'overstory-p-ann');
    must(await report('tool-start', { tool_name: 'Bash', transcript_path: '/nowhere/t.jsonl' }));
    await expect(readFile('/nowhere/t.jsonl')).rejects.toThrow();
    const sessions = must(openSessions(join(overstory, 'sessions.db')));
    expect(sessions.getByName('ann')?.transcriptPath).toBe('/nowhere/t.jsonl');
    sessions.close();
  });
});
