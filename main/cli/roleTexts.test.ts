import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { CAPABILITIES, type Capability } from '../../contract/agents.ts';
import { MAIL_TYPES, type MailType } from '../../contract/mail.ts';
import { payloadProblem } from '../../contract/mailPayloads.ts';
import { decideToolCall } from '../core/agents/guardDecision.ts';
import { type OverlayInput, renderOverlay } from '../core/agents/overlay.ts';
import { ROLE_FILES, ROLE_TEXTS } from '../core/agents/roles.ts';
import { terminalMailTypes } from '../core/turns/turnOutcome.ts';
import { COMMANDS } from './commandLine.ts';

// What agents are told, tried against what there is: the real command line, the payload schemas, the guard of their role.

const run = promisify(execFile);
const ROOT = '/home/me/project';
const ROOTED: readonly Capability[] = ['coordinator', 'orchestrator', 'supervisor', 'monitor'];

function overlayOf(capability: Capability): string {
  const worktree = ROOTED.includes(capability) ? ROOT : `${ROOT}/.overstory/worktrees/liz`;
  const input: OverlayInput = {
    agentName: 'liz',
    capability,
    taskId: ROOTED.includes(capability) && capability !== 'supervisor' ? '' : 'T-1',
    branch: 'overstory/liz/T-1',
    worktree,
    parent: capability === 'coordinator' || capability === 'orchestrator' ? null : 'mum',
    depth: 1,
    specPath: null,
    fileScope: ['src/a.ts'],
    siblings: [],
    canSpawn: capability === 'lead' || capability === 'coordinator',
    canonicalBranch: 'main',
    skipScout: false,
    skipReview: false,
    qualityGates: [{ name: 'Tests', command: 'npm test', description: 'all pass' }],
    mulchDomains: [],
    expertise: '',
    tracker: null,
    roleText: ROLE_TEXTS[capability],
    profileText: '',
    instructionPath: '.claude/CLAUDE.md',
  };
  return renderOverlay(input);
}

const TEXTS: readonly (readonly [string, string])[] = [
  ...CAPABILITIES.map((capability) => [capability, overlayOf(capability)] as const),
  ['co-creation', ROLE_FILES['ov-co-creation.md'] ?? ''],
];

