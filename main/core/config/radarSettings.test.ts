import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from './loadConfig.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'config-'));
  await mkdir(join(root, '.overstory'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function load(radar: string) {
  await writeFile(join(root, '.overstory', 'config.yaml'), radar === '' ? '' : `controlRoom:\n  radar:\n${radar}`);
  return loadConfig(root);
}

describe('controlRoom.radar', () => {
  it.each([
    ['', { enabled: true, seconds: 15 }],
    ['    seconds: 60\n', { enabled: true, seconds: 60 }],
    ['    enabled: false\n', { enabled: false, seconds: 15 }],
  ])('%j', async (text, expected) => {
    const loaded = await load(text);
    expect(loaded.ok && loaded.value.config.controlRoom.radar).toEqual(expected);
  });

  it.each([
    ['    seconds: 1\n', 'controlRoom.radar.seconds is 1, but it must be a number of seconds'],
    ['    seconds: often\n', 'controlRoom.radar.seconds is "often"'],
    ['    enabled: maybe\n', 'controlRoom.radar.enabled is "maybe"'],
  ])('%j is refused with key, value and remedy', async (text, words) => {
    const loaded = await load(text);
    expect(loaded.ok ? 'taken' : loaded.error.message).toContain(words);
  });

  it('a key nobody knows is told', async () => {
    const loaded = await load('    minutes: 3\n');
    expect(loaded.ok && loaded.value.warnings.join('\n')).toContain('controlRoom.radar.minutes');
  });
});
