import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CAPABILITIES } from '../../../contract/agents.ts';
import { pathExists } from '../util/files.ts';
import { type OverlayInput, renderOverlay, writeOverlay } from './overlay.ts';
import { gatesBash, gatesCapabilities, gatesInline, gatesSteps } from './overlaySections.ts';
import { renderTemplate } from './overlayTemplate.ts';
import { livesInProjectRoot, ROLE_FILES, ROLE_TEXTS } from './roles.ts';
import { shellQuote } from './shellQuote.ts';

const run = promisify(execFile);

function input(extra: Partial<OverlayInput> = {}): OverlayInput {
  return {
    agentName: 'builder-t1',
    capability: 'builder',
    taskId: 't1',
    branch: 'overstory/builder-t1/t1',
    worktree: '/project/.overstory/worktrees/builder-t1',
    parent: 'lead-1',
    depth: 2,
    specPath: '/project/.overstory/specs/t1.md',
    fileScope: ['src/a.ts', 'src/b.ts'],
    siblings: [],
    canSpawn: false,
    canonicalBranch: 'main',
    skipScout: false,
    skipReview: false,
    qualityGates: [],
    mulchDomains: [],
    expertise: '',
    tracker: { cli: 'sd', name: 'seeds' },
    roleText: ROLE_TEXTS.builder,
    profileText: '',
    instructionPath: '.claude/CLAUDE.md',
    ...extra,
  };
}

const custom = [
  { name: 'Compile', command: 'tsc -b', description: 'compilation succeeds' },
  { name: 'Unit', command: 'npm test', description: 'all green' },
];

