import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigView, WriteConfigInput } from '../../../contract/config.ts';
import type { Result } from '../../../contract/result.ts';
import { type ConfigService, createConfigService } from './configService.ts';
import { defaultConfig } from './schema.ts';
import { refuseUnknown } from './settingKeys.ts';

let root: string;
let service: ConfigService;
let told: string[];
let changes: number;
/** Called by the next change that takes effect. */
let onChange: () => void;
const path = (name = 'config.yaml'): string => join(root, '.overstory', name);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'settings-'));
  await mkdir(join(root, '.overstory'));
  await writeFile(path(), '# Team.\nruntime:\n  default: claude # ours\n');
  told = [];
  changes = 0;
  onChange = () => {};
  service = createConfigService({
    projectRoot: root,
    initial: defaultConfig(root),
    onChange: () => {
      changes += 1;
      onChange();
    },
    warn: (line) => told.push(line),
  });
});
afterEach(async () => {
  service.close();
  await rm(root, { recursive: true, force: true });
});

async function view(): Promise<ConfigView> {
  return value(await service.read());
}
function value<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
const set = (key: string, to: unknown, more: Partial<WriteConfigInput> = {}) =>
  service.write({ file: 'project', changes: [{ key, value: to as string }], ...more });
const setting = (from: ConfigView, key: string) => from.settings.find((one) => one.key === key);
async function refusal(result: Promise<Result<unknown>>) {
  const got = await result;
  if (got.ok) throw new Error('expected a refusal');
  expect(got.error.message).not.toContain('\n');
  return got.error;
}

