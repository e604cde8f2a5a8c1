import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from './loadConfig.ts';
import { DEFAULT_MERGE } from './mergeSettings.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'config-'));
  await mkdir(join(root, '.overstory'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function load(section: string) {
  await writeFile(join(root, '.overstory/config.yaml'), `controlRoom:\n  merge:\n${section}`);
  return loadConfig(root);
}

describe('controlRoom.merge', () => {
  it('has defaults, and takes what is written', async () => {
    const loaded = await load('    verify: false\n    gateTimeoutMs: 5000\n');
    expect(loaded).toMatchObject({
      ok: true,
      value: { config: { controlRoom: { merge: { ...DEFAULT_MERGE, verify: false, gateTimeoutMs: 5_000 } } } },
    });
    expect(loaded.ok && loaded.value.warnings).toEqual([]);
  });

  it.each([
    ['    gateTimeoutMs: 10\n', 'controlRoom.merge.gateTimeoutMs', '10'],
    ['    modelTimeoutMs: soon\n', 'controlRoom.merge.modelTimeoutMs', 'soon'],
    ['    verify: maybe\n', 'controlRoom.merge.verify', 'maybe'],
  ])('%j is refused with key, value and remedy', async (section, key, value) => {
    const loaded = await load(section);
    expect(loaded.ok ? '' : loaded.error.message).toContain(key);
    expect(loaded.ok ? '' : loaded.error.message).toContain(value);
  });

  it('an unknown key is told with the nearest one', async () => {
    const loaded = await load('    verfy: true\n');
    expect(loaded.ok && loaded.value.warnings.join('\n')).toContain('did you mean controlRoom.merge.verify?');
  });
});
