import { describe, expect, it } from 'vitest';
import type { InteractiveRequest } from './adapter.ts';
import { createClaudeAdapter } from './claude.ts';

const opened: InteractiveRequest = {
  agentName: 'b1',
  capability: 'builder',
  taskId: 't',
  worktree: '/secret/tree',
  projectRoot: '/secret',
  agentDirectory: '/secret/a',
  specPath: null,
  model: null,
  resumeId: null,
  newConversationId: 'new-1',
};
const base = ['claude', '--strict-mcp-config', '--permission-mode', 'acceptEdits'];

describe('claude opened for a person', () => {
  const claude = createClaudeAdapter({ uid: 1000, environment: { ANTHROPIC_API_KEY: 'key-1' } });
  const plan = (change: Partial<InteractiveRequest> = {}) => claude.planInteractive?.({ ...opened, ...change });

  it.each([
    ['nothing', {}, ['--session-id', 'new-1']],
    [
      'a file of instructions',
      { systemPromptFile: "/it's.md" },
      ['--append-system-prompt-file', "/it's.md", '--session-id', 'new-1'],
    ],
    ['guards', { settingsFile: '/s.json' }, ['--settings', '/s.json', '--session-id', 'new-1']],
    ['a conversation', { resumeId: 'old-1' }, ['--resume', 'old-1']],
    ['an empty conversation', { resumeId: '' }, ['--session-id', 'new-1']],
  ])('R1 with %s has the exact arguments', (_name, change, flags) => {
    expect(plan(change)?.argv).toEqual([...base, ...flags]);
  });

  it('R2 names neither folder nor key in the command, and is the same each time', () => {
    expect(plan({ modelEnv: { ANTHROPIC_AUTH_TOKEN: 'token-1' } })?.argv.join(' ')).not.toMatch(/secret|key-1|token-1/);
    expect(plan()).toEqual(plan());
  });

  it.each(['sonnet', 'opus', 'haiku', 'claude-opus-4-8[1m]', 'openrouter/gpt-5'])(
    'R3 passes the model %s on as it is',
    (model) => {
      expect(plan({ model })?.argv.slice(4, 6)).toEqual(['--model', model]);
    },
  );

  it('R4 asks a one-shot question with and without a model', () => {
    expect(claude.planPrint('why?', null)).toEqual(['claude', '--print', '-p', 'why?']);
    expect(claude.planPrint('why?', 'haiku')).toEqual(['claude', '--print', '-p', 'why?', '--model', 'haiku']);
  });

  it("R7 adds the model's environment, and nothing when there is none", () => {
    const bare = createClaudeAdapter({ uid: 1000, environment: {} });
    const env = (modelEnv: Record<string, string>) => bare.planInteractive?.({ ...opened, modelEnv }).env;
    expect(env({ ANTHROPIC_BASE_URL: 'http://g' })).toEqual({ ...env({}), ANTHROPIC_BASE_URL: 'http://g' });
    expect(bare.planInteractive?.(opened).env).toEqual(env({}));
  });
});
