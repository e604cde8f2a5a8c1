import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { fail, ok } from '../../../contract/result.ts';
import type { TerminalView } from '../../../contract/terminals.ts';
import { useRoom } from '../../stores/hooks.ts';
import type { CopyStatus } from '../../terminal/copyMode.ts';
import type { LiveTerminal, SearchResults, ViewWishes } from '../../terminal/liveTerminal.ts';
import { provideTerminals } from '../../terminal/roomTerminals.ts';
import { createTerminalPool } from '../../terminal/terminalPool.ts';
import type { SessionState } from '../../terminal/terminalSession.ts';
import { type FakeRoom, fakeRoom, press, renderRoom, settled } from '../../testing/fakeRoom.tsx';
import { agentView, ago } from '../../testing/fixtures.ts';
import { TerminalsScreen } from './TerminalsScreen.tsx';
import { terminalActions } from './terminalActions.tsx';

beforeEach(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
      unobserve() {}
    },
  );
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Stands in for xterm, which needs a layout: keeps what the screen wants of it. */
interface Stand extends LiveTerminal {
  readonly id: string;
  wishes: ViewWishes | null;
  readonly calls: string[];
}

function shell(id: string, more: Partial<TerminalView> = {}): TerminalView {
  return {
    id,
    kind: 'shell',
    agent: null,
    title: 'shell',
    cwd: '/repository',
    running: true,
    pid: 7,
    exit: null,
    createdAt: ago(100),
    ...more,
  };
}

function Dialogues() {
  const { slots } = useRoom();
  const content = useStore(slots.dialog, (state) => state.content);
  return content === null ? null : content(() => slots.dialog.setState({ content: null }));
}

async function terminals(): Promise<{ fake: FakeRoom; live(id: string): Stand }> {
  const fake = fakeRoom();
  fake.room.actions.register(terminalActions);
  const stands = new Map<string, Stand>();
  const make = (id: string): Stand => {
    const place = document.createElement('textarea');
    const stand: Stand = {
      id,
      wishes: null,
      calls: [],
      state: createStore<SessionState>(() => ({ kind: 'live' })),
      results: createStore<SearchResults>(() => ({ index: 0, count: 3 })),
      mount(element, wishes) {
        stand.wishes = wishes;
        element.append(place);
      },
      wish(wishes) {
        stand.wishes = wishes;
      },
      unmount() {
        stand.wishes = null;
        place.remove();
      },
      focus: () => place.focus(),
      retry: () => stand.calls.push('retry'),
      find: (words, direction, typing) => stand.calls.push(`find ${words} ${direction} ${typing}`),
      endSearch: () => stand.calls.push('endSearch'),
      copyStatus: createStore<{ readonly on: CopyStatus | null }>(() => ({ on: null })),
      startCopy: () => stand.copyStatus.setState({ on: { line: 3, lines: 9, selected: null } }),
      endCopy: () => stand.copyStatus.setState({ on: null }),
      dispose() {},
    };
    stands.set(id, stand);
    return stand;
  };
  provideTerminals(fake.room, createTerminalPool<LiveTerminal>(make));
  fake.room.ui.setState({ screen: 'terminals' });
  fake.publish('agents', { put: [agentView('mailer'), agentView('parser', { status: 'resting' })], remove: [] });
  fake.publish('terminals', { put: [shell('shell:1', { agent: 'mailer' })], remove: [] });
  renderRoom(
    fake,
    <>
      <TerminalsScreen />
      <Dialogues />
    </>,
  );
  await settled();
  const live = (id: string) => {
    const stand = stands.get(id);
    if (stand === undefined) throw new Error(`${id} was never shown`);
    return stand;
  };
  return { fake, live };
}

const tabs = () => screen.getAllByRole('tab').map((tab) => tab.textContent);
const selected = () => screen.getByRole('tab', { selected: true }).textContent;
const composer = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: /^Write to/ });

