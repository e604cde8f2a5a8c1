import { expect, test } from 'vitest';
import { AGENT_STATUSES } from '../../contract/agents.ts';
import { agentView, watchedRoom } from './testing/views.ts';
import { trayTemplate } from './tray.ts';
import { countWorking, trayModel, zoneOf } from './trayRules.ts';

const { agents } = watchedRoom({
  agents: [
    agentView('zoe', 'working'),
    agentView('amy', 'inTurn', { activity: 'edits a.ts' }),
    agentView('bob', 'needsYou'),
    agentView('cat', 'resting'),
    agentView('dan', 'done'),
    agentView('eve', 'dead'),
  ],
});

test('every status has a zone', () => {
  expect(AGENT_STATUSES.map((status) => [status, zoneOf(status)])).toEqual([
    ['starting', 'working'],
    ['working', 'working'],
    ['inTurn', 'working'],
    ['resting', 'idle'],
    ['needsYou', 'needsYou'],
    ['stalled', 'needsYou'],
    ['dead', 'needsYou'],
    ['done', 'done'],
  ]);
});

test('zones come in their order with agents in alphabetical order, empty ones not at all', () => {
  const model = trayModel({ projectName: 'shop', agents, attention: 2, paused: false });
  expect(model.zones.map((zone) => [zone.title, zone.agents.map((agent) => agent.name)])).toEqual([
    ['Needs you (2)', ['bob', 'eve']],
    ['Working (2)', ['amy', 'zoe']],
    ['Idle (1)', ['cat']],
    ['Done (1)', ['dan']],
  ]);
  expect(model.tooltip).toBe('Overstory: shop, 2 working, 2 need you');
  expect(trayModel({ projectName: null, agents: {}, attention: 0, paused: true })).toMatchObject({
    zones: [],
    tooltip: 'Overstory: no project, 0 working, fleet paused',
  });
  expect(countWorking(agents)).toBe(2);
});

test('a crowded zone lists twelve and counts the rest', () => {
  const many = watchedRoom({
    agents: Array.from({ length: 15 }, (_, index) => agentView(`w${String(index).padStart(2, '0')}`, 'working')),
  });
  const [zone] = trayModel({ projectName: 'shop', agents: many.agents, attention: 0, paused: false }).zones;
  expect([zone?.agents.length, zone?.more, zone?.title]).toEqual([12, 3, 'Working (15)']);
});

test('the menu opens an agent, pauses the fleet, opens the room and quits', () => {
  const did: string[] = [];
  const template = trayTemplate(trayModel({ projectName: 'shop', agents, attention: 2, paused: false }), {
    open: (target) => did.push(`open ${target?.screen ?? 'room'} ${target?.agent ?? ''}`.trim()),
    setPaused: (paused) => did.push(`paused ${paused}`),
    quit: () => did.push('quit'),
  });
  const click = (label: string, checked = false): void => {
    const item = template.find((entry) => entry.label === label);
    item?.click?.({ checked } as Electron.MenuItem, undefined, {} as Electron.KeyboardEvent);
  };
  click('amy: edits a.ts');
  click('Attention: 2');
  click('Pause fleet', true);
  click('Open the room');
  click('Quit');
  expect(did).toEqual(['open terminals amy', 'open fleet', 'paused true', 'open room', 'quit']);
});
