import { describe, expect, it } from 'vitest';
import type { InteractiveRequest, TurnRequest } from '../adapter.ts';
import { claudeScreen } from '../claude.ts';
import { aider } from './aider.ts';
import { amp } from './amp.ts';
import { createCliAdapter } from './cliAdapter.ts';
import { copilot } from './copilot.ts';
import { cursor } from './cursor.ts';
import type { CliDefinition } from './definition.ts';
import { gemini } from './gemini.ts';
import { goose } from './goose.ts';
import { opencode } from './opencode.ts';
import { createPi, expandPiModel, piTranscriptFolder } from './pi.ts';
import { createSapling, saplingEnvironment, saplingModel } from './sapling.ts';

const PI = { provider: 'anthropic', modelMap: { opus: 'anthropic/claude-opus-4-6' } };
const pi = createPi(PI);
const sapling = createSapling({});

const request: TurnRequest = {
  agentName: 'b1',
  capability: 'builder',
  taskId: 't',
  worktree: '/w',
  projectRoot: '/p',
  agentDirectory: '/p/a',
  specPath: null,
  prompt: "it's time",
  model: null,
  resumeId: null,
};
const opened: InteractiveRequest = { ...request, newConversationId: 'new' };

describe('one-shot commands, exact (spec 01 §3.5)', () => {
  it.each<[CliDefinition, readonly string[], readonly string[]]>([
    [aider, ['aider', '--message', 'P', '--yes-always', '--no-auto-commits'], ['--model', 'M']],
    [amp, ['amp', '--execute', 'P'], []],
    [copilot, ['copilot', '-p', 'P', '--allow-all-tools'], ['--model', 'M']],
    [cursor, ['agent', '-p', 'P', '--yolo'], ['--model', 'M']],
    [gemini, ['gemini', '-p', 'P', '--yolo'], ['-m', 'M']],
    [goose, ['goose', 'run', '--text', 'P'], ['--model', 'M']],
  ])('$id', (cli, plain, model) => {
    expect(cli.print('P', null)).toEqual(plain);
    expect(cli.print('P', '')).toEqual(plain);
    expect(cli.print('P', 'M')).toEqual([...plain, ...model]);
  });

  it('opencode, pi and sapling put the prompt last', () => {
    expect(opencode.print('P', 'M')).toEqual(['opencode', 'run', '--model', 'M', 'P']);
    expect(opencode.print('P', null)).toEqual(['opencode', 'run', 'P']);
    expect(pi.print('P', 'opus')).toEqual(['pi', '--print', '--model', 'anthropic/claude-opus-4-6', 'P']);
    expect(sapling.print('P', 'x-1')).toEqual(['sp', 'print', '--model', 'x-1', 'P']);
    expect(sapling.print('P', null)).toEqual(['sp', 'print', 'P']);
  });
});

describe('interactive commands (spec 01 §3.5)', () => {
  it.each<[CliDefinition, readonly string[]]>([
    [aider, ['aider', '--yes-always', '--no-auto-commits', '--model', 'M', '--read', '/role.md']],
    [amp, ['amp']],
    [copilot, ['copilot', '--model', 'M', '--allow-all-tools']],
    [cursor, ['agent', '--model', 'M', '--yolo']],
    [gemini, ['gemini', '-m', 'M', '--approval-mode', 'yolo', '--skip-trust']],
    [goose, ['goose', '--model', 'M', '--instructions', '/role.md']],
    [opencode, ['opencode', '--model', 'M']],
    [pi, ['pi', '--model', 'anthropic/M', '--append-system-prompt', '/role.md']],
    [sapling, ['sp', 'run', '--model', 'M']],
  ])('$id', (cli, argv) => {
    expect(cli.interactive({ ...opened, model: 'M', systemPromptFile: '/role.md' })).toEqual(argv);
  });

  it('give an opening message where there is one, and none by themselves', () => {
    expect(aider.interactive({ ...opened, openingPrompt: "it's" }).slice(-2)).toEqual(['--message', "it's"]);
    expect(goose.interactive({ ...opened, openingPrompt: 'go' }).slice(-2)).toEqual(['--with-prompt', 'go']);
  });

  it('never hold folder, environment or keys (R2)', () => {
    for (const cli of [aider, amp, copilot, cursor, gemini, goose, opencode, pi, sapling]) {
      const adapter = createCliAdapter(cli, { environment: { ANTHROPIC_API_KEY: 'secret-key', HOME: '/home' } });
      const plan = adapter.planInteractive?.({ ...opened, modelEnv: { ANTHROPIC_AUTH_TOKEN: 'secret-token' } });
      expect(plan?.argv.join(' ')).not.toMatch(/secret|\/home|\/w\b/);
      expect(adapter.planInteractive?.(opened)).toEqual(adapter.planInteractive?.(opened));
    }
  });
});

