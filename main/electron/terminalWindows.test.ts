import { EventEmitter } from 'node:events';
import type { BrowserWindow } from 'electron';
import { expect, test } from 'vitest';
import { createTerminalWindows } from './terminalWindows.ts';

class FakeWindow extends EventEmitter {
  static made: FakeWindow[] = [];
  readonly webContents = Object.assign(new EventEmitter(), { id: FakeWindow.made.length + 1 });
  readonly calls: string[] = [];
  readonly options: unknown;
  address = '';
  constructor(options: unknown) {
    super();
    this.options = options;
    FakeWindow.made.push(this);
  }
  loadURL = async (address: string) => {
    this.address = address;
  };
  isDestroyed = () => false;
  isMinimized = () => true;
  restore = () => this.calls.push('restore');
  focus = () => this.calls.push('focus');
  close = () => this.emit('closed');
}

function setUp() {
  FakeWindow.made = [];
  const ours = new Set<number>();
  const windows = createTerminalWindows({
    // The fake has the members the keeper uses.
    BrowserWindow: FakeWindow as unknown as typeof BrowserWindow,
    preload: '/preload.cjs',
    packaged: true,
    theme: () => 'light',
    onContents: (id) => ours.add(id),
    onClosed: (id) => ours.delete(id),
  });
  return { windows, ours };
}

test('a terminal has one window, which a second wish brings to the front', () => {
  const { windows, ours } = setUp();
  windows.show('agent:worker');
  windows.show('agent:worker');
  windows.show('shell:a&b');
  expect(FakeWindow.made.map((window) => window.address)).toEqual([
    'app://control/?terminal=agent%3Aworker',
    'app://control/?terminal=shell%3Aa%26b',
  ]);
  expect(FakeWindow.made[0]?.calls).toEqual(['restore', 'focus']);
  expect([...ours]).toEqual([1, 2]);
  expect([windows.has(1), windows.has(7)]).toEqual([true, false]);
});

test('its page has the rights of a room, and loses them with the window', () => {
  const { windows, ours } = setUp();
  windows.show('agent:worker');
  expect(FakeWindow.made[0]?.options).toMatchObject({
    backgroundColor: '#f4f5f6',
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, devTools: false },
  });
  windows.closeAll();
  expect([...ours]).toEqual([]);
  expect(windows.has(1)).toBe(false);
  windows.show('agent:worker');
  expect(FakeWindow.made).toHaveLength(2);
});
