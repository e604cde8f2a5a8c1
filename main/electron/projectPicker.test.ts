import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runOrThrow } from '../../scripts/lib/run.ts';
import { findGitRoot } from '../platform/gitRoot.ts';
import { readyProject, resolveProject } from './projectPicker.ts';
import { parseRecent, projectReference, rememberProject } from './recentProjects.ts';

let folder = '';
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'ocr-picker-')));
  await mkdir(join(folder, 'repo', '.git'), { recursive: true });
  await mkdir(join(folder, 'repo', 'src'), { recursive: true });
  await mkdir(join(folder, 'plain'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a repository is found from any folder in it, and from a linked work tree', async () => {
  expect(await findGitRoot(join(folder, 'repo', 'src'))).toBe(join(folder, 'repo'));
  await writeFile(join(folder, 'plain', '.git'), 'gitdir: elsewhere');
  expect(await findGitRoot(join(folder, 'plain'))).toBe(join(folder, 'plain'));
});

test('a folder outside of any repository is refused in one line', async () => {
  const refused = await resolveProject(join(folder, 'plain'));
  expect(refused).toMatchObject({ ok: false, error: { tag: 'config', message: expect.stringContaining('git init') } });
  expect(await findGitRoot(join(folder, 'absent'))).toBeNull();
});

test('a repository that is not set up yet is taken at its top', async () => {
  expect(await resolveProject(join(folder, 'repo', 'src'))).toEqual({
    ok: true,
    value: { root: join(folder, 'repo'), initialised: false },
  });
});

test('a repository is set up only when the person agrees', async () => {
  const project = { root: join(folder, 'fresh'), initialised: false };
  await mkdir(project.root);
  await runOrThrow('git', ['init', '-q', '-b', 'main'], { cwd: project.root });
  const answer = (response: number) => ({
    showMessageBox: (async () => ({ response, checkboxChecked: false })) as Electron.Dialog['showMessageBox'],
  });
  expect(await readyProject(answer(1), project)).toBeNull();
  expect(await resolveProject(project.root)).toMatchObject({ value: { initialised: false } });
  expect(await readyProject(answer(0), project)).toBe(project.root);
  expect(await resolveProject(project.root)).toMatchObject({ value: { root: project.root, initialised: true } });
  expect(await readyProject(answer(1), { ...project, initialised: true })).toBe(project.root);
});

test('recent projects are newest first, once each, ten at most', () => {
  expect(rememberProject(['/a', '/b'], '/b')).toEqual(['/b', '/a']);
  const many = Array.from({ length: 12 }, (_, index) => `/p${index}`);
  expect(rememberProject(many, '/new')).toHaveLength(10);
  expect(parseRecent(['/a', 3, '', null, '/b'])).toEqual(['/a', '/b']);
  expect(parseRecent({ not: 'a list' })).toEqual([]);
  expect(projectReference('/code/shop')).toEqual({ root: '/code/shop', name: 'shop' });
});