/** The bridge's mode and options, and the command it runs. */
const commandOf = (argv: readonly string[]): readonly string[] =>
  argv.slice(argv.findIndex((argument) => argument.endsWith('turn-bridge/index.ts')) + 1);

describe('turns of a CLI whose conversation goes on', () => {
  const plan = (cli: CliDefinition, change: Partial<TurnRequest> = {}) =>
    createCliAdapter(cli, { environment: { COPILOT_ALLOW_ALL: 'true', OPENCODE_PERMISSION: '{}' } }).planTurn({
      ...request,
      model: 'M',
      resumeId: 'c-1',
      ...change,
    });

  it('gemini speaks the protocol, asks for everything by a policy of ours, and has its history kept', () => {
    const flags = ['gemini', '--acp', '--skip-trust', '--approval-mode', 'default', '-m', 'M'];
    expect(commandOf(plan(gemini).argv)).toEqual([
      ...['acp', '--keep-gemini-history', '--resume', 'c-1', '--', ...flags],
      ...['--admin-policy', '.gemini/overstory-guard.toml'],
    ]);
    // In the project root no file of ours lies beside the project's own.
    expect(commandOf(plan(gemini, { systemPromptFile: '/role.md' }).argv).slice(-7)).toEqual(flags);
    expect(gemini.guardFiles?.({ agentName: 'a', capability: 'builder', worktree: '/w', qualityGates: [] })).toEqual([
      { path: '.gemini/overstory-guard.toml', content: expect.stringContaining('decision = "ask_user"') },
    ]);
  });

  it('copilot speaks the protocol, and nothing in the environment lets its calls pass unasked', () => {
    const { argv, env } = plan(copilot, { model: 'sonnet' });
    expect(commandOf(argv)).toEqual([
      ...['acp', '--resume', 'c-1', '--', 'copilot', '--acp', '--no-auto-update', '--model', 'claude-sonnet-4-6'],
    ]);
    expect(env.COPILOT_ALLOW_ALL).toBe('false');
  });

  it('opencode speaks the protocol, takes its model through it, and asks for everything but reading', () => {
    const { argv, env } = plan(opencode);
    expect(commandOf(argv)).toEqual([
      ...['acp', '--usage', 'opencode', '--resume', 'c-1', '--model', 'M', '--', 'opencode', 'acp'],
    ]);
    expect(JSON.parse(env.OPENCODE_PERMISSION ?? '')).toMatchObject({
      '*': 'ask',
      bash: 'ask',
      edit: 'ask',
      task: 'deny',
    });
  });

  it('pi prints its lines, goes on in its session, and takes no text for an option or a file', () => {
    const { argv } = plan(pi, { systemPromptFile: '/role.md' });
    expect(commandOf(argv)).toEqual([
      ...['pi', '--', 'pi', '--mode', 'json', '--print', '--model', 'anthropic/M', '--session', 'c-1'],
      ...['--append-system-prompt', '/role.md', ' {prompt}'],
    ]);
  });

  it.each<[CliDefinition, readonly string[]]>([
    [gemini, ['--resume', 'c-1']],
    [copilot, ['--resume=c-1']],
    [opencode, ['--session', 'c-1']],
    [pi, ['--session', 'c-1']],
  ])('$id opens its conversation for a person who takes over', (cli, flags) => {
    const plan = createCliAdapter(cli, { environment: {} }).planInteractive?.({ ...opened, resumeId: 'c-1' });
    expect(plan?.argv.slice(-flags.length)).toEqual(flags);
    expect(plan?.conversationId).toBe('c-1');
    expect(createCliAdapter(cursor, { environment: {} }).planInteractive?.(opened)?.conversationId).toBeNull();
  });

  it.each([gemini, copilot, opencode, pi])('$id resumes, counts tokens and knows a refused account', (cli) => {
    const adapter = createCliAdapter(cli, { environment: {} });
    expect(adapter.features).toMatchObject({ turns: 'structured', resume: true, usage: 'turn', guards: 'enforced' });
    const { argv } = adapter.planTurn({ ...request, resumeId: null });
    expect(argv).not.toContain('--resume');
    expect(argv).not.toContain('--session');
    const [result] = adapter
      .createParser()
      .push(JSON.stringify({ type: 'result', is_error: true, errors: ['No API key found for x.'], num_turns: 0 }));
    const facts = { retry: null, errors: [], terminalText: '', resumeId: null, now: 0 };
    expect(adapter.classifyFailure?.({ ...facts, result: result?.type === 'result' ? result : null })).toMatchObject({
      kind: 'needsLogin',
    });
  });
});