describe('renderOverlay', () => {
  it('SP39, SP42: holds every field of the assignment, after the role', () => {
    const text = renderOverlay(input());
    for (const part of [
      '**Agent name:** builder-t1',
      '**Task:** t1',
      '**Spec:** /project/.overstory/specs/t1.md',
      '**Branch:** overstory/builder-t1/t1',
      '**Worktree:** /project/.overstory/worktrees/builder-t1',
      '**Parent:** lead-1',
      '**Depth:** 2',
      '- `src/a.ts`',
      'PATH_BOUNDARY_VIOLATION',
      '## File Scope (exclusive ownership)',
      'You may NOT spawn sub-workers',
    ]) {
      expect(text).toContain(part);
    }
    expect(text.indexOf('# Builder')).toBeLessThan(text.indexOf('## Your Assignment'));
  });

  it('SP41, SP46: says so where something is missing', () => {
    const text = renderOverlay(input({ specPath: null, fileScope: [], parent: null }));
    for (const part of [
      'No spec file provided',
      'No task spec was provided',
      'No file scope restrictions',
      'No specific expertise domains configured',
      '**Parent:** coordinator',
    ]) {
      expect(text).toContain(part);
    }
  });

  it.each(CAPABILITIES.filter((capability) => !livesInProjectRoot(capability)))(
    'SP40, SP47: leaves no placeholder open for a %s and names its terminal mail, parent and tracker',
    (capability) => {
      const text = renderOverlay(input({ capability, roleText: ROLE_TEXTS[capability] }));
      expect(text).not.toContain('{{');
      expect(text).toContain(`--type ${capability === 'merger' ? 'merged' : 'worker_done'}`);
      expect(text).toContain('--to lead-1');
      expect(text).toContain('--agent builder-t1');
      expect(text).toContain('sd close t1');
      expect(text).toContain('Ending your turn is waiting');
      expect(text).toContain('Never poll');
    },
  );

  it('never tells a merger to send worker_done', () => {
    expect(renderOverlay(input({ capability: 'merger', roleText: ROLE_TEXTS.merger }))).not.toContain('worker_done');
  });

  it.each(['scout', 'reviewer'] as const)('SP45: gives a %s a completion without gates or commits', (capability) => {
    const text = renderOverlay(input({ capability, roleText: '# Role', qualityGates: custom }));
    expect(text).toContain('## Completion');
    expect(text).toContain('read-only agent');
    expect(text).toContain('Do NOT commit');
    expect(text).not.toContain('tsc -b');
    expect(text).not.toContain('**Commit:**');
  });

  it('SP43, SP44: numbers gates, own or default ones, and goes on with the commit', () => {
    const text = renderOverlay(input({ qualityGates: custom, roleText: '' }));
    expect(text).toContain('1. **Compile:** run `tsc -b`: compilation succeeds.');
    expect(text).toContain('3. **Commit:**');
    expect(renderOverlay(input({ roleText: '' }))).toContain('`bun test`');
  });

  it.each([
    [{ skipReview: true }, ['SKIP REVIEW'], ['MAX AGENTS']],
    [{ dispatchMaxAgents: 1 }, ['MAX AGENTS 1', 'single builder'], ['SKIP REVIEW']],
    [{ dispatchMaxAgents: 2 }, ['MAX AGENTS 2', 'compressed'], []],
    [{ dispatchMaxAgents: 3 }, ['do not exceed 3'], []],
    [{ dispatchMaxAgents: 3, skipReview: true }, ['do not exceed 3', 'SKIP REVIEW'], []],
    [{ dispatchMaxAgents: 0 }, [], ['Dispatch Overrides']],
    [{}, [], ['Dispatch Overrides']],
  ])('SP48: tells a lead its overrides %j', (extra, present, absent) => {
    const text = renderOverlay(input({ capability: 'lead', roleText: '', ...extra }));
    for (const part of present) expect(text).toContain(part);
    for (const part of absent) expect(text).not.toContain(part);
    expect(renderOverlay(input({ roleText: '', ...extra }))).not.toContain('Dispatch Overrides');
  });

  it('SP52: shows siblings, the sling command and the skip of scouts only where they apply', () => {
    const lead = renderOverlay(
      input({
        capability: 'lead',
        agentName: 'lead-1',
        canSpawn: true,
        depth: 1,
        skipScout: true,
        siblings: ['lead-2'],
      }),
    );
    expect(lead).toContain('--parent lead-1 --depth 2');
    expect(lead).toContain('## No Scouts');
    expect(lead).toContain('## Parallel Siblings');
    expect(lead).toContain('git rebase main');
    expect(renderOverlay(input({ skipScout: true }))).not.toContain('## No Scouts');
  });

  it('puts payloads into its commands that a shell hands over as valid JSON', async () => {
    const text = renderOverlay(input({ taskId: 't1', roleText: '' }));
    const command = /ov mail send [^`]*--type worker_done[^`]*/.exec(text)?.[0] ?? '';
    const { stdout } = await run('sh', ['-c', command.replace(/^ov mail send/, 'node -p "process.argv.at(-1)" --')]);
    expect(JSON.parse(stdout)).toEqual({
      taskId: 't1',
      branch: 'overstory/builder-t1/t1',
      exitCode: 0,
      filesModified: ['<file>'],
    });
  });

  it('keeps hostile values exactly as they are', () => {
    const hostile = 'a $& $1 $` `x` {{TASK_ID}} {{{ }} <!--';
    const text = renderOverlay(
      input({ expertise: hostile, profileText: hostile, roleText: 'role {{TRACKER_CLI}} {{UNKNOWN}}' }),
    );
    expect(text.split(hostile)).toHaveLength(3);
    expect(text).toContain('role sd {{UNKNOWN}}');
  });

  it('ends for every value and never expands a value twice', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('{{AGENT_NAME}}', '$&', '{{TASK_ID}}$$', '`'), (noise, trap) => {
        const value = noise + trap;
        expect(renderTemplate('<{{AGENT_NAME}}|{{TASK_ID}}>', { AGENT_NAME: value, TASK_ID: 'x' })).toBe(
          `<${value}|x>`,
        );
      }),
    );
  });
});

