import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { Profiler, type ReactNode } from 'react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fail, ok } from '../../../contract/result.ts';
import { listenForShortcuts } from '../../actions/shortcuts.ts';
import { ConnectionBanner } from '../../app/ConnectionBanner.tsx';
import { SignIn } from '../../app/SignIn.tsx';
import { fakeRoom, press, renderRoom, settled } from '../../testing/fakeRoom.tsx';
import { agentView, ago, attentionItem, mailMessage, roomStatus } from '../../testing/fixtures.ts';
import { Inspector } from '../inspector/Inspector.tsx';
import { AgentTree } from './AgentTree.tsx';
import { Palette } from './Palette.tsx';
import { Rail } from './Rail.tsx';
import { StatusBar } from './StatusBar.tsx';
import { TopStrip } from './TopStrip.tsx';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function fleet() {
  const fake = fakeRoom();
  fake.publish('agents', {
    put: [
      agentView('coordinator', { capability: 'coordinator', status: 'working' }),
      agentView('lead-export', { capability: 'lead', parent: 'coordinator', status: 'resting' }),
      agentView('csv-writer', { parent: 'lead-export', unreadMail: 2 }),
    ],
    remove: [],
  });
  return fake;
}

describe('agent tree', () => {
  const rows = () =>
    screen
      .getAllByRole('treeitem')
      .map((row) => `${row.getAttribute('aria-level')} ${row.getAttribute('data-drop-agent')}`);

  test('says of each agent its place, state, role and what it does now', () => {
    renderRoom(fleet(), <AgentTree />);
    expect(rows()).toEqual(['1 coordinator', '2 lead-export', '3 csv-writer']);
    expect(screen.getAllByRole('treeitem')[2]?.textContent).toBe(
      'in turncsv-writerbuilder2 unread4sEdit src/export/csv.ts',
    );
  });

  test('arrows walk, left folds and goes to the parent, right unfolds', () => {
    const fake = fleet();
    renderRoom(fake, <AgentTree />);
    screen.getByRole('tree').focus();
    const selected = () => fake.room.ui.getState().selectedAgent;
    press('ArrowDown');
    press('ArrowDown');
    expect(selected()).toBe('lead-export');
    press('ArrowLeft');
    expect(rows()).toEqual(['1 coordinator', '2 lead-export']);
    press('ArrowLeft');
    expect(selected()).toBe('coordinator');
    press('End');
    press('ArrowRight');
    expect(rows()).toHaveLength(3);
    expect(screen.getByRole('tree').getAttribute('aria-activedescendant')).toBe('agent-row-lead-export');
  });

  test('ages tick together, and news of one agent renders that agent only', () => {
    const fake = fleet();
    renderRoom(fake, <AgentTree />);
    fake.tick(60);
    expect(screen.getAllByText('1m')).toHaveLength(3);
    const other = screen.getAllByRole('treeitem')[0]?.innerHTML;
    fake.publish('agents', {
      put: [agentView('csv-writer', { parent: 'lead-export', activity: 'Bash npm test' })],
      remove: [],
    });
    expect(screen.getByText('Bash npm test')).toBeDefined();
    expect(screen.getAllByRole('treeitem')[0]?.innerHTML).toBe(other);
  });

  test('a screen can open content under an agent', () => {
    const fake = fleet();
    renderRoom(fake, <AgentTree />);
    fake.room.slots.underAgent.setState({ agent: 'lead-export', content: <p>Capacity 3 of 5</p> });
    return screen.findByText('Capacity 3 of 5');
  });

  test('an empty room says how agents come', () => {
    renderRoom(fakeRoom(), <AgentTree />);
    expect(screen.getByText('No agents')).toBeDefined();
  });
});