describe('turns of a CLI without a protocol', () => {
  it('run under the bridge, with the text on standard input and its place in the command', () => {
    const { argv, stdin } = createCliAdapter(cursor, { environment: {} }).planTurn({ ...request, model: 'M' });
    expect(commandOf(argv)).toEqual(['text', '--', 'agent', '-p', '{prompt}', '--yolo', '--model', 'M']);
    expect(argv.some((argument) => argument.endsWith('turn-bridge/index.ts'))).toBe(true);
    expect(stdin).toContain("it's time");
    expect(argv.join(' ')).not.toContain("it's time");
  });

  it('begin a new conversation each turn, whatever was there before', () => {
    const adapter = createCliAdapter(cursor, { environment: {} });
    expect(adapter.features.resume).toBe(false);
    expect(adapter.planTurn({ ...request, resumeId: 'c-1' }).argv).not.toContain('c-1');
  });

  it("sapling's are structured, with its instructions and the turn's text (R25, D-15)", () => {
    const { argv } = createCliAdapter(sapling, { environment: {} }).planTurn({ ...request, model: 'M' });
    expect(commandOf(argv)).toEqual([
      ...['json', '--', 'sp', 'run', '--model', 'M', '--json', '--cwd', '/w'],
      ...['--system-prompt-file', 'SAPLING.md', '{prompt}'],
    ]);
  });

  it('get the settings of their own runtime and no secret of another', () => {
    const environment = { GEMINI_API_KEY: 'g', OPENAI_API_KEY: 'o', GITHUB_TOKEN: 't', AWS_SECRET_ACCESS_KEY: 'a' };
    const env = createCliAdapter(gemini, { environment }).planTurn({ ...request, modelEnv: { X: '1' } }).env;
    expect(env).toMatchObject({ GEMINI_API_KEY: 'g', X: '1' });
    for (const name of ['OPENAI_API_KEY', 'GITHUB_TOKEN', 'AWS_SECRET_ACCESS_KEY'])
      expect(env).not.toHaveProperty(name);
    const other = createCliAdapter(goose, { environment }).planTurn(request).env;
    expect(Object.keys(other).filter((name) => name in environment)).toEqual([]);
  });
});

