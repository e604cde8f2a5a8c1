import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TurnRequest } from './adapter.ts';
import { createClaudeAdapter } from './claude.ts';
import { resolveModel } from './models.ts';
import { chooseRuntime, createRuntimeRegistry } from './registry.ts';
import { createRehearsalAdapter } from './rehearsal.ts';

const request: TurnRequest = {
  agentName: 'builder-a',
  capability: 'builder',
  taskId: 'task-1',
  worktree: '/work/tree',
  projectRoot: '/work',
  agentDirectory: '/work/.overstory/agents/builder-a',
  specPath: '/work/.overstory/specs/task-1.md',
  prompt: 'Line one\nline "two"',
  model: null,
  resumeId: null,
};

const HEADLESS = [
  'claude',
  '-p',
  '--output-format',
  'stream-json',
  '--input-format',
  'stream-json',
  '--verbose',
  '--strict-mcp-config',
  '--permission-mode',
  'bypassPermissions',
];

describe('claude launch plan (R5)', () => {
  const claude = createClaudeAdapter({ uid: 1000, environment: {} });

  it.each([
    [{}, []],
    [{ model: 'opus' }, ['--model', 'opus']],
    [{ model: 'openrouter/gpt-5', resumeId: 'id-1' }, ['--model', 'openrouter/gpt-5', '--resume', 'id-1']],
    [{ model: '', resumeId: '' }, []],
    [{ settingsFile: '/s.json', model: 'opus' }, ['--settings', '/s.json', '--model', 'opus']],
    [{ settingsFile: null, systemPromptFile: '/role.md' }, ['--append-system-prompt-file', '/role.md']],
  ])('has the exact arguments for %j', (fields, expected) => {
    expect(claude.planTurn({ ...request, ...fields }).argv).toEqual([...HEADLESS, ...expected]);
  });

  it('never names the instruction file, which claude finds by itself', () => {
    expect(claude.planTurn(request).argv.join(' ')).not.toContain('CLAUDE.md');
  });

  it('gives the prompt as one line of standard input', () => {
    const { stdin } = claude.planTurn(request);
    expect(stdin.endsWith('\n')).toBe(true);
    expect(stdin.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdin)).toEqual({
      type: 'user',
      message: { role: 'user', content: [{ type: 'text', text: 'Line one\nline "two"' }] },
    });
  });

  it('blanks the markers of an outer claude, bounds its retries and keeps it to its own server', () => {
    expect(claude.planTurn(request).env).toEqual({
      CLAUDECODE: '',
      CLAUDE_CODE_SSE_PORT: '',
      CLAUDE_CODE_ENTRYPOINT: '',
      CLAUDE_CODE_MAX_RETRIES: '6',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    });
  });

  it('hands on how claude is set up on this machine, and nothing else', () => {
    const environment = {
      ANTHROPIC_API_KEY: 'key',
      CLAUDE_CONFIG_DIR: '/c',
      CLAUDE_CODE_MAX_RETRIES: '2',
      CLAUDE_CODE_ENTRYPOINT: 'cli',
      AWS_PROFILE: 'work',
      GITHUB_TOKEN: 'secret',
    };
    const plan = (extra: Record<string, string>) =>
      createClaudeAdapter({ uid: 1000, environment: { ...environment, ...extra } });
    const { env } = plan({}).planTurn({ ...request, modelEnv: { ANTHROPIC_API_KEY: '' } });
    expect(env).toMatchObject({ CLAUDE_CONFIG_DIR: '/c', CLAUDE_CODE_MAX_RETRIES: '2', CLAUDE_CODE_ENTRYPOINT: '' });
    expect(env.ANTHROPIC_API_KEY).toBe('');
    expect(env).not.toHaveProperty('GITHUB_TOKEN');
    expect(env).not.toHaveProperty('AWS_PROFILE');
    expect(plan({ CLAUDE_CODE_USE_BEDROCK: '1' }).planTurn(request).env).toMatchObject({ AWS_PROFILE: 'work' });
  });

  it('says that it is in a sandbox only when run as root, and adds the environment of the model', () => {
    const asRoot = createClaudeAdapter({ uid: 0, environment: {} }).planTurn({
      ...request,
      modelEnv: { ANTHROPIC_BASE_URL: 'http://g' },
    });
    expect(asRoot.env).toMatchObject({ IS_SANDBOX: '1', ANTHROPIC_BASE_URL: 'http://g' });
    expect(createClaudeAdapter({ uid: null, environment: {} }).planTurn(request).env).not.toHaveProperty('IS_SANDBOX');
  });
});

