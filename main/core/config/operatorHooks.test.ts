import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { must } from '../db/testing/folder.ts';
import { pathExists } from '../util/files.ts';
import {
  HOOKS_TARGET,
  hooksStatus,
  installHooks,
  mergeHooks,
  operatorHooks,
  uninstallHooks,
  withoutOurHooks,
} from './operatorHooks.ts';

let root: string;
const target = (): string => join(root, HOOKS_TARGET);
const settings = async (): Promise<unknown> => JSON.parse(await readFile(target(), 'utf8'));
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'operator-hooks-'));
  await mkdir(join(root, '.overstory'));
  await mkdir(join(root, '.claude'));
  await writeFile(join(root, '.overstory/hooks.json'), JSON.stringify(operatorHooks()));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const own = { matcher: 'Bash', hooks: [{ type: 'command', command: 'mov x' }] };
const stale = { matcher: '', hooks: [{ type: 'command', command: 'ov old --agent orchestrator' }] };
const { hooks } = operatorHooks();

describe('ov hooks install', () => {
  it('CT74: writes ours and keeps every other key, with a final newline', async () => {
    await writeFile(target(), '{"permissions":{"allow":["Bash"]}}');
    expect(must(await installHooks(root, false))).toBe('installed');
    expect(await settings()).toEqual({ permissions: { allow: ['Bash'] }, hooks });
    expect(await readFile(target(), 'utf8')).toMatch(/\}\n$/);
  });

  it('CT74: changes nothing where hooks are present, unless forced; then it adds, once', async () => {
    await writeFile(target(), JSON.stringify({ hooks: { PreToolUse: [own], Other: [own] } }));
    expect(must(await installHooks(root, false))).toBe('present');
    expect(await settings()).toEqual({ hooks: { PreToolUse: [own], Other: [own] } });
    must(await installHooks(root, true));
    must(await installHooks(root, true));
    expect(await settings()).toEqual({
      hooks: { ...hooks, PreToolUse: [own, ...(hooks.PreToolUse ?? [])], Other: [own] },
    });
  });

  it('CT74: says what to do when there is nothing to install from', async () => {
    await rm(join(root, '.overstory/hooks.json'));
    expect(await installHooks(root, false)).toMatchObject({
      ok: false,
      error: { tag: 'validation', field: 'source', message: expect.stringContaining('ov init') },
    });
  });

  it('never writes over settings it cannot read', async () => {
    await writeFile(target(), '{ "hooks": ');
    expect(await installHooks(root, true)).toMatchObject({ ok: false, error: { tag: 'config' } });
    expect(await readFile(target(), 'utf8')).toBe('{ "hooks": ');
  });
});

describe('ov hooks uninstall', () => {
  it('CT75: removes the file when nothing else is in it', async () => {
    must(await installHooks(root, false));
    expect(must(await uninstallHooks(root))).toBe('file removed');
    expect(await pathExists(target())).toBe(false);
  });

  it('CT75: keeps every other key, and a person’s own hooks', async () => {
    await writeFile(target(), JSON.stringify({ model: 'x', hooks: { PreToolUse: [own] } }));
    must(await installHooks(root, true));
    expect(must(await uninstallHooks(root))).toBe('removed');
    expect(await settings()).toEqual({ model: 'x', hooks: { PreToolUse: [own] } });
  });

  it('CT75: does nothing without the file, without hooks, or without hooks of ours', async () => {
    expect(must(await uninstallHooks(root))).toBe('none');
    for (const text of ['{"model":"x"}', JSON.stringify({ hooks: { Stop: [own] } })]) {
      await writeFile(target(), text);
      expect(must(await uninstallHooks(root))).toBe('none');
      expect(await readFile(target(), 'utf8')).toBe(text);
    }
  });
});

describe('ov hooks status', () => {
  it('CT76: tells source and target apart', async () => {
    expect(must(await hooksStatus(root))).toEqual({ sourceExists: true, installed: false });
    must(await installHooks(root, false));
    expect(must(await hooksStatus(root))).toEqual({ sourceExists: true, installed: true });
    await rm(join(root, '.overstory/hooks.json'));
    await writeFile(target(), JSON.stringify({ hooks: { Stop: [own] } }));
    expect(must(await hooksStatus(root))).toEqual({ sourceExists: false, installed: false });
  });
});

describe('CT77: merging hooks', () => {
  it('adds events that are missing', () => expect(mergeHooks({}, hooks)).toEqual(hooks));
  it('adds to an event after what is there', () =>
    expect(mergeHooks({ Stop: [own] }, { Stop: hooks.Stop ?? [] })).toEqual({ Stop: [own, ...(hooks.Stop ?? [])] }));
  it('adds nothing that is there already', () => expect(mergeHooks(hooks, hooks)).toEqual(hooks));
  it('leaves other events alone', () =>
    expect(mergeHooks({ Other: [own] }, { Stop: [] })).toEqual({ Other: [own], Stop: [] }));
  it('puts a new version of ours in the place of an old one', () => {
    expect(mergeHooks({ Stop: [stale, own] }, { Stop: hooks.Stop ?? [] }).Stop).toEqual([own, ...(hooks.Stop ?? [])]);
    expect(withoutOurHooks({ Stop: [stale] })).toEqual({});
  });
});
