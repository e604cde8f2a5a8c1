import { describe, expect, test } from 'vitest';
import type { AgentView } from '../../contract/agents.ts';
import type { MailMessage } from '../../contract/mail.ts';
import { findLiveEngine } from '../../main/core/lease/engineInfo.ts';
import { type EngineProcess, startEngine } from '../support/engineProcess.ts';
import { currentFace } from '../support/faces.ts';
import { signal } from '../support/processes.ts';
import { untilOpened } from '../support/repository.ts';
import { attentionItem, seeState, treeItem } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

describe(`an engine killed while the room is open in ${currentFace()}`, () => {
  const stage = useStage();

  test('is missed, comes back, and nothing is lost', async () => {
    const { page, repository, room } = stage;
    room.console.tolerate(/WebSocket connection to .* failed/);
    // One agent is in the middle of a turn, another waits for a person.
    await repository.sling('runner', {
      start: [
        { say: 'First half.' },
        untilOpened('second-half'),
        { write: { path: 'half.txt', content: 'whole\n' } },
        { commit: 'Second half' },
        { taskDone: 'Both halves.' },
      ],
    });
    await repository.sling('waiter', {
      start: [
        { ask: { subject: 'Go on?', question: 'Whatever happens to the engine.', options: ['yes', 'no'] } },
        { taskDone: 'Went on: {{answer}}' },
      ],
    });
    await seeState(page, 'runner', 'in turn');
    await seeState(page, 'waiter', 'needs you');

    const engine = await findLiveEngine(repository.root);
    expect(signal(engine?.pid ?? 0, 'SIGKILL')).toBe(true);
    const banner = page.getByRole('alert').filter({ hasText: 'Connection lost' });
    let successor: EngineProcess | null = null;
    if (room.face === 'chromium') {
      await banner.waitFor();
      // What was on screen stays readable meanwhile.
      await seeState(page, 'runner', 'in turn');
      await repository.open('second-half');
      await expect
        .poll(() => repository.git('log', '-1', '--format=%s', 'overstory/runner/task-runner'))
        .toBe('Second half\n');
      // The same port: the tab finds the new engine by itself, which does not know it any more and says what to do.
      successor = await startEngine(repository.root, { port: Number(new URL(page.url()).port) });
      await page.getByRole('status').filter({ hasText: /sign/i }).waitFor();
      const { url } = await repository.ov<{ url: string }>('open');
      await page.getByLabel('Or paste the link here').fill(url);
      await page.getByRole('button', { name: 'Sign in' }).click();
    } else {
      // The desktop starts a new engine by itself, so the banner may be gone before anybody reads it.
      await repository.open('second-half');
      await page.getByText('connection online').waitFor();
    }
    await treeItem(page, 'runner').waitFor();
    await banner.waitFor({ state: 'hidden' });
    await seeState(page, 'runner', 'done');
    await attentionItem(page, 'Go on?').getByRole('button', { name: 'yes' }).click();
    await seeState(page, 'waiter', 'done');

    const { agents } = await repository.ov<{ agents: AgentView[] }>('status', '--all');
    expect(agents.map(({ name, status, turnCount }) => ({ name, status, turnCount }))).toEqual([
      { name: 'runner', status: 'done', turnCount: 1 },
      { name: 'waiter', status: 'done', turnCount: 2 },
    ]);
    const { messages } = await repository.ov<{ messages: MailMessage[] }>('mail', 'list', '--to', 'operator');
    expect(messages.map((message) => message.subject).sort()).toEqual([
      'Go on?',
      'Worker done: task-runner',
      'Worker done: task-waiter',
    ]);
    await successor?.stop();
  });
});
