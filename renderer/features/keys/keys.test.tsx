import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { listenForShortcuts } from '../../actions/shortcuts.ts';
import { type FakeRoom, fakeRoom, press, renderRoom } from '../../testing/fakeRoom.tsx';
import { KeyBindings } from './KeyBindings.tsx';

let stop = () => {};
afterEach(() => {
  stop();
  cleanup();
});

function editor(): FakeRoom {
  const fake = fakeRoom();
  renderRoom(fake, <KeyBindings />);
  stop = listenForShortcuts(fake.room, window);
  return fake;
}

const row = (title: string) => within(screen.getByRole('listitem', { name: title }));
const change = (title: string) =>
  fireEvent.click(row(title).getByRole('button', { name: `Change the keys of ${title}` }));

describe('the keys editor', () => {
  it('gives an action the keys that are pressed, and they work at once', () => {
    const fake = editor();
    change('Command palette');
    press('p', { ctrlKey: true, shiftKey: true });
    expect(row('Command palette').getByText('Ctrl Shift P')).toBeTruthy();
    expect(fake.room.ui.getState().keys).toEqual({ 'palette.open': 'Mod+Shift+P' });
    press('k', { ctrlKey: true });
    expect(fake.room.ui.getState().paletteOpen).toBe(false);
    press('p', { ctrlKey: true, shiftKey: true });
    expect(fake.room.ui.getState().paletteOpen).toBe(true);
  });

  it('refuses keys that belong to another action, in one line', () => {
    const fake = editor();
    change('Hide agents');
    press('k', { ctrlKey: true });
    expect(screen.getByRole('alert').textContent).toBe(
      'Ctrl K already belongs to "Command palette"; change that one first.',
    );
    expect(fake.room.ui.getState().keys).toEqual({});
    expect(fake.room.ui.getState().paletteOpen).toBe(false);
  });

  it('Escape leaves the keys as they were', () => {
    const fake = editor();
    change('Command palette');
    press('Escape');
    expect(row('Command palette').getByText('Ctrl K')).toBeTruthy();
    expect(fake.room.ui.getState().keys).toEqual({});
  });

  it('takes keys away, resets one action and resets all', () => {
    const fake = editor();
    fireEvent.click(screen.getByRole('button', { name: 'Take the keys of Command palette away' }));
    fireEvent.click(screen.getByRole('button', { name: 'Take the keys of Mail away' }));
    expect(fake.room.ui.getState().keys).toEqual({ 'palette.open': '', 'go.mail': '' });
    fireEvent.click(screen.getByRole('button', { name: 'Reset Mail to Ctrl 3' }));
    expect(fake.room.ui.getState().keys).toEqual({ 'palette.open': '' });
    fireEvent.click(screen.getByRole('button', { name: 'Reset all' }));
    expect(row('Command palette').getByText('Ctrl K')).toBeTruthy();
  });

  it('does not give keys back that another action has meanwhile', () => {
    const fake = editor();
    fireEvent.click(screen.getByRole('button', { name: 'Take the keys of Nudge away' }));
    change('Write mail…');
    press('N', { shiftKey: true });
    fireEvent.click(screen.getByRole('button', { name: 'Reset Nudge to Shift N' }));
    expect(screen.getByRole('alert').textContent).toContain('already belongs to "Write mail…"');
    expect(fake.room.ui.getState().keys).toEqual({ 'agent.nudge': '', 'mail.compose': 'Shift+N' });
  });

  it('finds a command by its words or its keys', () => {
    editor();
    const search = screen.getByRole('searchbox', { name: 'Find a command or its keys' });
    fireEvent.change(search, { target: { value: 'palette' } });
    expect(screen.getAllByRole('listitem').map((item) => item.getAttribute('aria-label'))).toEqual(['Command palette']);
    fireEvent.change(search, { target: { value: 'ctrl k' } });
    expect(screen.getAllByRole('listitem').map((item) => item.getAttribute('aria-label'))).toEqual(['Command palette']);
  });
});
