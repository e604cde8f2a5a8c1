import { describe, expect, it } from 'vitest';
import { ok } from '../../../contract/result.ts';
import type { TerminalView } from '../../../contract/terminals.ts';
import { type FakeRoom, fakeRoom } from '../../testing/fakeRoom.tsx';
import { agentView, ago } from '../../testing/fixtures.ts';
import { closeTab, currentTerminal, openShell, selectTab } from './tabStore.ts';

const shell = (id: string, more: Partial<TerminalView> = {}): TerminalView => ({
  id,
  kind: 'shell',
  agent: 'worker',
  title: 'shell',
  cwd: '/project',
  running: true,
  pid: 1,
  exit: null,
  createdAt: ago(60),
  ...more,
});

/** A room with an agent and an ended shell of it in front. */
function roomWithShell(): FakeRoom {
  const fake = fakeRoom();
  fake.publish('agents', { put: [agentView('worker')], remove: [] });
  const ended = shell('shell:old', { running: false, pid: null, exit: { code: 3, signal: null } });
  fake.publish('terminals', { put: [ended], remove: [] });
  selectTab(fake.room, 'shell:old');
  return fake;
}

describe('tabs', () => {
  it('a shell opened in the place of another comes to the front, whenever the engine tells of it', async () => {
    const fake = roomWithShell();
    fake.answer('terminals.openShell', () => ok(shell('shell:new')));
    await openShell(fake.room, 'worker');
    closeTab(fake.room, 'shell:old');
    fake.publish('terminals', { put: [shell('shell:new')], remove: ['shell:old'] });
    expect(currentTerminal(fake.room)).toBe('shell:new');
  });

  it('closing the tab in front brings its neighbour there', () => {
    const fake = roomWithShell();
    closeTab(fake.room, 'shell:old');
    expect(currentTerminal(fake.room)).toBe(agentView('worker').terminalId);
  });

  it('closing another tab leaves the one in front', () => {
    const fake = roomWithShell();
    closeTab(fake.room, agentView('worker').terminalId);
    expect(currentTerminal(fake.room)).toBe('shell:old');
  });
});
