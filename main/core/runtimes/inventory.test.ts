import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedVariables } from './environment.ts';
import { createRuntimeInventory, listRuntimes } from './inventory.ts';
import { loginOfCopilot, loginOfGemini, loginOfOpencode, loginOfPi } from './login.ts';
import { createRuntimeRegistry } from './registry.ts';

const LOGINS = { gemini: loginOfGemini, copilot: loginOfCopilot, opencode: loginOfOpencode, pi: loginOfPi } as Readonly<
  Record<string, typeof loginOfGemini>
>;

describe('inventory of runtimes', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ocr-inventory-'));
    for (const [name, script] of [
      ['codex', 'echo "codex-cli 0.169.0"'],
      ['gemini', 'exit 1'],
      ['my-agent', 'exit 0'],
    ] as const) {
      await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
      await chmod(join(folder, name), 0o755);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const list = (): ReturnType<typeof listRuntimes> => {
    const environment = { PATH: `${folder}:/usr/bin:/bin`, CODEX_HOME: folder };
    const acpAgents = () => ({
      mine: { headless: ['my-agent', '--acp'], interactive: ['my-agent', '--resume', '{conversation}'] },
      gone: { headless: ['no-such-agent'], interactive: null },
    });
    const registry = createRuntimeRegistry({ uid: 1000, environment, acpAgents });
    return listRuntimes(registry, { default: 'claude', capabilities: { reviewer: 'codex' } }, environment);
  };

  it('puts what the project uses first, and says for each what is there and what is missing', async () => {
    const entries = await list();
    const of = (name: string) => entries.find((entry) => entry.name === name);
    expect(entries).toHaveLength(14);
    expect(entries.slice(0, 2).map((entry) => [entry.name, entry.usedBy])).toEqual([
      ['claude', ['default']],
      ['codex', ['reviewer']],
    ]);
    expect(of('claude')).toMatchObject({
      ready: false,
      detail: expect.stringMatching(/not on the PATH: run "npm install -g/),
    });
    expect(of('codex')).toMatchObject({ ready: true, version: '0.169.0', loggedIn: false, interactive: true });
    expect(of('codex')?.detail).toContain('codex login');
    expect(of('gemini')).toMatchObject({ ready: false, detail: expect.stringContaining('failed') });
    expect(of('acp:mine')).toMatchObject({ ready: true, features: { turns: 'structured', resume: true } });
    expect(of('acp:gone')).toMatchObject({ ready: false, interactive: false });
    expect(of('acp:mine')?.interactive).toBe(true);
    expect(of('rehearsal')).toMatchObject({ ready: true });
    for (const entry of entries) expect(entry.detail).not.toContain('\n');
  });

  it('asks once for many who look, keeps the answer for a minute, and asks anew when it is told to', async () => {
    const log = join(folder, 'asked');
    const asked = async () => (await readFile(log, 'utf8')).trim().split('\n').length;
    await writeFile(join(folder, 'goose'), `#!/bin/sh\necho x >> ${log}\necho 1.2.3\n`);
    await chmod(join(folder, 'goose'), 0o755);
    const environment = { PATH: `${folder}:/usr/bin:/bin` };
    const all = createRuntimeRegistry({ uid: 1000, environment });
    const registry = { names: ['goose'], get: (name: string) => all.get(name) };
    let now = 0;
    const use = () => ({ default: 'goose', capabilities: {} });
    const inventory = createRuntimeInventory({ registry, use, environment, now: () => now });
    const [first, second] = await Promise.all([inventory.list(false), inventory.list(true)]);
    expect(first).toBe(second);
    expect(first).toMatchObject([{ name: 'goose', version: '1.2.3', usedBy: ['default'], headless: true }]);
    now = 59_999;
    await inventory.list(false);
    expect(await asked()).toBe(1);
    now = 60_000;
    await inventory.list(false);
    expect(await asked()).toBe(2);
    await inventory.list(true);
    expect(await asked()).toBe(3);
    // A clock that was set back tells nothing of an answer's age.
    now = 0;
    await inventory.list(false);
    expect(await asked()).toBe(4);
  });

  it('says truthfully how far guards hold', async () => {
    const levels = Object.fromEntries((await list()).map((entry) => [entry.name, entry.features.guards]));
    expect(levels).toEqual({
      ...{ gemini: 'enforced', copilot: 'enforced', opencode: 'enforced', pi: 'enforced' },
      ...{ claude: 'advisory', sapling: 'advisory', 'acp:mine': 'advisory', 'acp:gone': 'advisory' },
      ...{ codex: 'absent', aider: 'absent', amp: 'absent', cursor: 'absent', goose: 'absent', rehearsal: 'absent' },
    });
  });

  it.each<[string, Record<string, string>, string | null, boolean | null]>([
    ['gemini with a key', { GEMINI_API_KEY: 'k' }, null, true],
    ['gemini with a login', {}, '.gemini/oauth_creds.json', true],
    ['gemini with nothing', {}, null, false],
    ['gemini with a server of its own', { GOOGLE_GEMINI_BASE_URL: 'http://x' }, null, null],
    ['copilot with a token', { COPILOT_GITHUB_TOKEN: 't' }, null, true],
    ['copilot with a key chain, perhaps', {}, null, null],
    ['opencode with an account', {}, '.local/share/opencode/auth.json', true],
    ['opencode with free models', {}, null, null],
    ['pi with a key', { OPENAI_API_KEY: 'k' }, null, true],
    ['pi with models of its own', {}, '.pi/agent/models.json', null],
    ['pi with nothing', {}, null, false],
  ])('whether there is an account: %s', async (name, environment, file, loggedIn) => {
    const home = await mkdtemp(join(tmpdir(), 'ocr-login-'));
    try {
      if (file !== null) {
        await mkdir(dirname(join(home, file)), { recursive: true });
        await writeFile(join(home, file), '{}');
      }
      const login = LOGINS[name.split(' ')[0] ?? ''];
      expect(await login?.({ HOME: home, ...environment })).toBe(loggedIn);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });

  it('variables are handed on by name only, for all, a role or a runtime', () => {
    const lists = { all: ['A', 'GONE'], builder: ['B'], codex: ['C'], scout: ['D'] };
    const environment = { A: '1', B: '2', C: '3', D: '4', GITHUB_TOKEN: 'x' };
    const agent = { capability: 'builder', runtime: 'codex' };
    expect(namedVariables(lists, agent, environment)).toEqual({ A: '1', B: '2', C: '3' });
    expect(namedVariables(lists, { capability: 'constructor', runtime: 'claude' }, environment)).toEqual({ A: '1' });
  });
});