describe('settings', () => {
  it('tells each setting with what is in force and where it comes from', async () => {
    await writeFile(path('config.local.yaml'), 'agents:\n  maxConcurrent: 3\n');
    const seen = await view();
    expect(setting(seen, 'runtime.default')).toEqual({
      key: 'runtime.default',
      value: 'claude',
      from: 'project',
      effect: 'nextAgent',
    });
    expect(setting(seen, 'agents.maxConcurrent')).toMatchObject({ value: 3, from: 'local', effect: 'now' });
    expect(setting(seen, 'agents.maxDepth')).toMatchObject({ value: 2, from: 'default' });
    expect(setting(seen, 'controlRoom.budgets.run.usd')).toMatchObject({ value: null, from: 'default' });
    expect(setting(seen, 'project.root')).toBeUndefined();
    expect(seen.files).toEqual(['project', 'local']);
  });

  it('every setting it tells can be written by its key', async () => {
    await set('models.builder', 'opus');
    await set('controlRoom.prices.gpt-4.1', { input: 2, output: 8 });
    const { settings } = await view();
    expect(setting(await view(), 'controlRoom.prices.gpt-4.1')?.value).toEqual({ input: 2, output: 8 });
    for (const { key } of settings) expect(refuseUnknown(key)).toBeNull();
  });

  it('writes with comments kept, and what is written is in force', async () => {
    const done = value(await set('runtime.default', 'codex'));
    expect(await readFile(path(), 'utf8')).toBe('# Team.\nruntime:\n  default: codex # ours\n');
    expect(service.current().runtime.default).toBe('codex');
    expect(done.overridden).toEqual([]);
    expect(changes).toBe(1);
    expect(service.state()).toEqual({ version: done.view.version, problem: null });
  });

  it('takes a key out again', async () => {
    await set('controlRoom.budgets.run.usd', 5);
    expect(service.current().controlRoom.budgets.run.usd).toBe(5);
    value(await service.write({ file: 'project', changes: [{ key: 'controlRoom.budgets.run.usd' }] }));
    expect(service.current().controlRoom.budgets.run.usd).toBeUndefined();
    expect(await readFile(path(), 'utf8')).not.toContain('budgets');
  });

  it('says when the local file overrides what was written', async () => {
    await writeFile(path('config.local.yaml'), 'runtime:\n  default: gemini\n');
    const done = value(await set('runtime.default', 'codex'));
    expect(done.overridden).toEqual(['runtime.default']);
    expect(service.current().runtime.default).toBe('gemini');
    value(await set('runtime.default', 'pi', { file: 'local' }));
    expect(service.current().runtime.default).toBe('pi');
  });

  it('refuses what cannot be used, naming file, key, value and remedy, and writes nothing', async () => {
    const before = await readFile(path(), 'utf8');
    const error = await refusal(set('agents.maxConcurrent', 0));
    expect(error).toMatchObject({ tag: 'config', field: 'agents.maxConcurrent' });
    expect(error.message).toBe(
      '.overstory/config.yaml: agents.maxConcurrent is 0, but it must be a whole number of at least 1',
    );
    expect(await readFile(path(), 'utf8')).toBe(before);
    expect(changes).toBe(0);
  });

  it.each([
    ['runtme.default', 'did you mean runtime?'],
    ['agents.maxConcurent', 'did you mean agents.maxConcurrent?'],
    ['agents', 'is a section'],
    ['project.root', 'cannot be set'],
    ['a..b', 'there is no setting'],
  ])('refuses the key %s: %s', async (key, words) => {
    expect((await refusal(set(key, 'x'))).message).toContain(words);
  });

  it('makes all changes or none', async () => {
    await refusal(
      service.write({
        file: 'project',
        changes: [
          { key: 'runtime.default', value: 'codex' },
          { key: 'agents.maxDepth', value: -1 },
        ],
      }),
    );
    expect(await readFile(path(), 'utf8')).toContain('default: claude');
  });

  it('refuses a write on files that were changed meanwhile', async () => {
    const { version } = await view();
    await writeFile(path(), 'runtime:\n  default: gemini\n');
    expect(await refusal(set('runtime.default', 'codex', { version }))).toMatchObject({ tag: 'conflict' });
    expect(await readFile(path(), 'utf8')).toContain('gemini');
    const now = await view();
    value(await set('runtime.default', 'codex', { version: now.version }));
  });

  it('two writes at once keep both changes', async () => {
    await Promise.all([set('agents.maxDepth', 3), set('agents.maxConcurrent', 9), set('models.lead', 'opus')]);
    const { agents, models } = service.current();
    expect([agents.maxDepth, agents.maxConcurrent, models.lead]).toEqual([3, 9, 'opus']);
  });

  it('keeps who may read the file', async () => {
    await chmod(path(), 0o640);
    value(await set('agents.maxDepth', 3));
    expect((await stat(path())).mode & 0o777).toBe(0o640);
  });

  it('goes on with what it has while the files cannot be used, and says so', async () => {
    await view();
    await writeFile(path(), 'runtime: [\n');
    const seen = await view();
    expect(seen.problem).toContain('config.yaml is not valid YAML');
    expect(service.current().runtime.default).toBe('claude');
    expect(service.state().problem).toBe(seen.problem);
    await writeFile(path(), 'runtime:\n  default: codex\n');
    expect((await view()).problem).toBeNull();
    expect(service.current().runtime.default).toBe('codex');
  });

  it('notices a change by hand', async () => {
    await view();
    service.follow();
    const changed = new Promise<void>((resolve) => {
      onChange = resolve;
    });
    await writeFile(path(), 'runtime:\n  default: gemini\n');
    await changed;
    expect(service.current().runtime.default).toBe('gemini');
  });

  it('does not mix new words into a section of old ones', async () => {
    await writeFile(path(), 'watchdog:\n  tier1IntervalMs: 5000\n');
    const { message } = await refusal(set('watchdog.tier0IntervalMs', 9_000));
    expect(message).toContain('watchdog.tier1IntervalMs');
    expect(message).toContain('rename it');
  });

  it('knows every key of the watchdog of ours', async () => {
    await writeFile(path(), 'controlRoom:\n  watchdog:\n    loopRounds: 5\n');
    expect((await view()).warnings).toEqual([]);
  });
});