describe('readiness of screens', () => {
  it.each([
    ['', 'loading'],
    ['❯ ', 'loading'],
    ['bypass permissions on', 'loading'],
    ['❯ \nbypass permissions on', 'ready'],
    ['Try "edit app.ts"\nbypass permissions on', 'ready'],
    ['❯ \nshift+tab to cycle', 'loading'],
    ['Do you trust this folder?', 'dialog Enter'],
    ['trust this folder\n❯ bypass permissions', 'dialog Enter'],
    ['WARNING: Claude Code running in Bypass Permissions mode\n1. No, exit\n2. Yes, I accept', 'dialog type:2'],
    [
      'WARNING: Claude Code running in Bypass Permissions mode\n❯ 1. No, exit\n2. Yes, I accept\nbypass permissions on',
      'dialog type:2',
    ],
    ['Loading modules', 'loading'],
  ])('R6 claude: %j is %s', (screen, expected) => {
    const phase = claudeScreen(screen);
    expect(phase.phase === 'dialog' ? `dialog ${phase.keys}` : phase.phase).toBe(expected);
  });

  it.each<[string, CliDefinition, string, 'ready' | 'loading']>([
    ['R20', amp, 'amp> ', 'ready'],
    ['R20', amp, 'amp v1.0.0\n> ', 'ready'],
    ['R20', amp, 'AMP CLI\n> ', 'ready'],
    ['R20', amp, '> ', 'loading'],
    ['R20', amp, 'amp v1.2.3 starting...', 'loading'],
    ['R20', amp, 'example…\n> ', 'loading'],
    ['R20', amp, 'stamped…\n> ', 'loading'],
    ['R21', goose, 'Goose v1.2.3\n> ', 'ready'],
    ['R21', goose, 'goose-agent\n❯ ', 'ready'],
    ['R21', goose, '( O) ready\n> ', 'ready'],
    ['R21', goose, 'goose is starting', 'loading'],
    ['R21', goose, '> ', 'loading'],
    ['R21', aider, 'aider> ', 'ready'],
    ['R21', aider, '> ', 'ready'],
    ['R21', aider, 'Loading...', 'loading'],
    ['R22', pi, 'pi v0.1.0', 'loading'],
    ['R22', pi, '42.5%/200k', 'loading'],
    ['R22', pi, 'pi v0.1.0\n42.5%/200k', 'ready'],
    ['R22', pi, 'pi v0.1.0\n0.0%/1.0M', 'ready'],
    ['R22', pi, 'pi v0.1.0\n(amazon-bedrock) claude 0.0%/200k', 'ready'],
    ['R22', pi, 'trust this folder', 'loading'],
    ['R23', gemini, '> ', 'loading'],
    ['R23', gemini, 'Gemini CLI starts', 'loading'],
    ['R23', gemini, 'Gemini\nType your message', 'ready'],
    ['R23', cursor, '❯ ', 'loading'],
    ['R23', cursor, 'Cursor Agent starts', 'loading'],
    ['R23', cursor, 'Cursor Agent\n> ', 'ready'],
    ['R23', gemini, 'trust this folder', 'loading'],
    ['R23', cursor, 'trust this folder', 'loading'],
    ['R19', copilot, 'Copilot\nesc to cancel', 'ready'],
    ['R19', copilot, 'Copilot', 'loading'],
    ['R24', opencode, 'OpenCode > ready', 'loading'],
    ['R25', sapling, '', 'ready'],
  ])('%s %o: %j is %s', (_case, cli, screen, phase) => {
    expect(cli.detectReady(screen)).toEqual({ phase });
  });
});

