import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { RoomClient } from '../../../contract/room.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';

const run = promisify(execFile);
const fence = (yaml: string): string => `# Task\n\n\`\`\`rehearsal\n${yaml}\n\`\`\`\n`;

/** Times that let a test see a whole ladder in seconds; milliseconds. */
const FAST = `watchdog:
  tier0IntervalMs: 200
  staleThresholdMs: 1500
  zombieThresholdMs: 60000
  nudgeIntervalMs: 700
controlRoom:
  watchdog:
    refreshMs: 100
    loopRounds: 4
    loopMinimumMs: 300
`;

/** For agents that are to be left alone: longer than a busy machine lets a program wait for the processor. */
const PATIENT = FAST.replace('staleThresholdMs: 1500', 'staleThresholdMs: 12000');

let project: TestProject;
afterEach(() => project.dispose());

async function sling(
  client: RoomClient,
  name: string,
  script: string,
  capability: 'builder' | 'lead' = 'builder',
): Promise<void> {
  const written = await client.call('tasks.writeSpec', { id: `T-${name}`, body: fence(script) });
  if (!written.ok) throw new Error(written.error.message);
  const slung = await client.call('agents.sling', { taskId: `T-${name}`, name, capability });
  if (!slung.ok) throw new Error(slung.error.message);
}

describe('watchdog over real agents', () => {
  it('ends a hanging turn on all five signals, loses nothing of its worktree, and lets it be tried again', async () => {
    project = await createTestProject(undefined, FAST);
    const { client } = await project.start();
    await sling(client, 'stuck', 'start:\n  - write: { path: half.txt, content: half }\n  - hang:');
    // A turn that is still being launched is stalled on fewer signals: what counts is what is known in the end.
    const known = (state: string | undefined): boolean => state === 'quiet';
    await topicUntil(
      client,
      'evidence',
      ({ byId }) => byId.stuck?.verdict === 'stalled' && known(byId.stuck.signals.process.state),
    );
    const agents = await topicUntil(client, 'agents', ({ byId }) => byId.stuck?.turnCount === 2);
    expect(await run('cat', [join(agents.byId.stuck?.worktree ?? '', 'half.txt')])).toMatchObject({ stdout: 'half' });
    const why = await client.call('watchdog.why', { agentName: 'stuck' });
    if (!why.ok) throw new Error(why.error.message);
    // On a busy machine it may be marked while it still starts, and have that taken back: what led to the end counts.
    const rules = why.value.actions.map((action) => action.rule).reverse();
    const ended = rules.indexOf('endTurn');
    expect(rules.slice(Math.max(0, ended - 2), ended + 1)).toEqual(['stalled', 'nudge', 'endTurn']);
    expect(why.value.actions.find((action) => action.rule === 'endTurn')?.evidence?.signals.git.state).not.toBe(
      'unknown',
    );
    await client.call('agents.stop', { agentName: 'stuck' });
  }, 180_000);

  it('leaves alone a long tool that works, a parent that waits, and an announced retry', async () => {
    // Shorter than the tool and the retry.
    project = await createTestProject(undefined, PATIENT);
    const { client } = await project.start();
    const spin = "node -e 'const end=Date.now()+16000; while (Date.now()<end);'";
    await sling(client, 'tool', `start:\n  - run: "${spin}"\n  - taskDone: long tool done`);
    await sling(
      client,
      'retrier',
      'start:\n  - retry: { attempts: 1, delayMs: 16000, status: 529 }\n  - taskDone: got through',
    );
    await sling(client, 'boss', 'start:\n  - say: I wait.\non:\n  worker_done:\n    - taskDone: over', 'lead');
    const troubles = new Set<string>();
    const end = client.subscribe('evidence', ({ byId }) => {
      for (const { agentName, verdict, reason } of Object.values(byId))
        if (verdict === 'stalled') troubles.add(`${agentName}: ${reason}`);
    });
    await topicUntil(
      client,
      'agents',
      ({ byId }) => byId.tool?.state === 'completed' && byId.retrier?.state === 'completed',
    );
    end();
    expect([...troubles]).toEqual([]);
    const log = await client.call('watchdog.rules', {});
    expect(log.ok && log.value.recent.filter((one) => one.rule === 'endTurn' || one.rule === 'stalled')).toEqual([]);
  }, 180_000);

  it('finds an agent that repeats itself and calls the operator, whose answer reaches one that asked in prose', async () => {
    project = await createTestProject(undefined, PATIENT);
    const { client } = await project.start();
    const same = Array.from({ length: 8 }, () => '  - run: "sleep 0.2; echo same"').join('\n');
    await sling(client, 'loop', `start:\n${same}\n  - hang:`);
    await topicUntil(client, 'evidence', ({ byId }) => byId.loop?.verdict === 'looping');
    await topicUntil(client, 'attention', ({ byId }) => Object.keys(byId).some((id) => id.startsWith('loop:')));
    await client.call('agents.stop', { agentName: 'loop' });

    await sling(
      client,
      'prose',
      'start:\n  - say: "Both ways work. Should I take the first one?"\non:\n  any:\n    - taskDone: took it',
    );
    const asked = await topicUntil(client, 'attention', ({ byId }) =>
      Object.keys(byId).some((id) => id.startsWith('question:')),
    );
    const item = Object.values(asked.byId).find((one) => one.id.startsWith('question:'));
    expect(item).toMatchObject({ kind: 'question', agent: 'prose', title: 'Should I take the first one?' });
    expect(await client.call('attention.answer', { id: item?.id ?? '', answer: 'Yes.' })).toMatchObject({ ok: true });
    await topicUntil(client, 'agents', ({ byId }) => byId.prose?.state === 'completed');
  }, 180_000);

  it('asks the agent’s own runtime with its print command, once, and follows what it says', async () => {
    project = await createTestProject(
      undefined,
      `${FAST.replace('  nudgeIntervalMs: 700\n', '  nudgeIntervalMs: 1500\n  tier1Enabled: true\n  maxEscalationLevel: 2\n  triageTimeoutMs: 12000\n').replace('tier0IntervalMs: 200', 'tier0IntervalMs: 12001')}`,
    );
    process.env.OVERSTORY_REHEARSAL_ANSWER = 'retry';
    try {
      const { client } = await project.start();
      await sling(client, 'stuck', 'start:\n  - hang:');
      await topicUntil(
        client,
        'mail',
        ({ byId }) => Object.values(byId).some((mail) => mail.body.includes('Recovery')),
        150_000,
      );
      const rules = await client.call('watchdog.rules', {});
      expect(rules.ok && rules.value.triage).toMatchObject({ asked: 1, failed: 0 });
      await client.call('agents.stop', { agentName: 'stuck' });
    } finally {
      delete process.env.OVERSTORY_REHEARSAL_ANSWER;
    }
  }, 180_000);
});
