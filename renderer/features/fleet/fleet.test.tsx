import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { type FakeRoom, fakeRoom, press, renderRoom, settled } from '../../testing/fakeRoom.tsx';
import { agentView, ago, attentionItem, mergeView } from '../../testing/fixtures.ts';
import { boardActions } from '../board/boardActions.tsx';
import { Announcer } from '../frame/Announcer.tsx';
import { FleetScreen } from './FleetScreen.tsx';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const current = () => document.querySelector('[data-attention][aria-current]')?.getAttribute('data-attention');

/** What was done; the welcome under an empty fleet also asks which agent programs there are. */
const acts = ({ calls }: FakeRoom) => calls.filter(({ name }) => name !== 'agents.runtimes');

describe('attention queue', () => {
  test('six in a row, by number keys alone', async () => {
    const fake = fakeRoom();
    const ids = ['gate:1', 'gate:2', 'gate:3', 'gate:4', 'gate:5', 'gate:6'];
    fake.publish('attention', { put: ids.map((id, index) => attentionItem(id, { at: ago(100 - index) })), remove: [] });
    fake.answer('attention.answer', (input) => {
      fake.publish('attention', { put: [], remove: [(input as { id: string }).id] });
      return ok({});
    });
    renderRoom(fake, <FleetScreen />);
    for (const key of ['1', '2', '1', '2', '1', '2']) {
      press(key);
      await settled();
    }
    expect(acts(fake)).toEqual(
      ids.map((id, index) => ({
        name: 'attention.answer',
        input: { id, answer: index % 2 === 0 ? 'half even' : 'half up' },
      })),
    );
    expect(screen.queryByRole('region', { name: 'Attention' })).toBeNull();
  });

  test('J and K walk with the focus, and stop at the ends', () => {
    const fake = fakeRoom();
    fake.publish('attention', {
      put: [attentionItem('gate:a', { at: ago(9) }), attentionItem('gate:b', { at: ago(5) })],
      remove: [],
    });
    renderRoom(fake, <FleetScreen />);
    const visited = ['k', 'j', 'j', 'k'].map((key) => {
      press(key);
      expect(document.activeElement?.getAttribute('data-attention')).toBe(current());
      return current();
    });
    expect(visited).toEqual(['gate:a', 'gate:b', 'gate:b', 'gate:a']);
  });

  test('the next one can be answered while an answer is still on its way; the one on its way takes no second', async () => {
    const fake = fakeRoom();
    let finish: (result: Result<unknown>) => void = () => {};
    fake.answer(
      'attention.answer',
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    fake.publish('attention', {
      put: [attentionItem('gate:a', { at: ago(9) }), attentionItem('gate:b', { at: ago(5) })],
      remove: [],
    });
    renderRoom(fake, <FleetScreen />);
    press('1');
    expect(current()).toBe('gate:b');
    expect(screen.getByText(/sending/).textContent).toContain('half even');
    press('k');
    press('2');
    expect(acts(fake)).toHaveLength(1);
    finish(ok({}));
    await settled();
  });

  test('an answer that fails is told and the item is stood on again', async () => {
    const fake = fakeRoom();
    fake.answer('attention.answer', () => fail('notFound', 'The gate was answered elsewhere.'));
    fake.publish('attention', {
      put: [attentionItem('gate:a', { at: ago(9) }), attentionItem('gate:b', { at: ago(5) })],
      remove: [],
    });
    renderRoom(fake, <FleetScreen />);
    press('1');
    await settled();
    expect(current()).toBe('gate:a');
    expect(fake.room.notices.store.getState().items.map((notice) => notice.text)).toEqual([
      'The gate was answered elsewhere.',
    ]);
  });

  test('a question is answered in words, and the words of the next one are ready', async () => {
    const fake = fakeRoom();
    const question = (id: string, at: string) =>
      attentionItem(id, { kind: 'question', title: `Question ${id}`, options: [], at });
    fake.publish('attention', { put: [question('question:a', ago(9)), question('question:b', ago(5))], remove: [] });
    renderRoom(fake, <FleetScreen />);
    press('r');
    const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Answer: Question question:a' });
    expect(document.activeElement).toBe(field);
    fireEvent.change(field, { target: { value: ' semicolons ' } });
    // Letters and numbers belong to the words while one types.
    press('1');
    press('j');
    expect(acts(fake)).toEqual([]);
    press('Enter');
    await settled();
    expect(acts(fake)).toEqual([{ name: 'attention.answer', input: { id: 'question:a', answer: 'semicolons' } }]);
    expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Answer: Question question:b' }));
    press('Escape');
    expect(document.activeElement?.getAttribute('data-attention')).toBe('question:b');
  });

  test.each([
    ['dead', { kind: 'dead', agent: 'fixtures' }, { name: 'agents.retry', input: { agentName: 'fixtures' } }],
    ['login', { kind: 'login', agent: 'fixtures' }, { name: 'agents.retry', input: { agentName: 'fixtures' } }],
    ['resume', { kind: 'resume', agent: 'fixtures' }, { name: 'agents.retry', input: { agentName: 'fixtures' } }],
    ['conflict', { kind: 'conflict', mergeId: 7 }, { name: 'merges.run', input: { branch: 'overstory/agent-7/OV-7' } }],
    ['deadLetter', { kind: 'deadLetter', mailId: 'm5' }, { name: 'mail.resend', input: { messageId: 'm5' } }],
  ] as const)('the first key of a %s item does what is most likely wanted', async (_, more, call) => {
    const fake = fakeRoom();
    fake.answer('merges.run', () => ok({ results: [] }));
    fake.publish('agents', { put: [agentView('fixtures', { status: 'dead' })], remove: [] });
    fake.publish('merges', { put: [mergeView(7)], remove: [] });
    fake.publish('attention', { put: [attentionItem('x:1', { options: [], ...more })], remove: [] });
    renderRoom(fake, <FleetScreen />);
    press('1');
    await settled();
    expect(acts(fake)).toEqual([call]);
  });

  test('Enter opens the mail behind an item, X dismisses it', async () => {
    const fake = fakeRoom();
    fake.publish('agents', { put: [agentView('tax-rounding')], remove: [] });
    fake.publish('attention', { put: [attentionItem('gate:a')], remove: [] });
    renderRoom(fake, <FleetScreen />);
    press('Enter');
    expect(fake.room.ui.getState()).toMatchObject({ screen: 'terminals', terminalFront: 'agent:tax-rounding' });
    press('x');
    await settled();
    expect(acts(fake)).toEqual([{ name: 'attention.dismiss', input: { id: 'gate:a' } }]);
  });

  test('only what is new is announced', () => {
    const fake = fakeRoom();
    fake.publish('attention', { put: [attentionItem('gate:a', { title: 'Old' })], remove: [] });
    renderRoom(fake, <Announcer />);
    const announcer = screen.getByTestId('announcer');
    expect(announcer.textContent).toBe('');
    fake.publish('attention', { put: [attentionItem('gate:b', { title: 'New\u202E' })], remove: [] });
    expect(announcer.textContent).toBe('decision gate: New‹RLO›');
  });

  test('of a burst the first is said at once, and what followed together, without what was settled meanwhile', () => {
    vi.useFakeTimers();
    try {
      const fake = fakeRoom();
      renderRoom(fake, <Announcer />);
      const announcer = screen.getByTestId('announcer');
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
        fake.publish('attention', { put: [attentionItem(`gate:${name}`, { title: name })], remove: [] });
      fake.publish('attention', { put: [], remove: ['gate:b'] });
      expect(announcer.textContent).toBe('decision gate: a');
      act(() => void vi.runOnlyPendingTimers());
      expect(announcer.textContent).toBe(
        'decision gate: c. decision gate: d. decision gate: e. and 1 more wait for you',
      );
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('fleet table', () => {
  const names = () =>
    screen
      .getAllByRole('row')
      .slice(1)
      .map((row) => within(row).getAllByRole('gridcell')[1]?.textContent);

  test('stands by need first; a click on a heading sorts, a second one turns it round', () => {
    const fake = fakeRoom();
    fake.publish('agents', {
      put: [
        agentView('a', { status: 'done', costUsd: 3 }),
        agentView('b', { status: 'needsYou', costUsd: null }),
        agentView('c', { status: 'dead', costUsd: 1 }),
      ],
      remove: [],
    });
    renderRoom(fake, <FleetScreen />);
    expect(names()).toEqual(['b', 'c', 'a']);
    fireEvent.click(screen.getByRole('button', { name: 'cost $' }));
    expect(names()).toEqual(['a', 'c', 'b']);
    fireEvent.click(screen.getByRole('button', { name: /cost/ }));
    expect(names()).toEqual(['b', 'c', 'a']);
    expect(screen.getByRole('columnheader', { name: /cost/ }).getAttribute('aria-sort')).toBe('ascending');
  });

  test('arrows walk, Enter opens the terminal', () => {
    const fake = fakeRoom();
    fake.publish('agents', { put: [agentView('a'), agentView('b')], remove: [] });
    renderRoom(fake, <FleetScreen />);
    screen.getByRole('grid').focus();
    press('ArrowDown');
    press('ArrowDown');
    press('Enter');
    expect(fake.room.ui.getState()).toMatchObject({
      selectedAgent: 'b',
      terminalFront: 'agent:b',
      screen: 'terminals',
    });
  });

  test('shows only the rows in view of a large fleet', () => {
    const fake = fakeRoom();
    fake.publish('agents', { put: Array.from({ length: 500 }, (_, index) => agentView(`agent-${index}`)), remove: [] });
    renderRoom(fake, <FleetScreen />);
    expect(screen.getAllByRole('row').length).toBeLessThan(60);
    expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('501');
  });
});

describe('empty project', () => {
  test('says nothing before the engine has spoken', () => {
    renderRoom(fakeRoom({ loaded: false }), <FleetScreen />);
    expect(screen.queryByText('No agents yet')).toBeNull();
  });

  test('says what can be done', () => {
    const fake = fakeRoom();
    fake.room.actions.register(boardActions);
    renderRoom(fake, <FleetScreen />);
    fireEvent.click(screen.getByRole('button', { name: 'Create a task' }));
    expect(fake.room.slots.dialog.getState().content).not.toBeNull();
    fake.room.slots.dialog.setState({ content: null });
    fireEvent.click(screen.getByRole('button', { name: 'Start a coordinator' }));
    expect(fake.room.slots.dialog.getState().content).not.toBeNull();
  });
});

test('hostile words stay words', () => {
  const fake = fakeRoom();
  const hostile = '<img src=x onerror=alert(1)>\u202Egnp.exe\u0007';
  fake.publish('agents', { put: [agentView('x'.repeat(300), { activity: hostile, taskId: hostile })], remove: [] });
  fake.publish('attention', {
    put: [attentionItem('gate:h', { title: hostile, detail: hostile, agent: 'y'.repeat(300), options: [hostile, ''] })],
    remove: [],
  });
  const { container } = renderRoom(fake, <FleetScreen />);
  expect(container.querySelector('img')).toBeNull();
  expect(container.textContent).toContain('<img src=x onerror=alert(1)>‹RLO›gnp.exe‹BEL›');
  expect(container.textContent).not.toMatch(/[\p{Cc}\u202e]/u);
});