/** Commands of `ov` in a text, in backticks or in blocks, with the placeholders filled in. */
function commandsIn(text: string): readonly string[] {
  const blocks = [...text.matchAll(/```bash\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  const rest = text.replaceAll(/```[\s\S]*?```/g, '');
  const spans = [...rest.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
  return [...blocks, ...spans]
    .map((command) => command.trim())
    .filter((command) => /^ov [a-z]/.test(command))
    .map((command) => command.replaceAll(/<[^<>]*>/g, 'x1').replaceAll(/\\\n\s*|\n/g, ' '));
}

/** The words a shell hands over. */
async function wordsOf(command: string): Promise<readonly string[]> {
  const script = `ov() { for word; do printf '%s\\0' "$word"; done; }\n${command}`;
  const { stdout } = await run('sh', ['-c', script], { env: { PATH: '/usr/bin:/bin', OVERSTORY_AGENT_NAME: 'liz' } });
  return stdout.split('\0').slice(0, -1);
}

/** Why the real command line would not take these words; null when it does. Nothing is run. */
async function refusal(words: readonly string[]): Promise<string | null> {
  const program = new Command('ov').exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
  const load = COMMANDS[words[0] ?? ''];
  if (load === undefined) return `there is no command ${words[0]}`;
  (await load())(program);
  let command = program;
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) break;
    command = next;
  }
  const depth = words.indexOf(command.name()) + 1;
  // Named as such, for example "use `ov mail`".
  if (words.length === depth) return null;
  command.action(() => {});
  try {
    await program.parseAsync([...words], { from: 'user' });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Fields that machines read of each payload an agent sends (spec 02 §1.2 and §5.12). */
const FIELDS: Readonly<Partial<Record<MailType, readonly string[]>>> = {
  worker_done: ['taskId', 'branch', 'exitCode', 'filesModified'],
  merge_ready: ['branch', 'taskId', 'agentName', 'filesModified'],
  merged: ['branch', 'taskId', 'tier'],
  merge_failed: ['branch', 'taskId', 'conflictFiles', 'errorMessage'],
  escalation: ['severity', 'taskId', 'context'],
  dispatch: ['taskId', 'specPath', 'capability', 'fileScope'],
  assign: ['taskId', 'specPath', 'workerName', 'branch'],
  decision_gate: ['options', 'context'],
};

/** Payloads shown: in the short form of a type and its JSON, or as an option of a command. */
async function payloadsIn(text: string): Promise<readonly (readonly [string, string])[]> {
  const short = [...text.matchAll(/`([a-z_]+) (\{[^`]*\})`/g)].map(
    (match) => [match[1] ?? '', match[2] ?? ''] as const,
  );
  const words = await Promise.all(commandsIn(text).map(wordsOf));
  const after = (call: readonly string[], option: string): string | null => {
    const at = call.indexOf(option);
    return at < 0 ? null : (call[at + 1] ?? null);
  };
  return [
    ...short,
    ...words.flatMap((call) => {
      const payload = after(call, '--payload');
      return payload === null ? [] : [[after(call, '--type') ?? 'status', payload] as const];
    }),
  ];
}

describe.each(TEXTS)('what is told: %s', (name, text) => {
  it('names only commands that exist, with options and arguments they take', async () => {
    const commands = commandsIn(text);
    if (name !== 'co-creation') expect(commands.length).toBeGreaterThan(5);
    for (const command of commands) {
      const words = await wordsOf(command);
      expect([command, await refusal(words)]).toEqual([command, null]);
    }
  });

  it('names only mail types that exist, and shows payloads that their readers take whole', async () => {
    const payloads = await payloadsIn(text);
    expect(payloads.length).toBeGreaterThan(0);
    for (const [type, payload] of payloads) {
      expect(MAIL_TYPES).toContain(type);
      expect([
        type,
        payloadProblem(type as MailType, JSON.parse(payload) as Readonly<Record<string, unknown>>),
      ]).toEqual([type, null]);
      expect(Object.keys(JSON.parse(payload) as object)).toEqual(
        expect.arrayContaining([...(FIELDS[type as MailType] ?? [])]),
      );
    }
    const OTHERS = ['scope_expansion', 'worker_died', 'expansion_reason', 'in_turn', 'between_turns'];
    const named = [...text.matchAll(/`([a-z]+_[a-z_]+)`/g)].map((match) => match[1] ?? '');
    for (const word of named) expect([...MAIL_TYPES, ...OTHERS]).toContain(word);
  });

  it('leaves no placeholder open and forbids waiting loops', () => {
    expect(text).not.toMatch(/\{\{|undefined/);
    expect(text).toContain('Never poll');
    expect(text).not.toMatch(/\b(while|until)\b[^\n]*ov mail/);
  });
});

describe.each(CAPABILITIES)('the role %s', (capability) => {
  const text = overlayOf(capability);

  it('is told nothing that the guard of its own role refuses', async () => {
    const worktree = ROOTED.includes(capability) ? null : `${ROOT}/.overstory/worktrees/liz`;
    for (const command of commandsIn(text)) {
      const decision = decideToolCall(
        { toolName: 'Bash', input: { command }, cwd: worktree ?? ROOT },
        {
          agentName: 'liz',
          capability,
          worktree,
          projectRoot: ROOT,
          taskId: ROOTED.includes(capability) ? '' : 'T-1',
          qualityGates: ['npm test'],
          scratchFolders: ['/tmp'],
          variables: { HOME: '/home/me', OVERSTORY_AGENT_NAME: 'liz' },
          canonical: (path) => resolve(path),
        },
      );
      expect([command, decision]).toEqual([command, expect.objectContaining({ allow: true })]);
    }
  });

  it('is told which mail ends its job, or that it runs on', () => {
    const [canonical = ''] = terminalMailTypes(capability);
    if (capability === 'coordinator' || capability === 'monitor') {
      expect(text).toContain('You run until you are stopped');
      expect(text).not.toContain('--type worker_done');
    } else if (ROOTED.includes(capability)) {
      expect(text).toContain('--type result');
      expect(text).not.toContain('--type worker_done');
    } else expect(text).toContain(`--type ${canonical}`);
    if (capability === 'merger') expect(text).not.toContain('worker_done');
  });

  it('reports to its parent, or to the operator where it has none', () => {
    const parent = capability === 'coordinator' || capability === 'orchestrator' ? 'operator' : 'mum';
    expect(text).toContain(`**Parent:** ${parent}`);
    expect(text).toContain(`--to ${parent}`);
  });

  it('is told in few words: a role in 100 lines and 8,000 characters, the whole in 240 lines and 13,000', () => {
    expect(ROLE_TEXTS[capability].split('\n').length).toBeLessThanOrEqual(100);
    expect(ROLE_TEXTS[capability].length).toBeLessThanOrEqual(8_000);
    expect(text.split('\n').length).toBeLessThanOrEqual(240);
    expect(text.length).toBeLessThanOrEqual(13_000);
  });

  it('hears what never to do, what it costs, how to ask and how to wait', () => {
    for (const part of ['## You may not', '## Cost', '## Waiting', 'decision_gate', 'deadline', 'git stash'])
      expect(text).toContain(part);
  });
});

describe('subjects that readers look for (spec 02 §5.12)', () => {
  it.each([
    ['builder', ['Worker done: ', 'Question: ', 'Error: ']],
    ['scout', ['Worker done: ', 'Question: ', 'Error: ']],
    ['reviewer', ['- PASS', '- FAIL']],
    ['lead', ['merge_ready: ', 'Worker done: ']],
    ['merger', ['Merged: ', 'Merge failed: ']],
    ['coordinator', ['Work stream: ', 'Run complete', 'Active leads:', 'Completed:', 'Blockers:', 'Next actions:']],
  ] as const)('a %s is told %j', (capability, subjects) => {
    for (const subject of subjects) expect(overlayOf(capability)).toContain(subject);
  });
});

describe('places', () => {
  it('an agent of the project itself is told of no worktree, gates or commits of its own', () => {
    for (const capability of ROOTED) {
      const text = overlayOf(capability);
      expect(text).not.toContain('WORKTREE ISOLATION');
      expect(text).not.toContain('**Commit:**');
      expect(text).toContain('without a worktree');
    }
  });

  it('those who get much mail know how to let it gather', () => {
    for (const capability of ['lead', 'coordinator', 'orchestrator'] as const)
      expect(overlayOf(capability)).toContain('ov mail wake');
  });
});
