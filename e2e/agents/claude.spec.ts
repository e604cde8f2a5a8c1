import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createClaudeAdapter } from '../../main/core/runtimes/claude.ts';
import { isRunning } from '../support/processes.ts';
import { useAgentStage } from './support/agentStage.ts';
import { agentCases } from './support/cases.ts';
import { done, numberIn } from './support/deeds.ts';
import { screenOf, type } from './support/screenOf.ts';
import { say, shell } from './support/scriptedModel.ts';
import { claude } from './support/stagedRuntimes.ts';

describe('Claude Code', () => {
  const stage = useAgentStage(claude);

  agentCases(claude, stage);

  test('is taken over in mid-tool, typed to, and handed back', async () => {
    const { model, room, repository } = stage;
    const worktree = join(repository.root, '.overstory', 'worktrees', 'gwen');
    model.script(shell('echo $$ > pid; sleep 77; echo late > late.txt'));
    await stage.sling('gwen');
    const tool = await numberIn(join(worktree, 'pid'));
    const before = await stage.agent('gwen');
    const taken = await room.call('agents.takeOver', { agentName: 'gwen' });
    if (!taken.ok) throw new Error(taken.error.message);
    expect(await isRunning(tool)).toBe(false);
    expect((await stage.agent('gwen')).hold?.kind).toBe('takenOver');
    const { terminalId } = taken.value;
    const { detectReady } = createClaudeAdapter({ uid: null, environment: {} });
    await expect
      .poll(async () => detectReady(await screenOf(room, terminalId)).phase, { timeout: 60_000, interval: 300 })
      .toBe('ready');
    model.script(say('Answer to a person.'));
    await type(room, terminalId, 'Who are you?\r');
    await expect
      .poll(() => screenOf(room, terminalId), { timeout: 60_000, interval: 300 })
      .toContain('Answer to a person.');
    model.script(done('gwen'), say('Finished.'));
    const asked = model.asked.length;
    const back = await room.call('agents.handBack', { agentName: 'gwen', message: 'Now finish.' });
    if (!back.ok) throw new Error(back.error.message);
    const finished = await stage.until('gwen', (agent) => agent.status === 'done', 'done');
    expect(finished.conversationId).toBe(before.conversationId ?? finished.conversationId);
    expect(model.asked[asked]?.body).toContain('Answer to a person.');
    expect(await readdir(worktree)).not.toContain('late.txt');
    expect(model.strange).toEqual([]);
  });
});
