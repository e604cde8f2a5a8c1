import { act, cleanup } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AgentView } from '../../contract/agents.ts';
import { type FakeRoom, fakeRoom, renderRoom } from '../testing/fakeRoom.tsx';
import { agentView, ago, mailMessage, roomStatus } from '../testing/fixtures.ts';
import { Frame } from './Frame.tsx';

/** How often each name was rendered: a row of an agent renders its name with itself. */
const rendered = vi.hoisted(() => new Map<string, number>());
vi.mock(import('../components/Text.tsx'), async (original) => {
  const real = await original();
  return {
    ...real,
    Name(props: Parameters<typeof real.Name>[0]) {
      rendered.set(props.text, (rendered.get(props.text) ?? 0) + 1);
      return real.Name(props);
    },
  };
});
/** How often the menu of a row, the tip of a button of the rail, and the panes of the room were rendered. */
const framing = vi.hoisted(() => new Map<string, number>());
const count = vi.hoisted(() => (what: string) => framing.set(what, (framing.get(what) ?? 0) + 1));
vi.mock(import('../components/Menu.tsx'), async (original) => {
  const real = await original();
  return {
    ...real,
    ContextMenu(props: Parameters<typeof real.ContextMenu>[0]) {
      count('menu');
      return real.ContextMenu(props);
    },
  };
});
vi.mock(import('../components/Tooltip.tsx'), async (original) => {
  const real = await original();
  return {
    ...real,
    Tooltip(props: Parameters<typeof real.Tooltip>[0]) {
      if (props.action?.startsWith('go.') === true) count(props.action);
      return real.Tooltip(props);
    },
  };
});
vi.mock(import('../components/Panes.tsx'), async (original) => {
  const real = await original();
  return {
    ...real,
    Panes(props: Parameters<typeof real.Panes>[0]) {
      count('panes');
      return real.Panes(props);
    },
  };
});

const AGENTS = 50;
const name = (index: number): string => `agent-${String(index).padStart(2, '0')}`;
const renders = (index: number): number => rendered.get(name(index)) ?? 0;

/** Fifty agents at work in a room of which tree and fleet table are on screen. */
function busyRoom(): FakeRoom {
  const fake = fakeRoom();
  fake.publish('status', { value: roomStatus() });
  fake.publish('agents', {
    put: Array.from({ length: AGENTS }, (_, index) => agentView(name(index), { taskId: `OV-${index}` })),
    remove: [],
  });
  renderRoom(fake, <Frame />);
  return fake;
}

/** What an agent says of itself while it streams: another activity, fresh evidence, a little more cost. */
function news(index: number, step: number): AgentView {
  return agentView(name(index), {
    taskId: `OV-${index}`,
    activity: `Edit src/part-${step}.ts`,
    lastEvidenceAt: ago(-step),
    costUsd: step / 100,
  });
}

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('fifty agents streaming', () => {
  test('news of five of them renders no row of the others', () => {
    const fake = busyRoom();
    const shown = Array.from({ length: AGENTS }, (_, index) => index).filter((index) => renders(index) > 0);
    // Lists are virtual: some agents are out of view, enough are in it.
    expect(shown.length).toBeGreaterThan(10);
    rendered.clear();
    for (let step = 1; step <= 40; step += 1) {
      fake.publish('agents', { put: [0, 1, 2, 3, 4].map((index) => news(index, step)), remove: [] });
    }
    expect(shown.filter((index) => index > 4 && renders(index) > 0).map(name)).toEqual([]);
    // Tree and table: each news renders each of the two rows once.
    for (const index of [0, 1, 2, 3, 4]) expect(renders(index), name(index)).toBeLessThanOrEqual(2 * 40);
    expect(renders(0)).toBeGreaterThanOrEqual(40);
  });

  test('the clock renders ages, not rows', () => {
    const fake = busyRoom();
    rendered.clear();
    for (let second = 1; second <= 30; second += 1) fake.tick(second);
    expect([...rendered.keys()].filter((text) => text.startsWith('agent-'))).toEqual([]);
  });

  test('a snapshot sent again, as after a reconnect, renders no row', () => {
    const fake = busyRoom();
    rendered.clear();
    fake.resend('agents');
    expect([...rendered.keys()].filter((text) => text.startsWith('agent-'))).toEqual([]);
  });

  test('choosing another agent renders the two rows that change and no third', () => {
    const fake = busyRoom();
    act(() => fake.room.ui.setState({ inspectorFolded: ['fleet'], selectedAgent: name(1) }));
    rendered.clear();
    framing.clear();
    act(() => fake.room.ui.setState({ selectedAgent: name(2) }));
    // One that was chosen and one that is, in the table and in the tree; what they say of their agents stays.
    expect(framing.get('menu')).toBe(4);
    expect([...rendered.keys()].filter((text) => text.startsWith('agent-'))).toEqual([]);
  });

  test('news of agents, the chosen one among them, renders neither the panes of the room nor the menu of a row', () => {
    const fake = busyRoom();
    act(() => fake.room.ui.setState({ selectedAgent: name(1) }));
    framing.clear();
    for (let step = 1; step <= 10; step += 1) {
      fake.publish('agents', { put: [0, 1, 2].map((index) => news(index, step)), remove: [] });
    }
    expect([...framing]).toEqual([]);
  });

  test('mail to the person renders one button of the rail, the one that counts it', () => {
    const fake = busyRoom();
    framing.clear();
    fake.publish('mail', { put: [mailMessage('m-1', { to: 'operator', read: false })], remove: [] });
    expect([...framing.keys()]).toEqual(['go.mail']);
  });
});