describe('names of models', () => {
  it.each([
    ['sonnet', 'claude-sonnet-4-6'],
    ['opus', 'claude-opus-4-6'],
    ['haiku', 'claude-haiku-4-5'],
    ['gpt-5', 'gpt-5'],
  ])('R19 copilot: %s', (model, name) => {
    expect(copilot.print('P', model).slice(-2)).toEqual(['--model', name]);
  });

  it.each([
    ['openrouter/x', 'openrouter/x'],
    ['opus', 'anthropic/claude-opus-4-6'],
    ['gpt-5', 'anthropic/gpt-5'],
    ['constructor', 'anthropic/constructor'],
  ])('R22 pi: %s', (model, name) => {
    expect(expandPiModel(model, PI)).toBe(name);
  });

  it('R25 sapling: environment beats table, a concrete name stays, no model no flag', () => {
    expect(saplingModel('haiku', {})).toBe('claude-haiku-4-5-20251001');
    expect(saplingModel('haiku', { ANTHROPIC_DEFAULT_HAIKU_MODEL: 'own' })).toBe('own');
    expect(saplingModel('claude-x', { ANTHROPIC_DEFAULT_HAIKU_MODEL: 'own' })).toBe('claude-x');
    expect(saplingModel(null, {})).toBeNull();
  });

  it.each([
    [{}, { ANTHROPIC_API_KEY: '' }],
    [{ ANTHROPIC_AUTH_TOKEN: 't' }, { ANTHROPIC_API_KEY: 't', SAPLING_BACKEND: 'sdk' }],
    [
      { ANTHROPIC_BASE_URL: 'http://g' },
      { ANTHROPIC_API_KEY: '', ANTHROPIC_BASE_URL: 'http://g', SAPLING_BACKEND: 'sdk' },
    ],
    [
      { ANTHROPIC_DEFAULT_OPUS_MODEL: 'm', OTHER: 'x' },
      { ANTHROPIC_API_KEY: '', ANTHROPIC_DEFAULT_OPUS_MODEL: 'm' },
    ],
  ])('R25 sapling environment of %j', (modelEnv, expected) => {
    const markers = { CLAUDECODE: '', CLAUDE_CODE_SSE_PORT: '', CLAUDE_CODE_ENTRYPOINT: '' };
    expect(saplingEnvironment(modelEnv)).toEqual({ ...markers, ...expected });
  });
});

describe('guards in files', () => {
  it('R19 copilot: no hooks file, and nothing that would touch the user’s own trustedFolders', () => {
    expect(copilot.guardFiles).toBeUndefined();
    const { argv, env } = createCliAdapter(copilot, { environment: {} }).planTurn(request);
    expect(`${argv.join(' ')} ${JSON.stringify(env)}`).not.toMatch(/trust/i);
  });

  it('R25 sapling: version, boundary, who may write, who may commit, gates, events with the name', () => {
    const read = (capability: 'builder' | 'merger' | 'scout' | 'coordinator', qualityGates: readonly string[] = []) => {
      const [file] = sapling.guardFiles?.({ agentName: 'b1', capability, worktree: '/w', qualityGates }) ?? [];
      return { path: file?.path, content: JSON.parse(file?.content ?? '{}') };
    };
    expect(read('builder')).toMatchObject({
      path: '.sapling/guards.json',
      content: { version: 1, pathBoundary: '/w', readOnly: false },
    });
    expect(read('merger').content.readOnly).toBe(false);
    expect(read('scout').content.readOnly).toBe(true);
    expect(read('scout').content.allowedCommands).not.toContain('git commit');
    expect(read('coordinator').content.allowedCommands).toEqual(expect.arrayContaining(['git add', 'git commit']));
    expect(read('builder', ['make check']).content.allowedCommands).toContain('make check');
    for (const argv of Object.values(read('builder').content.eventConfig)) expect(argv).toContain('b1');
  });

  it('pi: an extension that asks the guard for this agent, and settings that load it', () => {
    const files = pi.guardFiles?.({ agentName: 'b"1', capability: 'builder', worktree: '/w', qualityGates: [] }) ?? [];
    expect(files.map((file) => file.path)).toEqual(['.pi/extensions/overstory-guard.ts', '.pi/settings.json']);
    expect(files[0]?.content).toContain('\'--agent\', "b\\"1"');
  });
});

describe('folder of conversations', () => {
  it('R22 pi: separators become dashes, on any system', () => {
    expect(piTranscriptFolder('C:\\Users\\test\\project', '/h')).toContain('--C-Users-test-project--');
    expect(piTranscriptFolder('/work/app', '/h')).toBe('/h/.pi/agent/sessions/---work-app--');
    expect(piTranscriptFolder('/work/app', '')).toBeNull();
  });
});
