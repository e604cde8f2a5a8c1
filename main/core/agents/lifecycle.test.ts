import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentState } from '../../../contract/agents.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { must } from '../db/testing/folder.ts';
import { openEvents } from '../events/eventStore.ts';
import { openSessions } from '../sessions/sessionStore.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';
import { pathExists } from '../util/files.ts';

/** Ending and nudging with real agents, worktrees and stores (spec 02 §4.1, §4.2, §4.9). */
const fence = (yaml: string): string => `# Task\n\n\`\`\`rehearsal\n${yaml}\n\`\`\`\n`;

let project: TestProject;
let client: RoomClient;
beforeEach(async () => {
  project = await createTestProject();
  ({ client } = await project.start());
});
afterEach(() => project.dispose());

const state = (...path: string[]): string => join(project.root, '.overstory', ...path);
const worktreeOf = (name: string): string => state('worktrees', name);
const stop = (agentName: string): ReturnType<RoomClient['call']> => client.call('agents.stop', { agentName });
const remove = (agentName: string, force = false): ReturnType<RoomClient['call']> =>
  client.call('worktrees.remove', { agentName, force });

/** An agent that has done what its script says and rests, or ended. */
async function agent(name: string, script = 'start:\n  - say: at work', options = {}): Promise<void> {
  must(await client.call('tasks.writeSpec', { id: `T-${name}`, body: fence(script) }));
  must(await client.call('agents.sling', { taskId: `T-${name}`, name, ...options }));
  await topicUntil(client, 'agents', ({ byId }) => {
    const found = byId[name];
    return found !== undefined && found.turnCount > 0 && found.turn === null && found.unreadMail === 0;
  });
}

/** Writes a state that only a crash or the watchdog would bring about. */
function putState(name: string, value: AgentState): void {
  const sessions = must(openSessions(state('sessions.db')));
  sessions.updateState(name, value);
  sessions.close();
}

function stateOf(name: string): string | undefined {
  const sessions = must(openSessions(state('sessions.db'), { readOnly: true }));
  try {
    return sessions.getByName(name)?.state;
  } finally {
    sessions.close();
  }
}

function nudges(name: string): readonly { readonly runId: string | null; readonly delivered: boolean }[] {
  const events = must(openEvents(state('events.db'), { readOnly: true }));
  try {
    return events.getByAgent(name).flatMap(({ runId, data }) => {
      const told = JSON.parse(data ?? '{}') as { readonly type?: string; readonly delivered?: boolean };
      return told.type === 'nudge' ? [{ runId, delivered: told.delivered === true }] : [];
    });
  } finally {
    events.close();
  }
}

