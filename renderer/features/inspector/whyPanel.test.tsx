import { cleanup, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import type { AgentEvidence } from '../../../contract/evidence.ts';
import { fakeRoom, renderRoom } from '../../testing/fakeRoom.tsx';
import { agentView, ago } from '../../testing/fixtures.ts';
import { Inspector } from './Inspector.tsx';

afterEach(cleanup);

function evidence(more: Partial<AgentEvidence> = {}): AgentEvidence {
  return {
    agentName: 'csv-writer',
    verdict: 'stalled',
    reason: 'no sign of life for 6 min',
    since: ago(60),
    signals: {
      process: { state: 'quiet', at: ago(400), detail: 'pid 4711 with 1 below it, last processor use' },
      terminal: { state: 'quiet', at: ago(380), detail: 'last output' },
      events: { state: 'quiet', at: ago(360), detail: 'Bash npm test' },
      mail: { state: 'absent', at: null, detail: 'has sent none' },
      git: { state: 'unknown', at: null, detail: 'its worktree cannot be read' },
    },
    level: 1,
    next: { rule: 'endTurn', mode: 'live', action: 'its turn is ended', at: ago(-80) },
    ...more,
  };
}

function open(more: Partial<AgentEvidence> = {}) {
  const fake = fakeRoom();
  fake.publish('agents', { put: [agentView('csv-writer', { status: 'stalled' })], remove: [] });
  fake.publish('evidence', { put: [evidence(more)], remove: [] });
  fake.room.ui.setState({ selectedAgent: 'csv-writer' });
  renderRoom(fake, <Inspector />);
  return { fake, panel: screen.getByRole('region', { name: 'Evidence' }) };
}

describe('the why panel', () => {
  test('shows verdict, reason and level, and five signals with state, detail and age', () => {
    const { panel } = open();
    expect(panel.textContent).toContain('stalled — no sign of life for 6 minlevel 1 of 3');
    const rows = within(panel)
      .getAllByRole('row')
      .map((row) => row.textContent);
    expect(rows).toEqual([
      'quietprocesspid 4711 with 1 below it, last processor use6m',
      'quietoutputlast output6m',
      'quieteventsBash npm test6m',
      'nothing to seemail senthas sent none–',
      'unknownworktreeits worktree cannot be read–',
    ]);
  });

  test('ages and the time to the next step tick without anything being sent', () => {
    const { fake, panel } = open();
    expect(panel.textContent).toContain('next its turn is ended in 1 min 20 s');
    fake.tick(20);
    expect(panel.textContent).toContain('its turn is ended in 1 min');
    fake.tick(70);
    expect(within(panel).getAllByRole('row')[2]?.textContent).toContain('7m');
  });

  test('a step in shadow says that it is only recorded, and an agent without a next step says none', () => {
    const { panel } = open({ next: { rule: 'endLoop', mode: 'shadow', action: 'its turn is ended', at: null } });
    expect(panel.textContent).toContain('(in shadow: only recorded)');
    cleanup();
    expect(open({ verdict: 'waiting', level: null, next: null }).panel.textContent).not.toContain('next');
  });

  test('an agent nobody has looked at yet has no panel', () => {
    const fake = fakeRoom();
    fake.publish('agents', { put: [agentView('csv-writer')], remove: [] });
    fake.room.ui.setState({ selectedAgent: 'csv-writer' });
    renderRoom(fake, <Inspector />);
    expect(screen.queryByRole('region', { name: 'Evidence' })).toBeNull();
  });
});
