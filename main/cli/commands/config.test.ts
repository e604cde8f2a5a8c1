import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChaosProject, createChaosProject } from '../../core/chaos/chaosProject.ts';

let project: ChaosProject;
let file: string;
beforeAll(async () => {
  project = await createChaosProject();
  file = join(project.root, '.overstory', 'config.yaml');
});
afterAll(() => project.dispose());

const config = (...args: readonly string[]) => project.ov(['config', ...args]);
const json = async (...args: readonly string[]) => JSON.parse((await config(...args, '--json')).stdout);

describe('ov config', () => {
  it('sets, tells and takes out one setting without an engine, and keeps the comments', async () => {
    const before = await readFile(file, 'utf8');
    const set = await config('set', 'models.builder', 'opus');
    expect(set).toMatchObject({
      code: 0,
      stdout: 'models.builder is opus (config.yaml); it holds for agents slung from now on\n',
    });
    const text = await readFile(file, 'utf8');
    for (const line of before.split('\n').filter((one) => one.includes('#'))) expect(text).toContain(line);
    expect((await config('get', 'models.builder')).stdout).toBe('opus\n');
    expect(await json('get', 'models.builder')).toMatchObject({
      success: true,
      command: 'config',
      setting: { key: 'models.builder', value: 'opus', from: 'project', effect: 'nextAgent' },
    });
    expect((await config('unset', 'models.builder')).code).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('reads values as the file would', async () => {
    await config('set', 'controlRoom.budgets.run.usd', '2.5');
    await config('set', 'mulch.domains', '[api, "ui"]');
    await config('set', 'merge.reimagineEnabled', 'true');
    expect(await json('get', 'controlRoom.budgets.run.usd')).toMatchObject({ setting: { value: 2.5 } });
    expect(await json('get', 'mulch.domains')).toMatchObject({ setting: { value: ['api', 'ui'] } });
    expect((await config('list', 'merge')).stdout).toMatch(/merge\.reimagineEnabled +true +config\.yaml\n/);
  });

  it('says that the local file wins, and writes it with --local', async () => {
    await config('set', 'agents.maxDepth', '3', '--local');
    expect(await readFile(join(project.root, '.overstory', 'config.local.yaml'), 'utf8')).toContain('maxDepth: 3');
    const { stdout } = await config('set', 'agents.maxDepth', '4');
    expect(stdout).toBe('agents.maxDepth is changed in config.yaml, but config.local.yaml sets it to 3, which wins\n');
  });

  it.each([
    [['set', 'agents.maxConcurrent', '0'], 'CONFIG_ERROR', 'agents.maxConcurrent is 0, but it must be a whole number'],
    [['set', 'agents.maxConcurent', '1'], 'VALIDATION_ERROR', 'did you mean agents.maxConcurrent?'],
    [['set', 'runtime.default', '[a'], 'VALIDATION_ERROR', 'the value is not valid YAML'],
    [['get', 'nothing.here'], 'NOT_FOUND', '"ov config list" shows all'],
  ])('%j is refused in one line', async (args, code, words) => {
    const got = await config(...args);
    expect({ code: got.code, stdout: got.stdout }).toEqual({ code: 1, stdout: '' });
    expect(got.stderr).toMatch(new RegExp(`^Error \\[${code}\\]: [^\\n]+\\n$`));
    expect(got.stderr).toContain(words);
  });

  it('tells of a file nobody can read', async () => {
    const good = await readFile(file, 'utf8');
    await writeFile(file, 'runtime: [\n');
    expect((await config('list')).stderr).toMatch(/^Error \[CONFIG_ERROR\]: .*config\.yaml is not valid YAML[^\n]+\n$/);
    await writeFile(file, good);
  });
});
