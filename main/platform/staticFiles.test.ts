import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findStaticFile, resolveStaticFile } from './staticFiles.ts';

const ROOT = '/srv/renderer';

test.each([
  ['/', `${ROOT}/index.html`, 'text/html; charset=utf-8'],
  ['/index.html', `${ROOT}/index.html`, 'text/html; charset=utf-8'],
  ['/assets/app-D3adB33f.js', `${ROOT}/assets/app-D3adB33f.js`, 'text/javascript; charset=utf-8'],
  ['/assets/./font.woff2', `${ROOT}/assets/font.woff2`, 'font/woff2'],
  ['/a%20b.css', `${ROOT}/a b.css`, 'text/css; charset=utf-8'],
])('%s is served from the root', (pathname, path, contentType) => {
  expect(resolveStaticFile(ROOT, pathname)).toMatchObject({ path, contentType });
});

test.each([
  '/../secret.html',
  '/%2e%2e/secret.html',
  '/..%2fsecret.html',
  '/assets/../../secret.html',
  '/..\\secret.html',
  '/%5c..%5csecret.html',
  '/../renderer-other/index.html',
  '/index.html%00.js',
  '/%E0%A4%A',
  '/.env',
  '/notes.txt',
  '/assets',
  '//etc/passwd',
  'index.html',
  '',
])('%s is refused', (pathname) => {
  expect(resolveStaticFile(ROOT, pathname)).toBeNull();
});

test('only names with a content hash count as unchanging', () => {
  expect(resolveStaticFile(ROOT, '/assets/index-B4dC0ffe.css')?.immutable).toBe(true);
  expect(resolveStaticFile(ROOT, '/assets/logo.svg')?.immutable).toBe(false);
  expect(resolveStaticFile(ROOT, '/')?.immutable).toBe(false);
});

test('no path whatever leaves the root', () => {
  const piece = fc.oneof(
    fc.constantFrom('..', '.', '%2e%2e', '%2f', '%5c', '\\', '/', '%00', 'a', 'b.js'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const file = resolveStaticFile(ROOT, `/${pieces.join('/')}`);
      return file === null || (file.path.startsWith(ROOT + sep) && !file.path.split(sep).includes('..'));
    }),
  );
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocr-static-'));
  await mkdir(join(folder, 'root', 'sub.js'), { recursive: true });
  await writeFile(join(folder, 'root', 'index.html'), '<!doctype html>');
  await writeFile(join(folder, 'secret.html'), 'secret');
  await symlink(join(folder, 'secret.html'), join(folder, 'root', 'link.html'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a plain file is found; a folder, an absent file and a link to the outside are not', async () => {
  const root = join(folder, 'root');
  expect((await findStaticFile(root, '/'))?.path).toBe(join(root, 'index.html'));
  expect(await findStaticFile(root, '/sub.js')).toBeNull();
  expect(await findStaticFile(root, '/absent.html')).toBeNull();
  expect(await findStaticFile(root, '/link.html')).toBeNull();
});