describe('inspector', () => {
  test('shows why, work and mail, and offers what applies', async () => {
    const fake = fleet();
    fake.publish('agents', {
      put: [
        agentView('dead-one', {
          status: 'dead',
          reason: 'ended by signal 9',
          retry: { attempt: 3, nextAttemptAt: ago(-40), reason: 'exit 137' },
        }),
      ],
      remove: [],
    });
    fake.publish('mail', { put: [mailMessage('m', { to: 'dead-one' })], remove: [] });
    fake.room.ui.setState({ selectedAgent: 'dead-one' });
    renderRoom(fake, <Inspector />);
    const panel = screen.getByRole('complementary', { name: 'Inspector' });
    expect(panel.textContent).toContain('dead — ended by signal 9');
    expect(panel.textContent).toContain('Attempt 3 in 40 s: exit 137');
    expect(screen.queryByRole('button', { name: 'Nudge' })).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Retry' }));
    await settled();
    expect(fake.calls).toEqual([{ name: 'agents.retry', input: { agentName: 'dead-one' } }]);
    fireEvent.click(within(panel).getByText('dispatch OV-28'));
    expect(fake.room.ui.getState()).toMatchObject({ screen: 'mail', mailThread: 'm', mailFolder: 'agent:dead-one' });
  });

  test('tells the caps that hold the agent and its task, with their forecast', async () => {
    const fake = fleet();
    fake.publish('status', { value: roomStatus() });
    const cap = { id: 'csv-writer', limit: 10, level: 'ok', minutesLeft: null } as const;
    fake.answer('agents.changes', () => fail('notFound', 'there is no branch'));
    fake.answer('governor.caps', () =>
      ok({
        caps: [
          { ...cap, scope: 'agent', measure: 'usd', used: 8, minutesLeft: 16 },
          { ...cap, scope: 'task', id: 'OV-28', measure: 'turns', used: 3 },
        ],
      }),
    );
    fake.room.ui.setState({ selectedAgent: 'csv-writer' });
    renderRoom(fake, <Inspector />);
    await screen.findByText('$8.00 of $10.00, reached in 16 min at this rate');
    expect(screen.getByText('3 of 10 turns')).toBeDefined();
    expect(fake.calls).toContainEqual({ name: 'governor.caps', input: { agentName: 'csv-writer' } });
  });

  test('stopping asks first', async () => {
    const fake = fleet();
    fake.room.ui.setState({ selectedAgent: 'csv-writer' });
    renderRoom(fake, <Inspector />);
    fireEvent.click(screen.getByRole('button', { name: 'Stop…' }));
    expect(fake.calls).toEqual([]);
    const content = fake.room.slots.dialog.getState().content;
    renderRoom(
      fake,
      content?.(() => {}),
    );
    fireEvent.click(screen.getByRole('button', { name: 'Stop agent' }));
    await settled();
    expect(fake.calls).toEqual([{ name: 'agents.stop', input: { agentName: 'csv-writer' } }]);
  });
});

describe('strip, rail, status bar', () => {
  test('counts what waits, and pauses the fleet', async () => {
    const fake = fakeRoom();
    fake.publish('status', { value: roomStatus() });
    fake.publish('attention', { put: [attentionItem('gate:a'), attentionItem('gate:b')], remove: [] });
    fake.publish('mail', { put: [mailMessage('m', { to: 'operator' })], remove: [] });
    renderRoom(
      fake,
      <>
        <TopStrip />
        <Rail />
        <StatusBar />
      </>,
    );
    expect(screen.getByRole('button', { name: /needs you 2 need you/ })).toBeDefined();
    expect(screen.getByRole('button', { name: /Fleet 2 waiting/ })).toBeDefined();
    expect(screen.getByRole('button', { name: /Mail 1 unread/ })).toBeDefined();
    expect(screen.getByRole('contentinfo').textContent).toContain('watchdog 9s ago · 11 watched · 1 verdict');
    expect(document.title).toBe('(2) billing-service · Control Room');
    fireEvent.click(screen.getByRole('button', { name: 'Pause fleet' }));
    await settled();
    expect(fake.calls.filter(({ name }) => name !== 'projects.list')).toEqual([
      { name: 'fleet.pause', input: { paused: true } },
    ]);
  });

  test('the cost chip shows cap and burn rate, its panel what is capped and what waits', async () => {
    const fake = fleet();
    const run = { scope: 'run', id: 'run-1', minutesLeft: null } as const;
    const { governor } = roomStatus();
    fake.publish('status', {
      value: roomStatus({
        spendUsd: 4.18,
        governor: {
          ...governor,
          estimated: true,
          unpricedTurns: 2,
          caps: [
            { ...run, measure: 'usd', used: 4.18, limit: 5, level: 'soft', minutesLeft: 7 },
            { ...run, measure: 'turns', used: 12, limit: 20, level: 'ok' },
          ],
          pauses: [{ scope: 'task', id: 'OV-1', by: 'operator', reason: 'task OV-1 is paused', since: ago(60) }],
          breakers: [{ runtime: 'claude', state: 'open', until: ago(-600), reason: 'usage limit reached' }],
        },
      }),
    });
    renderRoom(fake, <TopStrip />);
    const chip = screen.getByTitle('Spend of the run in US dollars');
    expect(chip.textContent).toBe('$~4.18of 5.00· 0.12/mincap near');
    fireEvent.click(chip);
    await settled();
    const panel = screen.getByRole('dialog', { name: 'Costs' }).textContent ?? '';
    for (const words of [
      '~$4.18 (estimated in part)',
      '$0.12 a minute',
      '2 turns of unknown price',
      '$4.18 of $5.00 · 7 min left',
      '12 of 20 turns',
      'task OV-1 is paused',
      'used up until',
    ])
      expect(panel).toContain(words);
  });

  test('a lost connection says why and tries again on request', () => {
    const fake = fakeRoom();
    const retry = vi.spyOn(fake.room.link, 'retryNow');
    renderRoom(fake, <ConnectionBanner />);
    expect(screen.queryByRole('alert')).toBeNull();
    fake.setLink({ kind: 'offline', reason: 'the engine ended\u202E', attempts: 1 });
    expect(screen.getByRole('alert').textContent).toContain('the engine ended‹RLO›');
    fireEvent.click(screen.getByRole('button', { name: 'Retry now' }));
    expect(retry).toHaveBeenCalledOnce();
  });

  test('a tab without a session says how to get a link', () => {
    renderRoom(fakeRoom(), <SignIn reason="This tab is not signed in." />);
    expect(screen.getByText(/ov open/)).toBeDefined();
    const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Sign in' });
    expect(button.disabled).toBe(true);
    fireEvent.change(screen.getByRole('textbox'), { target: { value: 'http://127.0.0.1:4100/#ticket=abc' } });
    expect(button.disabled).toBe(false);
  });
});

