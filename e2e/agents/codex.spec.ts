import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isRunning } from '../support/processes.ts';
import { useAgentStage } from './support/agentStage.ts';
import { agentCases } from './support/cases.ts';
import { done, numberIn } from './support/deeds.ts';
import { screenOf, type } from './support/screenOf.ts';
import { say, shell } from './support/scriptedModel.ts';
import { codex } from './support/stagedRuntimes.ts';

/** The arrow key. */
const DOWN = '\u001b[B';

describe('Codex', () => {
  const stage = useAgentStage(codex);
  const worktreeOf = (name: string): string => join(stage.repository.root, '.overstory', 'worktrees', name);

  agentCases(codex, stage);

  test('is taken over in mid-tool, typed to, and handed back', async () => {
    const { model, room } = stage;
    model.script(shell('echo $$ > pid; sleep 77; echo late > late.txt'));
    await stage.sling('gwen');
    const tool = await numberIn(join(worktreeOf('gwen'), 'pid'));
    const taken = await room.call('agents.takeOver', { agentName: 'gwen' });
    if (!taken.ok) throw new Error(taken.error.message);
    expect(await isRunning(tool)).toBe(false);
    const { terminalId } = taken.value;
    const screen = () => screenOf(room, terminalId);
    // A notice of a newer model comes first; both keys that close it choose that model, so the other line is taken.
    await expect.poll(screen, { timeout: 60_000, interval: 300 }).toMatch(/2\. Use existing model/);
    await type(room, terminalId, DOWN);
    await expect.poll(screen, { timeout: 60_000, interval: 300 }).toMatch(/› 2\./);
    await type(room, terminalId, '\r');
    await expect.poll(screen, { timeout: 60_000, interval: 300 }).not.toMatch(/Use existing model/);
    model.script(say('Answer to a person.'));
    await type(room, terminalId, 'Who are you?');
    await expect.poll(screen, { timeout: 60_000, interval: 300 }).toContain('Who are you?');
    await type(room, terminalId, '\r');
    await expect.poll(screen, { timeout: 60_000, interval: 300 }).toContain('Answer to a person.');
    model.script(done('gwen'), say('Finished.'));
    const asked = model.asked.length;
    const back = await room.call('agents.handBack', { agentName: 'gwen', message: 'Now finish.' });
    if (!back.ok) throw new Error(back.error.message);
    await stage.until('gwen', (agent) => agent.status === 'done', 'done');
    expect(model.asked[asked]?.body).toContain('Answer to a person.');
    expect(await readdir(worktreeOf('gwen'))).not.toContain('late.txt');
    expect(model.strange).toEqual([]);
  });
});
