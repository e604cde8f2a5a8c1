import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadManifest } from '../agents/manifest.ts';
import { pathExists } from '../util/files.ts';
import { createWorktrees } from '../worktrees/worktrees.ts';
import { gatesFromPackage } from './detectProject.ts';
import { wantedTools } from './ecosystem.ts';
import { type InitOptions, type InitReport, initProject } from './init.ts';
import { loadConfig } from './loadConfig.ts';
import { configText } from './scaffold.ts';
import { parseYamlMapping } from './yamlText.ts';

const run = promisify(execFile);
const clock = { now: () => Date.parse('2026-03-05T14:00:00.000Z') };
let folder: string;
let root: string;
let bin: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'init-')));
  root = join(folder, 'my project');
  bin = join(folder, 'bin');
  await mkdir(root);
  await mkdir(bin);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function git(...args: string[]): Promise<string> {
  const { stdout } = await run('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: root });
  return stdout.trim();
}

async function repository(): Promise<void> {
  await git('init', '-q', '-b', 'main');
  await writeFile(join(root, 'a.txt'), 'a\n');
  await git('add', '.');
  await git('commit', '-q', '-m', 'start');
}

async function init(extra: Partial<InitOptions> = {}): Promise<InitReport> {
  const result = await initProject(root, { clock, path: bin, ...extra });
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

async function refusal(): Promise<string> {
  const result = await initProject(root, { clock, path: bin });
  if (result.ok) throw new Error('expected a refusal');
  expect(result.error.message).not.toContain('\n');
  return result.error.message;
}

async function command(name: string, script: string): Promise<void> {
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, name), 0o755);
}

const committed = async () => (await git('show', '--name-only', '--format=', 'HEAD')).split('\n').sort();

