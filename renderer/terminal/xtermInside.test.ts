import xterm from '@xterm/xterm/lib/xterm.mjs?raw';
import { expect, test } from 'vitest';

/** xtermScreen.ts replaces a private method; a new xterm that works differently must not lose its colours unnoticed. */
test('xterm writes style attributes in one place only, the one that is replaced', () => {
  expect(xterm.split('setAttribute("style"')).toHaveLength(2);
  expect(xterm).toMatch(/_addStyle\(\w+,\w+\)\{\w+\.setAttribute\("style"/);
  for (const name of ['_rowFactory', '_renderService', '_renderer']) expect(xterm).toContain(name);
});

/** sharedWidths.ts replaces another; measuring everything anew would be slow and go unnoticed. */
test('xterm measures characters in one method, the one that is replaced', () => {
  expect(xterm).toMatch(/_measure\(\w+,\w+\)\{[^}]*offsetWidth/);
  for (const name of ['_widthCache', '_font', '_fontSize', '_weight', '_weightBold'])
    expect(xterm).toContain(`this.${name}=`);
});

/** scrollSync.ts replaces three more: the scrollbar follows every line again where this does not hold. */
test('xterm moves its scrollbar by a method without arguments for each line, and with one once a frame', () => {
  expect(xterm).toContain('onScroll(()=>this._sync())');
  expect(xterm).toContain('this._sync(this._latestYDisp)');
  expect(xterm).toMatch(/this\._viewport\.scrollLines\(\w+\)/);
  expect(xterm).toContain('this._viewport.scrollToLine(');
  for (const name of ['addRefreshCallback(', '_renderService']) expect(xterm).toContain(name);
});
