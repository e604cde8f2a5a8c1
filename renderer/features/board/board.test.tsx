import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { useStore } from 'zustand';
import type { Preflight } from '../../../contract/agents.ts';
import { fail, ok } from '../../../contract/result.ts';
import { useRoom } from '../../stores/hooks.ts';
import { type FakeRoom, fakeRoom, press, renderRoom, settled } from '../../testing/fakeRoom.tsx';
import { agentView, ago, taskView } from '../../testing/fixtures.ts';
import { AgentTree } from '../frame/AgentTree.tsx';
import { agentAt, markAgentRow } from './agentDropTargets.ts';
import { BoardScreen } from './BoardScreen.tsx';
import { boardActions } from './boardActions.tsx';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

/** Shows the room's dialogue, as the frame does. */
function Dialogues() {
  const { slots } = useRoom();
  const content = useStore(slots.dialog, (state) => state.content);
  return content === null ? null : content(() => slots.dialog.setState({ content: null }));
}

function preflight(more: Partial<Preflight> = {}): Preflight {
  return {
    allowed: true,
    refusal: null,
    capacity: { active: 3, limit: 5 },
    runtime: { id: 'claude', ready: true, detail: 'claude 2.1' },
    agentName: 'vat-check',
    capability: 'builder',
    collisions: [],
    estimate: null,
    warnings: [],
    ...more,
  };
}

function board(): FakeRoom {
  const fake = fakeRoom();
  fake.room.actions.register(boardActions);
  fake.publish('agents', {
    put: [agentView('lead-import', { capability: 'lead', depth: 1 }), agentView('mailer', { status: 'stalled' })],
    remove: [],
  });
  fake.publish('tasks', {
    put: [
      taskView('OV-34', { title: 'Validate VAT', priority: 1, files: ['src/vat.ts'], order: 1 }),
      taskView('OV-35', { title: 'Retry', order: 2 }),
      taskView('OV-31', { title: 'Mail', column: 'in_progress', agent: 'mailer' }),
    ],
    remove: [],
  });
  fake.answer('tasks.readSpec', () => ok({ path: null, body: 'old spec' }));
  fake.answer('agents.preflight', () => ok(preflight()));
  renderRoom(
    fake,
    <>
      <BoardScreen />
      <Dialogues />
    </>,
  );
  return fake;
}

const card = (id: string) => {
  const element = document.querySelector<HTMLElement>(`[data-task="${id}"]`);
  if (element === null) throw new Error(`no card ${id}`);
  return element;
};
const column = (title: string) => screen.getByRole('region', { name: new RegExp(`^${title},`) });
const cardsIn = (title: string) =>
  [...column(title).querySelectorAll<HTMLElement>('[data-task]')].map((element) => element.dataset.task);