describe('on a real repository', () => {
  it('writes and commits the scaffold, and what it wrote can be loaded and used', async () => {
    await repository();
    const report = await init();
    expect(report).toMatchObject({
      status: 'initialized',
      project: 'my project',
      canonicalBranch: 'main',
      runtime: 'rehearsal',
      scaffoldCommitted: true,
      gitattributes: false,
      warnings: [],
      backup: null,
    });
    expect(await git('log', '-1', '--format=%s')).toBe('chore: initialize overstory');
    expect(await committed()).toHaveLength(14);
    expect(await git('status', '--porcelain')).toBe('');
    const loaded = await loadConfig(root);
    expect(loaded.ok && loaded.value).toMatchObject({
      warnings: [],
      config: { runtime: { claudeHeadlessByDefault: true } },
    });
    const manifest = await loadManifest(root, '.overstory/agent-manifest.json', '.overstory/agent-defs');
    expect(manifest.ok).toBe(true);
    expect((await readdir(join(root, '.overstory/agent-defs'))).sort()).toEqual([
      'builder.md',
      'coordinator.md',
      'lead.md',
      'merger.md',
      'monitor.md',
      'orchestrator.md',
      'ov-co-creation.md',
      'reviewer.md',
      'scout.md',
    ]);
    const worktree = await createWorktrees(root, '.overstory/worktrees').create({
      agentName: 'a',
      taskId: 't',
      base: 'main',
    });
    expect(worktree.ok).toBe(true);
    expect(await git('status', '--porcelain')).toBe('');
  });

  it('keeps everything of the machine out of git', async () => {
    await repository();
    await init();
    for (const path of [
      'run/engine.json',
      'control-room.db',
      'mail.db-wal',
      'config.local.yaml',
      'logs/a/b',
      'backups/x/config.yaml',
    ]) {
      await mkdir(join(root, '.overstory', path, '..'), { recursive: true });
      await writeFile(join(root, '.overstory', path), '');
    }
    expect(await git('status', '--porcelain', '-uall')).toBe('');
    await writeFile(join(root, '.overstory/groups.json'), '[]');
    expect(await git('status', '--porcelain')).toContain('groups.json');
  });

  it('leaves a dirty index exactly as it was', async () => {
    await repository();
    await writeFile(join(root, 'a.txt'), 'staged\n');
    await writeFile(join(root, 'new.txt'), 'staged too\n');
    await git('add', '.');
    await writeFile(join(root, 'a.txt'), 'and edited\n');
    const before = await git('status', '--porcelain');
    expect((await init()).scaffoldCommitted).toBe(true);
    expect(await git('status', '--porcelain')).toBe(before);
    expect((await committed()).every((file) => file.startsWith('.overstory/'))).toBe(true);
  });

  it('changes nothing on a second call and says how to force it', async () => {
    await repository();
    await init();
    await writeFile(join(root, '.overstory/config.yaml'), 'project:\n  name: edited\n');
    const report = await init();
    expect(report).toMatchObject({ status: 'already_initialized', scaffoldCommitted: false });
    expect(report.warnings[0]).toContain('--force');
    expect(await readFile(join(root, '.overstory/config.yaml'), 'utf8')).toContain('edited');
  });

  it.each([{ force: true }, { yes: true }])('keeps what %j replaces', async (again) => {
    await repository();
    await init();
    await writeFile(join(root, '.overstory/config.yaml'), 'project:\n  name: edited\n');
    await writeFile(join(root, '.overstory/agent-defs/scout.md'), 'my scout\n');
    const report = await init(again);
    expect(report.backup).toBe(join(root, '.overstory/backups/2026-03-05T14-00-00-000Z'));
    expect(await readFile(join(report.backup ?? '', 'config.yaml'), 'utf8')).toContain('edited');
    expect(await readFile(join(report.backup ?? '', 'agent-defs/scout.md'), 'utf8')).toBe('my scout\n');
    expect(report.scaffoldCommitted).toBe(false);
  });

  it('takes name and branch from origin, slashes kept', async () => {
    await repository();
    await git('remote', 'add', 'origin', 'git@example.org:team/rocket.git');
    await git('update-ref', 'refs/remotes/origin/release/2.0', 'HEAD');
    await git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/release/2.0');
    expect(await init()).toMatchObject({ project: 'rocket', canonicalBranch: 'release/2.0' });
    expect(await init({ force: true, name: ' other ' })).toMatchObject({ project: 'other' });
  });

  it('works in a subfolder of a larger repository', async () => {
    await repository();
    root = join(root, 'packages/inner');
    await mkdir(root, { recursive: true });
    expect((await init()).scaffoldCommitted).toBe(true);
    expect((await committed()).every((file) => file.startsWith('packages/inner/.overstory/'))).toBe(true);
  });

  it('warns instead of failing when the commit is refused', async () => {
    await repository();
    await writeFile(join(root, '.git/hooks/pre-commit'), '#!/bin/sh\necho not today >&2\nexit 1\n');
    await chmod(join(root, '.git/hooks/pre-commit'), 0o755);
    const report = await init();
    expect(report.scaffoldCommitted).toBe(false);
    expect(report.warnings.join()).toContain('not today');
    expect(await pathExists(join(root, '.overstory/config.yaml'))).toBe(true);
  });

  it('warns when the project ignores the folder', async () => {
    await repository();
    await writeFile(join(root, '.gitignore'), '.overstory/\n');
    const report = await init();
    expect(report.scaffoldCommitted).toBe(false);
    expect(report.warnings.join()).toContain('ignored');
  });
});

describe('other places', () => {
  it('refuses outside of a repository with one clear line', async () => {
    expect(await refusal()).toContain('is not a git work tree; run "git init"');
    expect(await pathExists(join(root, '.overstory'))).toBe(false);
  });

  it('refuses a bare repository and an agent worktree', async () => {
    await git('init', '-q', '--bare');
    expect(await refusal()).toContain('not a git work tree');
    root = join(folder, 'second');
    await mkdir(root);
    await repository();
    root = join(root, '.overstory/worktrees/a');
    await mkdir(root, { recursive: true });
    expect(await refusal()).toContain("an agent's worktree");
  });

  it('makes the first commit of an empty repository, files of the user left alone', async () => {
    await git('init', '-q', '-b', 'trunk');
    await writeFile(join(root, 'mine.txt'), 'x');
    await git('add', '.');
    const report = await init();
    expect(report).toMatchObject({ scaffoldCommitted: true, canonicalBranch: 'trunk', warnings: [] });
    expect(await git('status', '--porcelain')).toBe('A  mine.txt');
  });

  it('says what to do when an empty repository stays empty', async () => {
    await git('init', '-q', '-b', 'main');
    expect((await init({ skipCommit: true })).warnings.join()).toContain('make the first commit');
  });

  it('commits under a name of its own only when git knows nobody', async () => {
    await repository();
    await git('config', 'user.name', '');
    await git('config', 'user.email', '');
    expect((await init()).scaffoldCommitted).toBe(true);
    expect(await git('log', '-1', '--format=%an')).toBe('Overstory Control Room');
    await git('config', 'user.name', 'Ada');
    await git('config', 'user.email', 'ada@example.org');
    await writeFile(join(root, '.overstory/README.md'), 'changed');
    await git('commit', '-qam', 'changed');
    expect((await init({ force: true })).scaffoldCommitted).toBe(true);
    expect(await git('log', '-1', '--format=%an')).toBe('Ada');
  });
});

