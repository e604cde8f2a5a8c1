import { expect, test } from 'vitest';
import { decideLink, openExternalLink } from './externalLinks.ts';

test.each([
  ['https://example.org/a?b#c', 'open'],
  ['http://localhost:5173/', 'open'],
  ['http://127.0.0.1:5173/', 'open'],
  ['http://[::1]:5173/', 'open'],
  ['mailto:someone@example.org', 'open'],
  ['http://example.org/', 'refuse'],
  ['http://127.0.0.1.example.org/', 'refuse'],
  ['https://user@example.org/', 'refuse'],
  ['file:///etc/passwd', 'refuse'],
  ['javascript:alert(1)', 'refuse'],
  ['smb://share/x', 'refuse'],
  ['app://control/', 'refuse'],
  ['example.org', 'refuse'],
])('%s from the interface: %s', (address, kind) => {
  expect(decideLink(address, 'interface').kind).toBe(kind);
});

test('a link from a terminal is asked about, with its real host', () => {
  expect(decideLink('https://example.org.evil.test/login', 'terminal')).toEqual({
    kind: 'ask',
    address: 'https://example.org.evil.test/login',
    host: 'example.org.evil.test',
  });
  expect(decideLink('file:///etc/passwd', 'terminal').kind).toBe('refuse');
});

test.each([
  [0, ['https://example.org/']],
  [1, []],
])('answer %i to the question opens %o', async (response, expected) => {
  const opened: string[] = [];
  const asked: string[] = [];
  await openExternalLink(
    {
      shell: { openExternal: async (address) => void opened.push(address) },
      dialog: {
        showMessageBox: (async (options: { message: string }) => {
          asked.push(options.message);
          return { response, checkboxChecked: false };
        }) as Electron.Dialog['showMessageBox'],
      },
    },
    'https://example.org/',
    'terminal',
  );
  expect(asked).toEqual(['Open example.org?']);
  expect(opened).toEqual(expected);
});