describe('board', () => {
  test('shows every task once, under its column with the count', () => {
    board();
    expect([cardsIn('Ready'), cardsIn('In progress'), cardsIn('Done')]).toEqual([['OV-34', 'OV-35'], ['OV-31'], []]);
    expect(column('Ready').textContent).toContain('2');
    expect(card('OV-31').textContent).toContain('mailer · stalled');
  });

  test('a column of hundreds renders only the cards in view', () => {
    const fake = board();
    fake.publish('tasks', {
      put: Array.from({ length: 400 }, (_, index) => taskView(`D-${index}`, { column: 'done', order: index })),
      remove: [],
    });
    expect(column('Done').textContent).toContain('400');
    expect(cardsIn('Done').length).toBeLessThan(60);
    expect(cardsIn('Done')[0]).toBe('D-0');
  });

  test('arrows walk between cards and columns', () => {
    board();
    card('OV-34').focus();
    press('ArrowDown');
    expect(document.activeElement).toBe(card('OV-35'));
    press('ArrowRight');
    expect(document.activeElement).toBe(card('OV-31'));
    press('ArrowLeft');
    expect(document.activeElement).toBe(card('OV-34'));
  });

  test('Shift and arrows move a card; it is shown there at once, said, and keeps the keyboard', async () => {
    const fake = board();
    fake.answer('tasks.update', () => ok(taskView('OV-34', { column: 'in_progress', updatedAt: ago(1) })));
    card('OV-34').focus();
    press('ArrowRight', { shiftKey: true });
    expect(cardsIn('In progress')).toEqual(['OV-34', 'OV-31']);
    expect(document.activeElement).toBe(card('OV-34'));
    expect(screen.getByRole('status', { name: 'Board news' }).textContent).toBe('OV-34 moved to In progress, 1 of 2');
    await settled();
    expect(fake.calls).toEqual([
      { name: 'tasks.update', input: { id: 'OV-34', column: 'in_progress', before: 'OV-31' } },
    ]);
  });

  test('a move the engine refuses goes back, and says why', async () => {
    const fake = board();
    fake.answer('tasks.update', () => fail('invalidState', 'the task is being merged'));
    card('OV-35').focus();
    press('ArrowUp', { shiftKey: true });
    expect(cardsIn('Ready')).toEqual(['OV-35', 'OV-34']);
    await settled();
    expect(cardsIn('Ready')).toEqual(['OV-34', 'OV-35']);
    expect(fake.room.notices.store.getState().items[0]?.text).toBe('the task is being merged');
  });

  test('slinging by keyboard: S, choose a lead, look at the preflight, change the spec, sling', async () => {
    const fake = board();
    fake.answer('agents.sling', () =>
      ok({
        agentName: 'vat-check',
        capability: 'builder',
        taskId: 'OV-34',
        branch: 'b',
        worktree: 'w',
        runId: 'r',
        warnings: ['no scout was sent'],
      }),
    );
    card('OV-34').focus();
    press('s');
    fireEvent.click(await screen.findByText('builder under it'));
    await screen.findByText('vat-check');
    expect(screen.getByText('3 of 5')).toBeDefined();
    expect(screen.getByText('builder under lead-import')).toBeDefined();
    const spec = screen.getByLabelText<HTMLTextAreaElement>('Spec');
    await waitFor(() => expect(spec.value).toBe('old spec'));
    fireEvent.change(spec, { target: { value: 'new spec' } });
    fireEvent.click(screen.getByRole('button', { name: 'Sling' }));
    await waitFor(() => expect(fake.calls.at(-1)?.name).toBe('agents.sling'));
    await settled();
    expect(fake.calls.filter(({ name }) => name !== 'agents.preflight' && name !== 'tasks.readSpec')).toEqual([
      { name: 'tasks.writeSpec', input: { id: 'OV-34', body: 'new spec' } },
      {
        name: 'agents.sling',
        input: {
          taskId: 'OV-34',
          capability: 'builder',
          files: ['src/vat.ts'],
          depth: 2,
          from: 'operator',
          parent: 'lead-import',
        },
      },
    ]);
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(fake.room.ui.getState().selectedAgent).toBe('vat-check');
    expect(fake.room.notices.store.getState().items.map((item) => item.text)).toContain('no scout was sent');
  });

  test('a refused preflight says the rule and holds the button', async () => {
    const fake = board();
    fake.answer('agents.preflight', () =>
      ok(preflight({ allowed: false, refusal: 'a reviewer needs a parent', capacity: { active: 5, limit: 5 } })),
    );
    card('OV-34').focus();
    press('s');
    fireEvent.click(await screen.findByText('reads a change and judges it'));
    await screen.findByText('a reviewer needs a parent');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Sling' }).disabled).toBe(true);
  });

  test('a failed sling keeps the sheet and shows the error at its field', async () => {
    const fake = board();
    fake.answer('agents.sling', () => fail('agent', 'agent name vat is in use', { field: 'name' }));
    card('OV-34').focus();
    press('s');
    fireEvent.click(await screen.findByText('writes the change'));
    await screen.findByText('vat-check');
    const name = screen.getByLabelText<HTMLInputElement>('Name');
    fireEvent.change(name, { target: { value: 'vat' } });
    fireEvent.click(screen.getByRole('button', { name: 'Sling' }));
    const alert = await screen.findByText('agent name vat is in use');
    expect(name.getAttribute('aria-describedby')).toBe(alert.id);
    expect(name.value).toBe('vat');
  });

  test('N writes a task with its spec; the new card gets the keyboard', async () => {
    const fake = board();
    const made = taskView('OV-36', { title: 'A new one', order: 9 });
    fake.answer('tasks.create', () => ok(made));
    press('n');
    fireEvent.change(await screen.findByLabelText('Title'), { target: { value: ' A new one ' } });
    fireEvent.change(screen.getByLabelText('Files'), { target: { value: 'a.ts\nb.ts' } });
    fireEvent.change(screen.getByLabelText('Blocked by'), { target: { value: 'OV-34, OV-35' } });
    fireEvent.change(screen.getByLabelText('Spec'), { target: { value: 'do it' } });
    fireEvent.click(screen.getByRole('button', { name: 'Create' }));
    await settled();
    expect(fake.calls).toEqual([
      {
        name: 'tasks.create',
        input: {
          title: 'A new one',
          description: '',
          priority: 2,
          files: ['a.ts', 'b.ts'],
          blockedBy: ['OV-34', 'OV-35'],
          column: 'ready',
        },
      },
      { name: 'tasks.writeSpec', input: { id: 'OV-36', body: 'do it' } },
    ]);
    fake.publish('tasks', { put: [made], remove: [] });
    await waitFor(() => expect(document.activeElement).toBe(card('OV-36')));
  });

  test('a spec that is refused does not make the task twice', async () => {
    const fake = board();
    fake.answer('tasks.create', () => ok(taskView('OV-36')));
    fake.answer('tasks.writeSpec', () => fail('internal', 'the disk is full'));
    press('n');
    fireEvent.change(await screen.findByLabelText('Title'), { target: { value: 'T' } });
    fireEvent.change(screen.getByLabelText('Spec'), { target: { value: 'do it' } });
    fireEvent.click(screen.getByRole('button', { name: 'Create' }));
    await screen.findByText('the disk is full');
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await settled();
    expect(fake.calls.filter(({ name }) => name === 'tasks.create')).toHaveLength(1);
  });

  test('deleting asks first', async () => {
    const fake = board();
    card('OV-31').focus();
    press('Delete');
    expect((await screen.findByRole('dialog')).textContent).toContain('mailer goes on as it is');
    expect(fake.calls).toEqual([]);
    fireEvent.click(screen.getByRole('button', { name: 'Delete task' }));
    await settled();
    expect(fake.calls).toEqual([{ name: 'tasks.delete', input: { id: 'OV-31' } }]);
  });

  test('an empty board says how tasks come', () => {
    renderRoom(fakeRoom(), <BoardScreen />);
    expect(screen.getByText('No tasks yet')).toBeDefined();
  });
});

describe('agents as drop targets', () => {
  test('the row under the pointer is found and marked, and its panel still means it', () => {
    const fake = fakeRoom();
    fake.publish('agents', { put: [agentView('mailer'), agentView('parser')], remove: [] });
    renderRoom(fake, <AgentTree />);
    const name = screen.getByText('mailer');
    expect(agentAt({ elementFromPoint: () => name }, 0, 0)).toBe('mailer');
    const panel = document.createElement('div');
    panel.dataset.preflightAgent = 'parser';
    expect(agentAt({ elementFromPoint: () => panel }, 0, 0)).toBe('parser');
    expect(agentAt({ elementFromPoint: () => document.body }, 0, 0)).toBeNull();
    markAgentRow(document, 'mailer');
    expect(
      [...document.querySelectorAll('[data-drop-over]')].map((row) => row.getAttribute('data-drop-agent')),
    ).toEqual(['mailer']);
    markAgentRow(document, null);
    expect(document.querySelector('[data-drop-over]')).toBeNull();
  });
});
