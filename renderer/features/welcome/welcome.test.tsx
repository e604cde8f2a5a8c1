import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { fail, ok } from '../../../contract/result.ts';
import type { RuntimeView } from '../../../contract/runtimes.ts';
import { fakeRoom, renderRoom } from '../../testing/fakeRoom.tsx';
import { agentView, mergeView, taskView } from '../../testing/fixtures.ts';
import { Guide } from './Guide.tsx';
import { Welcome } from './Welcome.tsx';
import { welcomeActions } from './welcomeActions.ts';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const runtime = (name: string, ready: boolean, detail: string): RuntimeView => ({
  name,
  ready,
  version: null,
  loggedIn: null,
  detail,
  warning: null,
  stability: 'stable',
  features: {
    turns: 'structured',
    resume: true,
    usage: 'turn',
    cost: 'process',
    guards: 'enforced',
    guardNote: 'hooks',
  },
  headless: true,
  interactive: true,
  usedBy: [],
});

test('says which agent programs are here, and how to get the others; ready ones first', async () => {
  const fake = fakeRoom();
  fake.answer('agents.runtimes', () =>
    ok({
      runtimes: [runtime('claude', false, 'not installed: npm install -g claude'), runtime('rehearsal', true, '1.0')],
    }),
  );
  renderRoom(fake, <Welcome />);
  await screen.findByText('not installed: npm install -g claude');
  const rows = screen.getAllByRole('listitem').map((row) => row.textContent);
  expect(rows[0]).toContain('rehearsal');
  expect(rows[1]).toContain('not ready');
  fireEvent.click(screen.getByRole('button', { name: 'Look again' }));
  await waitFor(() =>
    expect(fake.calls.filter(({ name }) => name === 'agents.runtimes').at(-1)?.input).toEqual({ refresh: true }),
  );
});

test('an engine that cannot look says why', async () => {
  const fake = fakeRoom();
  fake.answer('agents.runtimes', () => fail('internal', 'the disk is full'));
  renderRoom(fake, <Welcome />);
  expect((await screen.findByRole('alert')).textContent).toBe('the disk is full');
});

test('three doors, by name', () => {
  renderRoom(fakeRoom(), <Welcome />);
  for (const name of ['Start a coordinator', 'Run the rehearsal demo', 'Open a project'])
    expect(screen.getByRole('button', { name })).toBeDefined();
});

test('the guide goes along with what happens, and is gone for good when it is ended', () => {
  const fake = fakeRoom();
  fake.room.actions.register(welcomeActions);
  renderRoom(
    fake,
    <>
      <Guide />
      <Welcome />
    </>,
  );
  expect(screen.queryByRole('complementary')).toBeNull();
  fireEvent.click(screen.getByRole('button', { name: 'Guide me through it' }));
  expect(fake.room.ui.getState()).toMatchObject({ guide: 'on', screen: 'board' });
  const says = () => screen.getByRole('complementary').textContent;
  expect(says()).toContain('1 of 4');
  fake.publish('tasks', { put: [taskView('T-1', { column: 'ready' })], remove: [] });
  expect(says()).toContain('2 of 4');
  fake.publish('agents', { put: [agentView('builder-1', { status: 'inTurn' })], remove: [] });
  expect(says()).toContain('3 of 4');
  fake.publish('tasks', { put: [taskView('T-1', { column: 'review' })], remove: [] });
  expect(says()).toContain('4 of 4');
  fake.publish('merges', { put: [mergeView(1, { status: 'merged' })], remove: [] });
  expect(says()).toContain('Merged.');
  fireEvent.click(screen.getByRole('button', { name: 'End the guide' }));
  expect(screen.queryByRole('complementary')).toBeNull();
  expect(fake.room.ui.getState().guide).toBe('done');
});