describe('actions', () => {
  test('the palette offers what applies and runs it', () => {
    const fake = fleet();
    fake.room.ui.setState({ selectedAgent: 'csv-writer', paletteOpen: true });
    renderRoom(fake, <Palette />);
    expect(screen.queryByText(/^Retry/)).toBeNull();
    fireEvent.click(screen.getByText('Open terminal · csv-writer'));
    expect(fake.room.ui.getState()).toMatchObject({ screen: 'terminals', paletteOpen: false });
  });

  test('the palette chooses the best match, whatever group it stands in, and Enter takes it', () => {
    const fake = fleet();
    fake.room.ui.setState({ selectedAgent: 'csv-writer', paletteOpen: true });
    renderRoom(fake, <Palette />);
    const options = () => screen.getAllByRole('option').map((option) => option.textContent);
    const field = screen.getByRole('combobox');
    // What is done to the agent stands in a group further up and has its name later in the title.
    for (const [typed, best] of [
      ['cost', 'Costs'],
      ['csv', 'csv-writer'],
      ['theme', 'Theme: '],
    ] as const) {
      fireEvent.change(field, { target: { value: typed } });
      expect(options()[0]).toContain(best);
      expect(screen.getByRole('option', { selected: true }).textContent).toBe(options()[0]);
    }
    fireEvent.change(field, { target: { value: 'csv' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(fake.room.ui.getState()).toMatchObject({ selectedAgent: 'csv-writer', paletteOpen: false });
  });

  test('shortcuts run anywhere, single letters only where nobody types', () => {
    const fake = fleet();
    fake.room.ui.setState({ selectedAgent: 'csv-writer' });
    const stop = listenForShortcuts(fake.room, window);
    renderRoom(
      fake,
      <>
        <input aria-label="words" />
        <div data-keys="terminal">
          <input aria-label="terminal" />
        </div>
      </>,
    );
    screen.getByLabelText('words').focus();
    press('N', { shiftKey: true });
    expect(fake.room.slots.dialog.getState().content).toBeNull();
    press('3', { ctrlKey: true });
    expect(fake.room.ui.getState().screen).toBe('mail');
    screen.getByLabelText('terminal').focus();
    press('b', { ctrlKey: true });
    expect(fake.room.ui.getState().treeOpen).toBe(true);
    press('1', { ctrlKey: true });
    expect(fake.room.ui.getState().screen).toBe('fleet');
    stop();
  });

  test('an id is registered once', () => {
    const fake = fakeRoom();
    const action = { id: 'x', group: 'View' as const, title: () => 'X', run() {} };
    const remove = fake.room.actions.register([action]);
    expect(() => fake.room.actions.register([action])).toThrow('registered twice');
    remove();
    expect(fake.room.actions.run('x', fake.room)).toBe(false);
  });
});

test('a thousand pieces of news do not render without end, and a resent snapshot renders nothing', () => {
  const fake = fleet();
  fake.publish('status', { value: roomStatus() });
  let renders = 0;
  const Counted = ({ children }: { readonly children: ReactNode }) => (
    <Profiler
      id="frame"
      onRender={() => {
        renders += 1;
      }}
    >
      {children}
    </Profiler>
  );
  renderRoom(
    fake,
    <Counted>
      <AgentTree />
      <Rail />
    </Counted>,
  );
  const before = renders;
  for (let step = 0; step < 1_000; step += 1) {
    fake.publish('agents', { put: [agentView('csv-writer', { parent: 'lead-export', turnCount: step })], remove: [] });
  }
  expect(renders - before).toBeLessThanOrEqual(1_010);
  const quiet = renders;
  fake.resend('agents');
  fake.resend('mail');
  fake.resend('attention');
  expect(renders).toBe(quiet);
});
