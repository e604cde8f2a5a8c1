import { expect, test } from 'vitest';
import { isPermissionAllowed, isRequestAllowed } from './sessionSecurity.ts';

test.each([
  ['app://control/', true],
  ['app://control/assets/a.js', true],
  ['blob:app://control/7b1c', true],
  ['data:image/png;base64,AAAA', true],
  ['devtools://devtools/bundled/inspector.html', true],
  ['app://other/', false],
  ['app://control.evil.test/', false],
  ['blob:https://evil.test/7b1c', false],
  ['https://example.org/', false],
  ['http://127.0.0.1:3000/', false],
  ['file:///etc/hostname', false],
  ['ws://127.0.0.1:3000/', false],
  ['not an address', false],
])('a request for %s: %s', (address, allowed) => {
  expect(isRequestAllowed(address)).toBe(allowed);
});

test.each([
  ['notifications', 'app://control/', true],
  ['clipboard-sanitized-write', 'app://control', true],
  ['notifications', 'https://example.org/', false],
  ['clipboard-read', 'app://control/', false],
  ['media', 'app://control/', false],
  ['geolocation', 'app://control/', false],
  ['openExternal', 'app://control/', false],
  ['notifications', '', false],
])('permission %s for %s: %s', (permission, origin, allowed) => {
  expect(isPermissionAllowed(permission, origin)).toBe(allowed);
});
