import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPageHandler } from './appProtocol.ts';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; style-src-elem 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-src 'none'; frame-ancestors 'none'; object-src 'none'";

let folder = '';
let ask: (path: string, method?: string) => Promise<Response>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocr-pages-'));
  await mkdir(join(folder, 'renderer', 'assets'), { recursive: true });
  await writeFile(join(folder, 'renderer', 'index.html'), '<!doctype html>room');
  await writeFile(join(folder, 'renderer', 'assets', 'index-a1B2c3D4.js'), 'run()');
  await writeFile(join(folder, 'secret.html'), 'secret');
  const handle = createPageHandler(join(folder, 'renderer'));
  ask = (path, method = 'GET') => handle({ url: path.includes('://') ? path : `app://control${path}`, method });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the page comes with its policy and is never cached', async () => {
  const answer = await ask('/');
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe('<!doctype html>room');
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(answer.headers.get('content-security-policy')).toBe(POLICY);
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test('a file with a content hash may be kept for good', async () => {
  const answer = await ask('/assets/index-a1B2c3D4.js?x=1');
  expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(answer.headers.get('cache-control')).toContain('immutable');
});

test('HEAD answers without a body', async () => {
  const answer = await ask('/', 'HEAD');
  expect([answer.status, await answer.text()]).toEqual([200, '']);
});

test.each([
  ['/', 'POST', 405],
  ['/', 'PUT', 405],
  ['/../secret.html', 'GET', 404],
  ['/%2e%2e/secret.html', 'GET', 404],
  ['/..%2fsecret.html', 'GET', 404],
  ['/assets', 'GET', 404],
  ['/absent.html', 'GET', 404],
  ['app://other/index.html', 'GET', 404],
])('%s by %s is answered %i, with the policy', async (path, method, status) => {
  const answer = await ask(path, method);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-security-policy')).toBe(POLICY);
});
