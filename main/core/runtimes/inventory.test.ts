import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedVariables } from './environment.ts';
import { listRuntimes } from './inventory.ts';
import { createRuntimeRegistry } from './registry.ts';

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
    const acpAgents = () => ({ mine: ['my-agent', '--acp'], gone: ['no-such-agent'] });
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
    expect(of('claude')).toMatchObject({ ready: false, detail: expect.stringMatching(/not on the PATH: install it/) });
    expect(of('codex')).toMatchObject({ ready: true, version: '0.169.0', loggedIn: false, interactive: true });
    expect(of('codex')?.detail).toContain('codex login');
    expect(of('gemini')).toMatchObject({ ready: false, detail: expect.stringContaining('failed') });
    expect(of('acp:mine')).toMatchObject({ ready: true, features: { turns: 'structured', resume: true } });
    expect(of('acp:gone')).toMatchObject({ ready: false });
    expect(of('rehearsal')).toMatchObject({ ready: true });
    for (const entry of entries) expect(entry.detail).not.toContain('\n');
  });

  it('variables are handed on by name only, for all, a role or a runtime', () => {
    const lists = { all: ['A', 'GONE'], builder: ['B'], codex: ['C'], scout: ['D'] };
    const environment = { A: '1', B: '2', C: '3', D: '4', GITHUB_TOKEN: 'x' };
    const agent = { capability: 'builder', runtime: 'codex' };
    expect(namedVariables(lists, agent, environment)).toEqual({ A: '1', B: '2', C: '3' });
    expect(namedVariables(lists, { capability: 'constructor', runtime: 'claude' }, environment)).toEqual({ A: '1' });
  });
});