describe('stopping an agent', () => {
  it('CT1, CT2: a blank name and one nobody has are refused in one line', async () => {
    expect(await stop('')).toMatchObject({ ok: false, error: { tag: 'validation' } });
    expect(await stop('nobody')).toMatchObject({
      ok: false,
      error: { tag: 'agent', message: 'agent "nobody" not found: see "ov status" for the names' },
    });
  });

  it('CT3, CT6: a completed one says so and how its worktree goes, which then goes with its branch', async () => {
    await agent('ann', 'start:\n  - taskDone: over');
    expect(await stop('ann')).toMatchObject({
      ok: false,
      error: { tag: 'invalidState', message: expect.stringMatching(/already completed; .*--clean-worktree/) },
    });
    expect(await remove('ann')).toMatchObject({ ok: true, value: { branchDeleted: true } });
    expect(await pathExists(worktreeOf('ann'))).toBe(false);
    expect(await project.git('branch', '--list', 'overstory/*')).toBe('');
    expect(stateOf('ann')).toBe('completed');
  });

  it('CT4, CT5: a dead one is completed, says that it was dead, and can be cleaned up', async () => {
    await agent('ann');
    putState('ann', 'zombie');
    expect(await stop('ann')).toMatchObject({ ok: true, value: { wasZombie: true, turnEnded: false } });
    expect(stateOf('ann')).toBe('completed');
    expect(await remove('ann')).toMatchObject({ ok: true, value: { branchDeleted: true } });
  });

  it.each(['booting', 'working', 'between_turns', 'stalled'] as const)(
    'CT7, CT13: one that is %s without a process is completed, and nothing is killed',
    async (was) => {
      await agent('ann');
      putState('ann', was);
      expect(await stop('ann')).toMatchObject({ ok: true, value: { wasZombie: false, turnEnded: false } });
      expect(stateOf('ann')).toBe('completed');
      expect(await pathExists(worktreeOf('ann'))).toBe(true);
    },
  );

  it('CT10, CT11: uncommitted work keeps the worktree until it is forced, and the agent is stopped all the same', async () => {
    await agent('ann');
    await writeFile(join(worktreeOf('ann'), 'mine.txt'), 'mine');
    must(await stop('ann'));
    expect(await remove('ann')).toMatchObject({ ok: false, error: { message: expect.stringContaining('mine.txt') } });
    expect(stateOf('ann')).toBe('completed');
    expect(await remove('ann', true)).toMatchObject({ ok: true, value: { branchDeleted: true } });
  });

  it('CT12: an unmerged branch outlives its worktree unless that is forced', async () => {
    await agent('ann', 'start:\n  - write: { path: a.txt, content: a }\n  - commit: a\n  - say: done');
    must(await stop('ann'));
    expect(await remove('ann')).toMatchObject({ ok: true, value: { branchDeleted: false } });
    expect(await project.git('branch', '--list', 'overstory/ann/*')).toContain('overstory/ann/T-ann');
  });

  it('CT14, CT15: only of a lead is its superior told, with that lead’s own merge_ready mail', async () => {
    must(await client.call('coordinator.start', {}));
    await agent('liz', 'start:\n  - say: led', { capability: 'lead', parent: 'coordinator' });
    await agent('max', 'start:\n  - say: led', { capability: 'lead', parent: 'coordinator' });
    await agent('bob');
    const ready = (from: string, payload: object): Promise<unknown> =>
      client.call('mail.send', {
        to: 'coordinator',
        from,
        subject: 'merge_ready',
        body: 'b',
        type: 'merge_ready',
        payload: JSON.stringify(payload),
      });
    await ready('max', { branch: 'overstory/x/T-2', taskId: 'T-2' });
    await ready('liz', { taskId: 'T-3' });
    must(await stop('liz'));
    must(await stop('bob'));
    const { messages } = must(await client.call('mail.list', { to: 'coordinator', from: 'system' }));
    expect(messages.map((mail) => mail.subject)).toEqual(['Lead liz exited: sent 1 merge_ready (branch unknown)']);
  });
});

describe('nudging an agent', () => {
  const nudge = (agentName: string): ReturnType<RoomClient['call']> =>
    client.call('agents.nudge', { agentName, message: 'look at your mail', from: 'orchestrator' });

  it('CT17: one that nobody knows has no active session', async () => {
    expect(await nudge('nobody')).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('No active session of nobody') },
    });
  });

  it.each(['zombie', 'completed'] as const)(
    'CT18, CT22: one that is %s is refused with the exact way back, and that is noted with its run',
    async (was) => {
      await agent('liz', 'start:\n  - say: led', { capability: 'lead' });
      putState('liz', was);
      expect(await nudge('liz')).toMatchObject({
        ok: true,
        value: {
          delivered: false,
          reason: `No active session of liz (state: ${was}); start it again with "ov sling T-liz --capability lead --recover"`,
        },
      });
      expect(nudges('liz')).toEqual([{ runId: expect.stringMatching(/^run-/), delivered: false }]);
    },
  );

  it('CT22, CT26: a resting one gets a turn with the words, and that is noted with its run', async () => {
    await agent('ann', 'start:\n  - say: at work\non:\n  any:\n    - say: "heard: {{mail.body}}"');
    expect(await nudge('ann')).toMatchObject({ ok: true, value: { delivered: true, reason: null } });
    await topicUntil(client, 'timeline', ({ items }) =>
      Object.values(items).some((item) => item.summary.includes('heard: look at your mail')),
    );
    expect(nudges('ann')).toEqual([{ runId: expect.stringMatching(/^run-/), delivered: true }]);
  });
});