describe('model resolution', () => {
  const sources = { configured: undefined, manifest: 'opus', fallback: 'sonnet', providers: {}, environment: {} };
  const gateway = { type: 'gateway', baseUrl: 'http://gate', authTokenEnv: 'GATE_TOKEN' } as const;

  it.each([
    [{}, { model: 'opus', env: {}, isExplicitOverride: false }],
    [{ manifest: undefined }, { model: 'sonnet', env: {}, isExplicitOverride: false }],
    [{ configured: ' haiku ' }, { model: 'haiku', env: {}, isExplicitOverride: true }],
    [{ configured: '  ' }, { model: 'opus', env: {}, isExplicitOverride: false }],
    [
      { environment: { ANTHROPIC_DEFAULT_OPUS_MODEL: ' claude-opus-9 ' } },
      { model: 'claude-opus-9', env: {}, isExplicitOverride: false },
    ],
    [{ environment: { ANTHROPIC_DEFAULT_OPUS_MODEL: ' ' } }, { model: 'opus', env: {}, isExplicitOverride: false }],
    [{ configured: 'openrouter/gpt-5' }, { model: 'openrouter/gpt-5', env: {}, isExplicitOverride: true }],
    [
      { configured: 'native/gpt-5', providers: { native: { type: 'native', baseUrl: 'http://x' } as const } },
      { model: 'native/gpt-5', env: {}, isExplicitOverride: true },
    ],
    [{ configured: 'constructor/x' }, { model: 'constructor/x', env: {}, isExplicitOverride: true }],
  ])('of %j is %j', (fields, expected) => {
    expect(resolveModel({ ...sources, ...fields })).toEqual(expected);
  });

  it('sends a gateway model through the alias it may carry, with the token when there is one', () => {
    const resolved = resolveModel({
      ...sources,
      configured: 'openrouter/vendor/gpt-5',
      providers: { openrouter: gateway },
      environment: { GATE_TOKEN: 'secret' },
    });
    expect(resolved).toEqual({
      model: 'sonnet',
      gateway: { provider: 'openrouter', baseUrl: 'http://gate', authTokenEnv: 'GATE_TOKEN', model: 'vendor/gpt-5' },
      isExplicitOverride: true,
      env: {
        ANTHROPIC_BASE_URL: 'http://gate',
        ANTHROPIC_API_KEY: '',
        ANTHROPIC_DEFAULT_SONNET_MODEL: 'vendor/gpt-5',
        ANTHROPIC_AUTH_TOKEN: 'secret',
      },
    });
    const withoutToken = resolveModel({ ...sources, configured: 'g/m', providers: { g: gateway } });
    expect(withoutToken.env).not.toHaveProperty('ANTHROPIC_AUTH_TOKEN');
  });
});

describe('registry (R13)', () => {
  const registry = createRuntimeRegistry({ uid: 1000, environment: { OVERSTORY_REHEARSAL_PACE: '0.5' } });

  it('has every runtime it names, each time afresh', () => {
    for (const name of registry.names) {
      const first = registry.get(name);
      const second = registry.get(name);
      if (!first.ok || !second.ok) throw new Error(`${name} is named but missing`);
      expect(first.value.id).toBe(name);
      expect(first.value).not.toBe(second.value);
    }
  });

  it('answers an unknown name with the available ones', () => {
    expect(registry.get('nobody')).toEqual({
      ok: false,
      error: {
        tag: 'config',
        message:
          'Unknown runtime: "nobody". Available: aider, amp, claude, codex, copilot, cursor, gemini, goose, opencode, pi, sapling, rehearsal',
        field: 'runtime',
      },
    });
    expect(registry.get('constructor').ok).toBe(false);
  });

  it('passes the pace on to the rehearsal agent', () => {
    const adapter = registry.get('rehearsal');
    expect(adapter.ok && adapter.value.planTurn(request).env.OVERSTORY_REHEARSAL_PACE).toBe('0.5');
  });

  it.each([
    [{ explicit: 'a', byCapability: { builder: 'b' }, fallback: 'c' }, 'a'],
    [{ byCapability: { builder: 'b' }, fallback: 'c' }, 'b'],
    [{ byCapability: { lead: 'b' }, fallback: 'c' }, 'c'],
    [{ explicit: ' ' }, 'claude'],
    [{}, 'claude'],
  ])('chooses from %j the runtime %s', (choice, expected) => {
    expect(chooseRuntime({ capability: 'builder', ...choice })).toBe(expected);
  });
});