describe('terminals', () => {
  test('a tab per agent and per shell, state and name on it', async () => {
    await terminals();
    expect(tabs()).toEqual(['in turnmailer', 'restingparser', 'shell · mailer']);
    expect(selected()).toBe('in turnmailer');
  });

  test('arrows walk through the tabs and show them; Enter goes in', async () => {
    const { fake, live } = await terminals();
    screen.getByRole('tab', { selected: true }).focus();
    press('ArrowRight');
    expect(selected()).toBe('restingparser');
    expect(fake.room.ui.getState().selectedAgent).toBe('parser');
    press('End');
    await settled();
    expect(selected()).toBe('shell · mailer');
    press('Enter');
    await settled();
    expect(document.activeElement?.closest('[data-terminal]')?.getAttribute('data-terminal')).toBe('shell:1');
    act(() => live('shell:1').wishes?.onLeave());
    expect(document.activeElement).toBe(screen.getByRole('tab', { selected: true }));
  });

  test('a shell takes the keyboard, an agent’s transcript leaves it to the composer', async () => {
    const { live } = await terminals();
    expect(live('agent:mailer').wishes).toMatchObject({ kind: 'agent', takesInput: false, active: true });
    act(() => live('agent:mailer').wishes?.onTyping());
    expect(document.activeElement).toBe(composer());
    fireEvent.click(screen.getByText('shell · mailer'));
    await settled();
    expect(live('shell:1').wishes).toMatchObject({ kind: 'shell', takesInput: true });
  });

  test('Enter in the composer sends mail, Ctrl+Enter nudges; a refused one keeps the words', async () => {
    const { fake } = await terminals();
    const field = composer();
    fake.answer('mail.send', () => ok({ messageIds: ['m'], recipients: ['mailer'], warnings: [] }));
    fake.answer('agents.nudge', () => fail('unavailable', 'the engine is closing'));
    fireEvent.change(field, { target: { value: 'Use half up.\nAs last year.' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    await settled();
    expect(field.value).toBe('');
    fireEvent.change(field, { target: { value: 'now' } });
    fireEvent.keyDown(field, { key: 'Enter', ctrlKey: true });
    await settled();
    expect(fake.calls).toEqual([
      {
        name: 'mail.send',
        input: { to: 'mailer', subject: 'Use half up.', body: 'Use half up.\nAs last year.', from: 'operator' },
      },
      { name: 'agents.nudge', input: { agentName: 'mailer', message: 'now', from: 'operator' } },
    ]);
    expect(field.value).toBe('now');
  });

  test('taken over, an agent’s terminal takes the keyboard, and the way back stands under it', async () => {
    const { fake, live } = await terminals();
    expect(live('agent:mailer').wishes?.takesInput).toBe(false);
    fireEvent.click(screen.getByRole('button', { name: 'Take over' }));
    await settled();
    expect(fake.calls).toEqual([{ name: 'agents.takeOver', input: { agentName: 'mailer' } }]);
    const hold = { kind: 'takenOver', since: ago(1), until: null, reason: 'in your hands' } as const;
    const mailer = agentView('mailer', { status: 'working', turn: null, unreadMail: 2, hold });
    act(() => {
      fake.publish('terminals', { put: [shell('agent:mailer', { kind: 'agent', agent: 'mailer' })], remove: [] });
      fake.publish('agents', { put: [mailer], remove: [] });
    });
    expect(live('agent:mailer').wishes?.takesInput).toBe(true);
    expect(screen.queryByRole('textbox', { name: /^Write to/ })).toBeNull();
    expect(screen.getByText('In your hands: type above · 2 mails wait')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Hand back' }));
    await settled();
    expect(fake.calls.at(-1)).toEqual({ name: 'agents.handBack', input: { agentName: 'mailer' } });
  });

  test('unsent words stay with their agent', async () => {
    await terminals();
    fireEvent.change(composer(), { target: { value: 'half a thought' } });
    fireEvent.click(screen.getByText('parser'));
    await settled();
    expect(composer().value).toBe('');
    fireEvent.click(screen.getByText('mailer'));
    await settled();
    expect(composer().value).toBe('half a thought');
  });

  test('closing an agent’s tab leaves the agent alone; opening its terminal brings the tab back', async () => {
    const { fake } = await terminals();
    fireEvent.click(screen.getByTitle('Close mailer'));
    expect(tabs()).toEqual(['restingparser', 'shell · mailer']);
    expect(fake.calls).toEqual([]);
    act(() => void fake.room.actions.run('agent.openTerminal', fake.room, 'mailer'));
    expect(selected()).toBe('in turnmailer');
  });

  test('closing a running shell asks, an ended one does not', async () => {
    const { fake } = await terminals();
    const tab = screen.getByRole('tab', { name: 'shell · mailer' });
    fireEvent(tab, new MouseEvent('auxclick', { button: 1, bubbles: true }));
    expect(fake.calls).toEqual([]);
    fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Close shell' }));
    await settled();
    expect(fake.calls).toEqual([{ name: 'terminals.close', input: { terminalId: 'shell:1' } }]);
    fake.publish('terminals', { put: [shell('shell:2', { running: false })], remove: ['shell:1'] });
    fireEvent(screen.getByRole('tab', { name: /shell/ }), new MouseEvent('auxclick', { button: 1, bubbles: true }));
    await settled();
    expect(fake.calls.at(-1)).toEqual({ name: 'terminals.close', input: { terminalId: 'shell:2' } });
  });

  test('an ended shell says how it ended and is opened again where it was', async () => {
    const { fake, live } = await terminals();
    fake.publish('terminals', {
      put: [shell('shell:1', { agent: 'mailer', running: false, exit: { code: 130, signal: null } })],
      remove: [],
    });
    fake.answer('terminals.openShell', () => {
      fake.publish('terminals', { put: [shell('shell:9', { agent: 'mailer' })], remove: [] });
      return ok(shell('shell:9', { agent: 'mailer' }));
    });
    fireEvent.click(screen.getByText('shell · mailer'));
    await settled();
    expect(live('shell:1').wishes?.takesInput).toBe(false);
    expect(screen.getByText('Ended with exit code 130.')).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Open again' }));
    await settled();
    expect(fake.calls).toEqual([
      { name: 'terminals.openShell', input: { agentName: 'mailer', size: { cols: 80, rows: 24 } } },
      { name: 'terminals.close', input: { terminalId: 'shell:1' } },
    ]);
    expect(fake.room.ui.getState().terminalFront).toBe('shell:9');
  });

  test('a paste of several lines is shown first', async () => {
    const { live } = await terminals();
    fireEvent.click(screen.getByText('shell · mailer'));
    await settled();
    const paste = vi.fn();
    act(() => live('shell:1').wishes?.onAskPaste('rm -rf build\nmake\n', paste));
    expect(screen.getByText('Paste 2 lines?')).toBeDefined();
    expect(paste).not.toHaveBeenCalled();
    fireEvent.click(screen.getByRole('button', { name: 'Paste' }));
    expect(paste).toHaveBeenCalledOnce();
  });

  test('a link shows its real host before it is opened', async () => {
    const { live } = await terminals();
    const open = vi.spyOn(window, 'open').mockReturnValue(null);
    act(() => live('agent:mailer').wishes?.onLink('https://docs.example.org/a?b'));
    expect((await screen.findByRole('dialog')).textContent).toContain('Open docs.example.org?');
    expect(open).not.toHaveBeenCalled();
    fireEvent.click(screen.getByRole('button', { name: 'Open' }));
    expect(open).toHaveBeenCalledWith('https://docs.example.org/a?b', '_blank', 'noopener,noreferrer');
  });

  test('search finds while typing, Enter goes on, Escape ends it', async () => {
    const { fake, live } = await terminals();
    act(() => void fake.room.actions.run('terminal.search', fake.room));
    const field = screen.getByRole('textbox', { name: 'Search in the terminal' });
    fireEvent.change(field, { target: { value: 'mail' } });
    fireEvent.keyDown(field, { key: 'Enter', shiftKey: true });
    expect(screen.getByText('1 of 3')).toBeDefined();
    fireEvent.keyDown(field, { key: 'Escape' });
    expect(live('agent:mailer').calls).toEqual(['find mail next true', 'find mail previous false', 'endSearch']);
    expect(screen.queryByRole('search')).toBeNull();
  });

  test('a split shows two terminals; a tab comes into the pane that is in use', async () => {
    const { fake } = await terminals();
    const shown = () =>
      [...document.querySelectorAll('[data-terminal]')].map((place) => place.getAttribute('data-terminal'));
    act(() => void fake.room.actions.run('terminal.split', fake.room));
    await settled();
    expect(shown()).toEqual(['agent:mailer', 'agent:parser']);
    fireEvent.click(screen.getByRole('tab', { name: 'shell · mailer' }));
    await settled();
    expect(shown()).toEqual(['agent:mailer', 'shell:1']);
    act(() => void fake.room.actions.run('terminal.splitDown', fake.room));
    await settled();
    expect(shown()).toEqual(['agent:mailer', 'shell:1', 'agent:parser']);
    expect(fake.room.ui.getState().terminalLayout).toEqual({
      split: 'right',
      first: { pane: 0, terminal: 'agent:mailer' },
      second: { split: 'down', first: { pane: 1, terminal: 'shell:1' }, second: { pane: 2, terminal: 'agent:parser' } },
    });
    act(() => void fake.room.actions.run('terminal.split', fake.room));
    expect(fake.room.notices.store.getState().items[0]?.text).toMatch(/no other terminal/);
    const pane = screen.getByRole('tabpanel', { name: /shell/ });
    fireEvent.click(within(pane).getByRole('button', { name: 'Close this pane' }));
    await settled();
    expect(shown()).toEqual(['agent:mailer', 'agent:parser']);
    act(() => void fake.room.actions.run('terminal.nextPane', fake.room));
    await settled();
    expect(selected()).toBe('in turnmailer');
    act(() => void fake.room.actions.run('terminal.endSplit', fake.room));
    await settled();
    expect(shown()).toEqual(['agent:mailer']);
  });

  test('copy mode begins in the terminal in use and says so until it ends', async () => {
    const { fake, live } = await terminals();
    act(() => void fake.room.actions.run('terminal.copyMode', fake.room));
    await settled();
    expect(screen.getByText('Copy mode')).toBeDefined();
    expect(screen.getByText('line 3 of 9')).toBeDefined();
    act(() => live('agent:mailer').endCopy());
    expect(screen.queryByText('Copy mode')).toBeNull();
  });

  test('a broadcast types into every chosen terminal, says so, and one that refuses leaves it', async () => {
    const { fake, live } = await terminals();
    fake.publish('terminals', { put: [shell('shell:2'), shell('shell:3')], remove: [] });
    fireEvent.click(screen.getByRole('tab', { name: 'shell · mailer' }));
    act(() => void fake.room.actions.run('terminal.broadcast', fake.room));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getAllByRole('checkbox')).toHaveLength(3);
    fireEvent.click(within(dialog).getByRole('button', { name: 'Type into 3' }));
    await settled();
    expect(screen.getByRole('alert').textContent).toContain('what you type goes to 3 terminals');
    fake.answer('terminals.write', (input) =>
      (input as { terminalId: string }).terminalId === 'shell:2' ? fail('invalidState', 'no process runs') : ok({}),
    );
    act(() => live('shell:1').wishes?.broadcast?.send('ls\r'));
    await settled();
    expect(fake.calls).toEqual([
      { name: 'terminals.write', input: { terminalId: 'shell:2', data: 'ls\r' } },
      { name: 'terminals.write', input: { terminalId: 'shell:3', data: 'ls\r' } },
    ]);
    expect(screen.getByRole('alert').textContent).toContain('what you type goes to 2 terminals');
    act(() => live('shell:1').wishes?.broadcast?.end());
    expect(screen.queryByRole('alert')).toBeNull();
    expect(live('shell:1').wishes?.broadcast).toBeNull();
  });

  test('a program that wants the clipboard is asked about once, allowed or shut out by the setting', async () => {
    const { fake, live } = await terminals();
    const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    vi.spyOn(document, 'hasFocus').mockReturnValue(true);
    const want = (text: string) => act(() => live('agent:mailer').wishes?.onClipboard(text));
    want('first');
    expect((await screen.findByRole('dialog')).textContent).toContain('Let mailer use the clipboard?');
    fireEvent.click(screen.getByRole('button', { name: 'Copy' }));
    expect(write).toHaveBeenLastCalledWith('first');
    want('second');
    fireEvent.click(screen.getByRole('button', { name: 'Refuse' }));
    want('third');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(write).toHaveBeenCalledOnce();
    fireEvent.click(screen.getByText('shell · mailer'));
    await settled();
    fake.room.ui.setState({ terminalClipboard: 'allow' });
    act(() => live('shell:1').wishes?.onClipboard('fourth'));
    expect(write).toHaveBeenLastCalledWith('fourth');
    fake.room.ui.setState({ terminalClipboard: 'off' });
    act(() => live('shell:1').wishes?.onClipboard('fifth'));
    expect(write).toHaveBeenCalledTimes(2);
  });

  test('a terminal that is not there yet says when it comes, and is looked for when it is told of', async () => {
    const { fake, live } = await terminals();
    act(() =>
      live('agent:mailer').state.setState({
        kind: 'absent',
        reason: 'none',
      }),
    );
    expect(screen.getByText(/the transcript begins with the first turn/)).toBeDefined();
    const before = live('agent:mailer').calls.length;
    fake.publish('terminals', { put: [shell('agent:mailer', { kind: 'agent', agent: 'mailer' })], remove: [] });
    expect(live('agent:mailer').calls.slice(before)).toEqual(['retry']);
  });

  test('without agents and shells it says how terminals come', async () => {
    const fake = fakeRoom();
    renderRoom(fake, <TerminalsScreen />);
    fake.answer('terminals.openShell', () => fail('unavailable', 'the pty host does not answer'));
    fireEvent.click(screen.getByRole('button', { name: 'Open a shell' }));
    await settled();
    expect(fake.room.notices.store.getState().items[0]?.text).toBe('the pty host does not answer');
  });
});
