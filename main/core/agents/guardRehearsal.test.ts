import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoomClient } from '../../../contract/room.ts';
import { must } from '../db/testing/folder.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';

// The whole way of a guarded call, with real processes: an agent's turn reads the settings of its launch, runs their hook,
// and the hook is `ov guard` of this product. What is refused does not run.

let project: TestProject;
let client: RoomClient;
beforeEach(async () => {
  project = await createTestProject();
  ({ client } = await project.start());
});
afterEach(() => project.dispose());

const SCRIPT = `# T

\`\`\`rehearsal
start:
  - run: { command: "git push . HEAD:refs/heads/stolen", guarded: true, expect: fail }
  - say: "{{last.output}}"
  - run: { command: "touch outside-ok && git status --short", guarded: true, expect: any }
  - taskDone: "{{last.status}}"
\`\`\`
`;

async function play(capability: 'builder' | 'scout'): Promise<{ readonly said: string; readonly report: string }> {
  must(await client.call('tasks.writeSpec', { id: 'T-1', body: SCRIPT }));
  must(await client.call('agents.sling', { taskId: 'T-1', name: 'ann', capability }));
  await topicUntil(client, 'agents', ({ byId }) => byId.ann?.state === 'completed' && byId.ann.turn === null);
  const { items } = must(await client.call('timeline.page', { agent: 'ann', limit: 100 }));
  const { messages } = must(await client.call('mail.list', { from: 'ann', type: 'worker_done' }));
  return { said: items.map((item) => item.summary).join('\n'), report: messages[0]?.body ?? '' };
}

describe('a canary through an agent’s own process', () => {
  it('a push is refused with the guard’s reason and has not happened; an ordinary command of a builder runs', async () => {
    const { said, report } = await play('builder');
    expect(said).toContain('the guard refused it: ');
    expect(await project.git('branch', '--list', 'stolen')).toBe('');
    expect(report).toContain('ok');
  });

  it('the same command is refused to a role that only reads', async () => {
    const { report } = await play('scout');
    expect(report).toContain('failed');
    expect(await project.git('branch', '--list', 'stolen')).toBe('');
  });

  it('without its guard the push does happen, so that the first test can fail', async () => {
    await rm(join(project.root, '.overstory/run/bin/ov'));
    // A hook that cannot start lets the call pass, as claude's does: only the canary call of the engine notices.
    await writeFile(join(project.root, '.overstory/run/bin/ov'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    must(
      await client.call('tasks.writeSpec', {
        id: 'T-1',
        body: SCRIPT.replace('expect: fail', 'expect: ok').replace('  - taskDone: "{{last.status}}"\n', ''),
      }),
    );
    must(await client.call('agents.sling', { taskId: 'T-1', name: 'ann' }));
    await topicUntil(client, 'agents', ({ byId }) => (byId.ann?.turnCount ?? 0) > 0 && byId.ann?.turn === null);
    expect(await project.git('branch', '--list', 'stolen')).toContain('stolen');
  });
});