describe('rehearsal launch plan', () => {
  it("has claude's flags, its own entry, and the facts a script needs", async () => {
    const adapter = createRehearsalAdapter();
    const plan = adapter.planTurn({ ...request, resumeId: 'id-1', parent: 'lead-1', depth: 2 });
    expect(plan.argv[0]).toBe(process.execPath);
    expect(plan.argv.some((argument) => argument.endsWith('main/rehearsal/index.ts'))).toBe(true);
    expect(plan.argv.slice(-11)).toEqual([...HEADLESS.slice(1), '--resume', 'id-1']);
    expect(plan.env).toMatchObject({
      OVERSTORY_AGENT_NAME: 'builder-a',
      OVERSTORY_CAPABILITY: 'builder',
      OVERSTORY_TASK_ID: 'task-1',
      OVERSTORY_WORKTREE_PATH: '/work/tree',
      OVERSTORY_PROJECT_ROOT: '/work',
      OVERSTORY_SPEC_PATH: '/work/.overstory/specs/task-1.md',
      OVERSTORY_PARENT: 'lead-1',
      OVERSTORY_DEPTH: '2',
    });
    expect(await adapter.probe({})).toMatchObject({ ready: true });
  });
});

describe('probe of claude', () => {
  let folder = '';
  const claude = createClaudeAdapter({ uid: 1000, environment: {} });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ocr-probe-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function install(script: string): Promise<Record<string, string>> {
    const path = join(folder, 'claude');
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    return { PATH: `${folder}:/usr/bin:/bin` };
  }

  it('reads the version', async () => {
    const environment = await install('echo "2.1.197 (Claude Code)"');
    expect(await claude.probe({ ...environment, ANTHROPIC_API_KEY: 'k' })).toEqual({
      ready: true,
      detail: 'Claude Code 2.1.197',
      version: '2.1.197',
      loggedIn: true,
      warning: null,
    });
  });

  it('says that nobody is logged in, and that it runs as root', async () => {
    const environment = await install('echo "2.1.197 (Claude Code)"');
    const asRoot = createClaudeAdapter({ uid: 0, environment: {} });
    expect(await asRoot.probe({ ...environment, CLAUDE_CONFIG_DIR: folder })).toMatchObject({
      ready: true,
      loggedIn: process.platform === 'darwin' ? null : false,
      warning: expect.stringContaining('root'),
    });
    await writeFile(join(folder, '.credentials.json'), '{}');
    expect(await asRoot.probe({ ...environment, CLAUDE_CONFIG_DIR: folder })).toMatchObject({ loggedIn: true });
  });

  it('says what to do when it is missing or broken', async () => {
    expect(await claude.probe({ PATH: '/nonexistent' })).toMatchObject({
      ready: false,
      detail: expect.stringMatching(/not on the PATH: run "npm install -g .*", or choose the runtime "rehearsal"/),
    });
    expect(await claude.probe(await install('exit 3'))).toMatchObject({
      ready: false,
      detail: expect.stringContaining('failed (3)'),
    });
  });

  it('gives up after 3 s on one that never answers', async () => {
    const readiness = await claude.probe(await install('exec sleep 60'));
    expect(readiness).toMatchObject({ ready: false, detail: expect.stringContaining('no answer within 3 s') });
  });
});
