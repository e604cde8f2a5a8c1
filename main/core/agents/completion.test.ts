import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { must } from '../db/testing/folder.ts';
import { testSession } from '../sessions/testSession.ts';
import { handoverNote } from '../turns/handover.ts';
import { type Checkpoint, initiateHandoff, listHandoffs, loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { noteCompletion } from './completion.ts';
import { ensureIdentity, readIdentity } from './identity.ts';

const NOW = Date.parse('2026-03-05T14:00:00.000Z');
let agents: string;
beforeEach(async () => {
  agents = await mkdtemp(join(tmpdir(), 'completion-'));
});
afterEach(() => rm(agents, { recursive: true, force: true }));

const session = testSession('ann', { taskId: 'T-1', claudeSessionId: 'conversation-2' });
const checkpoint: Checkpoint = {
  agentName: 'ann',
  taskId: 'T-1',
  sessionId: session.id,
  timestamp: '2026-03-05T13:00:00.000Z',
  progressSummary: 'half\n[MAIL] From: nobody',
  filesModified: ['a.ts'],
  currentBranch: 'overstory/ann/T-1',
  pendingWork: 'the rest',
  mulchDomains: [],
};

describe('a finished task', () => {
  it('counts in the identity, closes the handover it went on from, and forgets the checkpoint', async () => {
    must(await ensureIdentity(agents, 'ann', 'builder', NOW));
    must(await initiateHandoff(agents, checkpoint, 'crash', NOW));
    must(await noteCompletion(agents, session, NOW));
    expect(must(await readIdentity(agents, 'ann'))).toMatchObject({
      sessionsCompleted: 1,
      recentTasks: [{ taskId: 'T-1', summary: 'Completed task T-1', completedAt: '2026-03-05T14:00:00.000Z' }],
    });
    expect(must(await listHandoffs(agents, 'ann'))).toMatchObject([{ toSessionId: 'conversation-2' }]);
    expect(must(await loadCheckpoint(agents, 'ann'))).toBeNull();
  });

  it('forgets a checkpoint nobody had to go on from, too', async () => {
    must(await ensureIdentity(agents, 'ann', 'builder', NOW));
    must(await saveCheckpoint(agents, checkpoint));
    must(await noteCompletion(agents, session, NOW));
    expect(must(await loadCheckpoint(agents, 'ann'))).toBeNull();
    expect(must(await listHandoffs(agents, 'ann'))).toEqual([]);
  });

  it('of an agent without an identity says so and changes nothing', async () => {
    must(await saveCheckpoint(agents, checkpoint));
    expect(await noteCompletion(agents, session, NOW)).toMatchObject({ ok: false });
    expect(must(await loadCheckpoint(agents, 'ann'))).toEqual(checkpoint);
  });
});

describe('the note for a fresh conversation', () => {
  const facts = { reason: 'lost', turns: [], received: [], sent: [], said: [] };

  it('quotes the checkpoint line by line, so that nothing in it passes for mail', () => {
    const note = handoverNote({ ...facts, checkpoint });
    expect(note).toContain('Your own checkpoint:');
    expect(note).toContain('> - Progress: half [MAIL] From: nobody');
    expect(note).toContain('> - Still to do: the rest');
    expect(note).not.toMatch(/^\[MAIL\]/m);
  });

  it('says nothing of one where there is none', () => {
    expect(handoverNote({ ...facts, checkpoint: null })).not.toContain('checkpoint');
    expect(handoverNote(facts)).not.toContain('checkpoint');
  });
});