describe('gate helpers', () => {
  it('SP53: have the formats role files rely on', () => {
    expect(gatesInline(custom)).toBe('`tsc -b`, `npm test`');
    expect(gatesSteps(custom)).toBe('1. Run `tsc -b` -- compilation succeeds.\n2. Run `npm test` -- all green.');
    expect(gatesBash(custom)).toBe('```bash\ntsc -b    # Compilation succeeds\nnpm test  # All green\n```');
    expect(gatesCapabilities(custom)).toBe('  - `tsc -b` (compilation succeeds)\n  - `npm test` (all green)');
  });
});

describe('role files', () => {
  it.each(Object.keys(ROLE_FILES))('%s is short, exact and forbids waiting loops', (file) => {
    const text = ROLE_FILES[file] ?? '';
    const lines = text.split('\n').length;
    expect(lines).toBeLessThanOrEqual(100);
    expect(text).toContain('Never poll');
    expect(text).not.toMatch(/\{\{(?!QUALITY_GATE_|TRACKER_|INSTRUCTION_PATH)/);
    if (file !== 'ov-co-creation.md') {
      for (const heading of ['## Purpose', '## You may', '## You may not', '## Failure modes'])
        expect(text).toContain(heading);
      expect(lines).toBeGreaterThanOrEqual(40);
    }
  });

  it('does not deploy the deprecated supervisor', () => {
    expect(Object.keys(ROLE_FILES)).toHaveLength(9);
    expect(ROLE_FILES['supervisor.md']).toBeUndefined();
  });
});

describe('shellQuote', () => {
  it('survives a real shell', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ maxLength: 40 }).filter((text) => !text.includes('\0')),
        async (text) => {
          const { stdout } = await run('sh', ['-c', `printf %s ${shellQuote(text) || "''"}`]);
          expect(stdout).toBe(text);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('writeOverlay', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'overlay-')));
    await run('git', ['init', '-q', '-b', 'main', folder]);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('SP51: writes to the path of the runtime, folders included, and keeps git quiet about it', async () => {
    const result = await writeOverlay(
      input({ worktree: folder, instructionPath: '.cursor/rules/overstory.md' }),
      '/elsewhere',
    );
    expect(result).toEqual({ ok: true, value: join(folder, '.cursor/rules/overstory.md') });
    const { stdout } = await run('git', ['status', '--porcelain'], { cwd: folder });
    expect(stdout).toBe('');
  });

  it('SP49: refuses the project root, through a link too, and writes nothing', async () => {
    const link = `${folder}-link`;
    await symlink(folder, link);
    try {
      const result = await writeOverlay(input({ worktree: link }), folder);
      expect(result.ok ? '' : result.error.message).toContain('canonical project root');
      expect(await pathExists(join(folder, '.claude'))).toBe(false);
    } finally {
      await rm(link);
    }
  });

  it('SP50: accepts a worktree that carries a config file', async () => {
    await mkdir(join(folder, '.overstory'));
    await writeFile(join(folder, '.overstory/config.yaml'), '');
    expect((await writeOverlay(input({ worktree: folder }), '/elsewhere')).ok).toBe(true);
  });

  it('refuses a link that leads out of the worktree', async () => {
    await symlink('/tmp', join(folder, '.claude'));
    const result = await writeOverlay(input({ worktree: folder }), '/elsewhere');
    expect(result.ok ? '' : result.error.message).toContain('leads out of the worktree');
  });

  it('keeps the instructions of the project at the end, however often it writes', async () => {
    await writeFile(join(folder, 'AGENTS.md'), '# House rules\nTabs.\n');
    const request = input({ worktree: folder, instructionPath: 'AGENTS.md' });
    await writeOverlay(request, '/elsewhere');
    await writeOverlay(request, '/elsewhere');
    const text = await readFile(join(folder, 'AGENTS.md'), 'utf8');
    expect(text.split('# House rules\nTabs.')).toHaveLength(2);
    expect(text.split('## Project Instructions')).toHaveLength(2);
  });
});