describe('runtimes and tools', () => {
  it('takes the first installed runtime it can drive', async () => {
    await repository();
    await command('gemini', 'exit 0');
    expect((await init()).runtime).toBe('gemini');
    expect((await init({ force: true, supportedRuntimes: ['claude'] })).runtime).toBe('rehearsal');
    await command('claude', 'exit 0');
    expect((await init({ force: true, supportedRuntimes: ['claude'] })).runtime).toBe('claude');
    await writeFile(join(bin, 'claude'), '');
    await chmod(join(bin, 'claude'), 0o644);
    expect((await init({ force: true, supportedRuntimes: ['claude'] })).runtime).toBe('rehearsal');
  });

  it('sets up installed tools, adds union merges once and keeps other lines', async () => {
    await repository();
    await writeFile(join(root, '.gitattributes'), '*.png binary');
    await git('add', '.');
    await git('commit', '-qm', 'attributes');
    await command('sd', 'mkdir .seeds && echo "" > .seeds/issues.jsonl');
    await command('ml', 'exit 1');
    await mkdir(join(root, '.mulch'));
    const report = await init();
    expect(report.tools).toMatchObject({
      seeds: { status: 'initialized' },
      mulch: { status: 'already_initialized' },
      canopy: { status: 'skipped' },
    });
    expect(report.gitattributes).toBe(true);
    const expected = '*.png binary\n.mulch/expertise/*.jsonl merge=union\n.seeds/issues.jsonl merge=union\n';
    expect(await readFile(join(root, '.gitattributes'), 'utf8')).toBe(expected);
    expect((await init({ force: true })).gitattributes).toBe(false);
    expect(await git('status', '--porcelain')).toBe('');
  });

  it('does not sweep changes of the user to .gitattributes into the commit', async () => {
    await repository();
    await writeFile(join(root, '.gitattributes'), '*.x binary\n');
    await command('sd', 'mkdir .seeds && echo "" > .seeds/issues.jsonl');
    const report = await init();
    expect(report.warnings.join()).toContain('.gitattributes');
    expect(await git('status', '--porcelain')).toBe('?? .gitattributes');
  });

  it.each([
    [undefined, [], ['mulch', 'seeds', 'canopy']],
    [undefined, ['seeds'], ['mulch', 'canopy']],
    [['seeds', 'nonsense'], ['seeds'], ['seeds']],
  ])('chooses tools %j without %j', (tools, skipped, expected) => {
    expect(wantedTools(tools, skipped)).toEqual(expected);
  });
});

describe('config text', () => {
  const facts = { root: '/p', name: 'n', canonicalBranch: 'main', runtime: 'claude', qualityGates: [] };
  it.each([
    'say "hi"',
    'back\\slash',
    "it's",
    '# no comment',
    'a: b',
    ' spaces ',
    'true',
    '12',
    'ünï ✓',
    '- x',
    '{a}',
    '@x',
    '%y',
  ])('brings the name %j back unharmed', (name) => {
    const parsed = parseYamlMapping(configText({ ...facts, name }), 'f');
    expect(parsed.ok && parsed.value.project).toMatchObject({ name });
  });

  it('explains its sections and lists detected gates', () => {
    const gates = gatesFromPackage('{"scripts":{"test":"vitest","lint":"biome check","typecheck":"tsc"}}');
    const text = configText({ ...facts, qualityGates: gates });
    expect(gates.map((gate) => gate.command)).toEqual(['npm test', 'npm run lint', 'npm run typecheck']);
    expect(text).toContain('# qualityGates:');
    expect(text).toContain('- name: Tests');
    expect(text).not.toContain('/p');
  });

  it.each(['{', '{}', 'null', '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}'])(
    'finds no gate in %s',
    (text) => {
      expect(gatesFromPackage(text)).toEqual([]);
    },
  );
});
