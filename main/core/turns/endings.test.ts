import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentView } from '../../../contract/agents.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { processStartTime } from '../../platform/processes.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';

/** How real processes end: what is left of their trees, and what the next attempt meets (real-agents.md §5 "Kill"). */
const fence = (yaml: string): string => `# Task\n\n\`\`\`rehearsal\n${yaml}\n\`\`\`\n`;

/** Starts a tool in a session of its own that ignores polite signals, and forgets it. Its pid is in `tool.pid`. */
const STUBBORN = `(setsid sh -c 'trap "" INT TERM HUP; echo $$ > tool.pid; while :; do sleep 0.05; done' > /dev/null 2>&1 &)`;
const TOOL_IS_UP = 'until test -s tool.pid; do sleep 0.02; done';

let project: TestProject;
let client: RoomClient;
beforeEach(async () => {
  project = await createTestProject({ 'README.md': '# sample\n' }, 'controlRoom:\n  maxTurnAttempts: 2\n');
  ({ client } = await project.start());
});
afterEach(() => project.dispose());

const agent = async (condition: (view: AgentView) => boolean): Promise<AgentView> => {
  const met = (view: AgentView | undefined): boolean => view !== undefined && condition(view);
  const found = (await topicUntil(client, 'agents', (state) => met(state.byId.ann))).byId.ann;
  if (found === undefined) throw new Error('no agent ann');
  return found;
};

async function sling(script: string): Promise<void> {
  await client.call('tasks.writeSpec', { id: 'T-1', body: fence(script) });
  expect(await client.call('agents.sling', { taskId: 'T-1', name: 'ann' })).toMatchObject({ ok: true });
}

const said = async (): Promise<readonly string[]> => {
  const page = await client.call('timeline.page', { agent: 'ann' });
  return page.ok ? page.value.items.filter((item) => item.kind === 'text').map((item) => item.summary) : [];
};

async function toolPid(): Promise<number> {
  const { worktree } = await agent(() => true);
  return Number(await readFile(join(worktree, 'tool.pid'), 'utf8'));
}

describe('endings', () => {
  it('D-12: a stop in mid-tool leaves nothing of the tree, tools in sessions of their own included', async () => {
    await sling(`start:\n  - run: ${JSON.stringify(STUBBORN)}\n  - run: ${TOOL_IS_UP}\n  - say: tool runs\n  - hang:`);
    await agent((ann) => ann.activity === 'tool runs');
    const pid = await toolPid();
    expect(await processStartTime(pid)).not.toBeNull();
    expect(await client.call('agents.stop', { agentName: 'ann' })).toMatchObject({ ok: true });
    expect(await processStartTime(pid)).toBeNull();
    expect(await agent((ann) => ann.turn === null)).toMatchObject({ state: 'completed' });
  });

  it('what a crashed turn left behind is ended before the next attempt begins', async () => {
    // Not by `kill -0`: a process that ended answers it until somebody has collected its status, which may take init a while.
    const runs = "grep -qs '^State:[[:space:]]*[^ZX[:space:]]' /proc/$(cat tool.pid)/status";
    const check = `if ${runs}; then echo beside > verdict; else echo alone > verdict; fi`;
    await sling(
      `start:\n  - run: ${JSON.stringify(STUBBORN)}\n  - run: ${TOOL_IS_UP}\n  - crash: { signal: SIGKILL }\n  - run: ${JSON.stringify(check)}\n  - taskDone: over`,
    );
    const ann = await agent((view) => view.state === 'completed');
    expect(ann.turnCount).toBe(2);
    expect(await readFile(join(ann.worktree, 'verdict'), 'utf8')).toBe('alone\n');
  });

  it('an interrupted turn ends in its own words, so that its conversation knows what was cut off', async () => {
    await sling(`start:\n  - say: before\n  - hang:`);
    await agent((ann) => ann.activity === 'before');
    await client.call('agents.takeOver', { agentName: 'ann' });
    await agent((ann) => ann.hold?.kind === 'takenOver' && ann.turn === null);
    const page = await client.call('timeline.page', { agent: 'ann' });
    const ends = page.ok ? page.value.items.filter((item) => item.kind === 'turnEnd').map((item) => item.summary) : [];
    expect(ends).toEqual(['turn 1 ended: taken over by the operator']);
  });

  it('a missing login stops the agent at once; ov retry goes on with the same conversation and loses nothing', async () => {
    await sling(
      `start:\n  - say: before\n  - fail: { message: "Not logged in · Please run /login", once: true }\n  - say: after\n  - taskDone: over`,
    );
    const held = await agent((ann) => ann.hold?.kind === 'needsLogin' && ann.turn === null);
    expect(held).toMatchObject({ status: 'needsYou', turnCount: 1, unreadMail: 1, retry: null });
    const attention = await topicUntil(client, 'attention', (state) => Object.keys(state.byId).length === 1);
    expect(Object.values(attention.byId)).toMatchObject([{ kind: 'login', agent: 'ann', title: 'ann needs a login' }]);
    await client.call('agents.retry', { agentName: 'ann' });
    const done = await agent((ann) => ann.state === 'completed');
    expect(done).toMatchObject({ turnCount: 2, conversationId: held.conversationId, hold: null });
    expect(await said()).toEqual(['before', 'Not logged in · Please run /login', 'after']);
    await topicUntil(client, 'attention', (state) => Object.keys(state.byId).length === 0);
  });

  it('a conversation whose file is gone is begun afresh, and the timeline says why', async () => {
    await sling(`start:\n  - say: begun\n  - crash: { once: true }\non:\n  any:\n    - taskDone: over`);
    // Damaged between the crash and the next attempt, which follows a second later at the earliest.
    const ann = await agent((view) => view.retry !== null && view.conversationId !== null);
    await project.write(`${project.root}/.overstory/rehearsal/${ann.conversationId}.json`, 'not a conversation');
    const fresh = await agent(
      (view) => view.conversationId !== null && view.conversationId !== ann.conversationId && view.turn === null,
    );
    expect(fresh.turnCount).toBeGreaterThanOrEqual(3);
    const page = await client.call('timeline.page', { agent: 'ann' });
    const ends = page.ok ? page.value.items.filter((item) => item.kind === 'turnEnd').map((item) => item.summary) : [];
    expect(ends.some((words) => words.includes('is damaged'))).toBe(true);
  });
});
