import { realpathSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerHook, type GuardMachine } from './guardAnswer.ts';
import type { GuardFacts } from './guardFacts.ts';
import { writeGuardFiles } from './guardFiles.ts';

let root: string;
let state: string;
let worktree: string;
let facts: GuardFacts;
let machine: GuardMachine;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'guard-files-')));
  state = join(root, '.overstory');
  worktree = join(state, 'worktrees/b1');
  await mkdir(join(worktree, 'src'), { recursive: true });
  facts = {
    agentName: 'b1',
    capability: 'builder',
    worktree,
    projectRoot: root,
    taskId: 't',
    qualityGates: ['npm test'],
  };
  machine = { environment: { OVERSTORY_WORKTREE_PATH: worktree }, temporaryFolder: tmpdir(), realpath: realpathSync };
});
afterEach(() => rm(root, { recursive: true, force: true }));

const ask = (toolName: string, input: Record<string, string>, agent = 'b1') =>
  answerHook(
    state,
    agent,
    JSON.stringify({ tool_name: toolName, tool_input: input, cwd: worktree }),
    machine,
    worktree,
  );

describe('guard files', () => {
  it('writes only into the agent’s own state folder', async () => {
    const written = await writeGuardFiles(state, facts);
    expect(written).toEqual({ ok: true, value: join(state, 'agents/b1/settings.json') });
    const settings = JSON.parse(await readFile(join(state, 'agents/b1/settings.json'), 'utf8'));
    expect(settings.hooks.PreToolUse[0].hooks[0].command).toBe('ov guard --agent b1');
  });

  it('decides with real paths, links included', async () => {
    await writeGuardFiles(state, facts);
    await symlink('/etc', join(worktree, 'link'));
    expect((await ask('Write', { file_path: 'src/new/a.ts' })).allow).toBe(true);
    expect((await ask('Write', { file_path: 'link/passwd' })).allow).toBe(false);
    expect((await ask('Write', { file_path: join(root, 'src/a.ts') })).allow).toBe(false);
    expect((await ask('Bash', { command: 'rm -rf link/x' })).allow).toBe(false);
    expect((await ask('Bash', { command: 'cd "$OVERSTORY_WORKTREE_PATH/src" && rm -f a' })).allow).toBe(true);
    expect((await ask('Bash', { command: `rm -rf ${root}/src` })).allow).toBe(false);
    expect((await ask('Bash', { command: 'cp src/a /tmp/scratch' })).allow).toBe(true);
  });

  it('refuses what cannot be read instead of letting it through', async () => {
    expect((await answerHook(state, 'b1', '{', machine, worktree)).allow).toBe(false);
    expect((await ask('Read', {}, '../b1')).allow).toBe(false);
    await writeGuardFiles(state, facts);
    await writeFile(join(state, 'agents/b1/guard.json'), '{}');
    expect((await ask('Bash', { command: 'ls' })).allow).toBe(false);
  });

  it('SP72, SP75: applies only the rules for everybody to an agent it does not know', async () => {
    expect((await ask('Bash', { command: 'rm -rf x' }, 'orchestrator')).allow).toBe(true);
    expect((await ask('Write', { file_path: '/elsewhere' }, 'orchestrator')).allow).toBe(true);
    expect((await ask('Bash', { command: 'git push' }, 'orchestrator')).allow).toBe(false);
  });
});

describe('paths as the system follows them', () => {
  it('takes .. behind a link from where the link leads', async () => {
    await writeGuardFiles(state, facts);
    await mkdir(join(root, 'elsewhere/deep'), { recursive: true });
    await symlink(join(root, 'elsewhere/deep'), join(worktree, 'link'));
    expect((await ask('Bash', { command: 'rm -f link/../x' })).allow).toBe(false);
    expect((await ask('Write', { file_path: 'link/../x' })).allow).toBe(false);
    expect((await ask('Bash', { command: 'cd link && rm -f x' })).allow).toBe(false);
    expect((await ask('Bash', { command: 'rm -f src/../x' })).allow).toBe(true);
    expect((await ask('Bash', { command: 'rm link' })).allow).toBe(true);
    expect((await ask('Bash', { command: 'rm -rf link/' })).allow).toBe(false);
    expect((await ask('Bash', { command: 'mv link/a src' })).allow).toBe(false);
  });

  it('knows which cd fails', async () => {
    await writeGuardFiles(state, facts);
    machine = { ...machine, isFolder: (path) => path === join(worktree, 'src') };
    expect((await ask('Bash', { command: 'cd src; rm -f ../x' })).allow).toBe(true);
    expect((await ask('Bash', { command: 'cd sorc; rm -f ../x' })).allow).toBe(false);
  });

  it('follows the rules of the project', async () => {
    const rules = { refuse: ['terraform apply'], allow: ['tee'], protect: ['infra', 'package-lock.json'] };
    await writeGuardFiles(state, { ...facts, rules });
    expect((await ask('Bash', { command: 'cd src && terraform apply -auto-approve' })).allow).toBe(false);
    expect((await ask('Bash', { command: 'terraform plan' })).allow).toBe(true);
    expect((await ask('Write', { file_path: 'infra/main.tf' })).allow).toBe(false);
    expect((await ask('Bash', { command: 'echo x >> package-lock.json' })).allow).toBe(false);
    expect((await ask('Write', { file_path: 'src/infra.ts' })).allow).toBe(true);
    await writeGuardFiles(state, { ...facts, capability: 'scout', rules });
    expect((await ask('Bash', { command: 'ls | tee out' })).allow).toBe(true);
    expect((await ask('Bash', { command: 'touch out' })).allow).toBe(false);
  });

  it('keeps an agent from what decides about its own guard', async () => {
    await writeGuardFiles(state, facts);
    for (const path of ['.claude/settings.local.json', '.claude/settings.json', '.git', '.git/config'])
      expect((await ask('Write', { file_path: path })).allow, path).toBe(false);
    expect((await ask('Bash', { command: 'rm -rf .' })).allow).toBe(true);
    expect((await ask('Write', { file_path: '.gitignore' })).allow).toBe(true);
  });
});

describe('the lead close gate', () => {
  it('SP76: asks for the facts only when a lead closes its task, and goes by them', async () => {
    let asked = 0;
    const leadClose = async () => {
      asked += 1;
      return { handedOver: 1, buildersDone: 2, merged: null };
    };
    machine = { ...machine, leadClose };
    await writeGuardFiles(state, { ...facts, capability: 'lead' });
    expect((await ask('Bash', { command: 'sd show t' })).allow).toBe(true);
    expect(asked).toBe(0);
    expect(await ask('Bash', { command: 'cd src && sd close t' })).toMatchObject({
      allow: false,
      reason: expect.stringContaining('less than worker_done'),
    });
    expect(asked).toBe(1);
    await writeGuardFiles(state, facts);
    expect((await ask('Bash', { command: 'sd close t' })).allow).toBe(true);
    expect(asked).toBe(1);
  });
});
