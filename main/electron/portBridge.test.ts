import { expect, test } from 'vitest';
import type { PageMessage } from '../../contract/shell.ts';
import { createMemoryPair } from '../../contract/wire/memoryChannel.ts';
import { createShellPort, isTrustedSender } from './portBridge.ts';

const OURS = new Set([7]);

test.each([
  ['our page', { contentsId: 7, frame: { isMain: true, origin: 'app://control' } }, true],
  ['a frame inside it', { contentsId: 7, frame: { isMain: false, origin: 'app://control' } }, false],
  ['another origin in our window', { contentsId: 7, frame: { isMain: true, origin: 'https://example.org' } }, false],
  ['another host of our scheme', { contentsId: 7, frame: { isMain: true, origin: 'app://other' } }, false],
  ['a window that is not ours', { contentsId: 8, frame: { isMain: true, origin: 'app://control' } }, false],
  ['a frame that is gone', { contentsId: 7, frame: null }, false],
])('%s: %s', (_, sender, trusted) => {
  expect(isTrustedSender(sender, OURS)).toBe(trusted);
});

test('messages of the page are checked, the shell is told only what it knows', async () => {
  const [page, shell] = createMemoryPair();
  const heard: PageMessage[] = [];
  const port = createShellPort(shell, (message) => heard.push(message));
  const answered = new Promise((resolve) => void page.onFrame(resolve));
  page.send(JSON.stringify({ type: 'theme', theme: 'light' }));
  page.send(JSON.stringify({ type: 'format', disk: true }));
  page.send('{"type":');
  page.send(new Uint8Array([1]));
  page.send(JSON.stringify({ type: 'openProject' }));
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toEqual([{ type: 'theme', theme: 'light' }, { type: 'openProject' }]);
  port.send({ type: 'action', action: 'palette.open' });
  expect(await answered).toBe('{"type":"action","action":"palette.open"}');
});
