import { cleanup, screen, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { fakeRoom, renderRoom } from '../../testing/fakeRoom.tsx';
import { agentView, attentionItem, mergeView, roomStatus } from '../../testing/fixtures.ts';
import { Wallboard } from './Wallboard.tsx';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test('an empty room says so in every part', () => {
  renderRoom(fakeRoom(), <Wallboard />);
  for (const words of ['No agent is at work.', 'Nobody waits.', 'Empty.', 'None yet.'])
    expect(screen.getByText(words)).toBeDefined();
});

test('fifty agents, what waits and what merges; and nothing to press', () => {
  const fake = fakeRoom();
  fake.publish('status', { value: roomStatus() });
  fake.publish('agents', {
    put: [
      ...Array.from({ length: 49 }, (_, index) => agentView(`builder-${index}`, { status: 'inTurn' })),
      agentView('over', { status: 'done' }),
    ],
    remove: [],
  });
  fake.publish('attention', {
    put: Array.from({ length: 9 }, (_, index) => attentionItem(`gate:${index}`, { title: `Which ${index}?` })),
    remove: [],
  });
  fake.publish('merges', {
    put: [mergeView(1, { status: 'conflict' }), mergeView(2, { status: 'merged' })],
    remove: [],
  });
  const { container } = renderRoom(fake, <Wallboard />);
  expect(within(screen.getByRole('region', { name: 'Agents' })).getAllByRole('listitem')).toHaveLength(49);
  const waiting = screen.getByRole('region', { name: 'Needs a person' });
  expect(within(waiting).getAllByRole('listitem')).toHaveLength(7);
  expect(waiting.textContent).toContain('and 3 more');
  expect(screen.getByRole('region', { name: 'Merge queue' }).textContent).toContain('1 merged');
  expect(container.querySelectorAll('button, input, a, [tabindex]')).toHaveLength(0);
});

test('says when its engine is gone', () => {
  const fake = fakeRoom();
  fake.setLink({ kind: 'offline', reason: 'the engine has ended', attempts: 3 });
  renderRoom(fake, <Wallboard />);
  expect(screen.getByRole('alert').textContent).toContain('the engine has ended');
});
