import { act, cleanup } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AgentView } from '../../contract/agents.ts';
import { type FakeRoom, fakeRoom, renderRoom } from '../testing/fakeRoom.tsx';
import { agentView, ago, roomStatus } from '../testing/fixtures.ts';
import { Frame } from './Frame.tsx';

/** How often each line of text was rendered: a row of an agent renders the line of its name with itself. */
const rendered = vi.hoisted(() => new Map<string, number>());
vi.mock(import('../components/Text.tsx'), async (original) => {
  const real = await original();
  return {
    ...real,
    Line(props: Parameters<typeof real.Line>[0]) {
      rendered.set(props.text, (rendered.get(props.text) ?? 0) + 1);
      return real.Line(props);
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
    act(() => fake.room.ui.setState({ selectedAgent: name(2) }));
    const touched = [...rendered.keys()].filter((text) => text.startsWith('agent-'));
    expect(touched.sort()).toEqual([name(1), name(2)]);
  });
});
