import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SandboxMode } from '../config/guardSettings.ts';
import { defaultConfig } from '../config/schema.ts';
import { createGit } from '../git/git.ts';
import { createSandbox, tryBubblewrap } from './sandbox.ts';
import { runtimePlaces } from './sandboxPlaces.ts';
import { gitPlaces, type SandboxFacts, sandboxArguments, sandboxCommand } from './sandboxPlan.ts';

const FACTS: SandboxFacts = {
  cwd: '/home/me/p/.overstory/worktrees/b1',
  worktree: '/home/me/p/.overstory/worktrees/b1',
  projectRoot: '/home/me/p',
  gitCommonFolder: '/home/me/p/.git',
  gitFolder: '/home/me/p/.git/worktrees/b1',
  branchFolder: 'overstory/b1',
  commitsAtRoot: false,
  runtimePlaces: ['/home/me/.claude'],
  visible: [],
  sealed: ['/home/me/p/.overstory/worktrees/b1/.git'],
  network: true,
};

/** Pairs of `--bind`/`--ro-bind` and their place, in order. */
function binds(facts: SandboxFacts): readonly string[] {
  const words = sandboxArguments(facts);
  return words.flatMap((word, index) =>
    /^--(?:ro-)?bind$/.test(word) ? [`${word.slice(2)} ${words[index + 2]}`] : [],
  );
}

describe('the launch plan of a sandbox', () => {
  it('lets everything be read, and written only the worktree, git’s own places and the runtime’s', () => {
    expect(binds(FACTS)).toEqual([
      'ro-bind /',
      'bind /home/me/p/.overstory/worktrees/b1',
      'ro-bind /home/me/p/.overstory/worktrees/b1/.git',
      'bind /home/me/p/.git/objects',
      'bind /home/me/p/.git/worktrees/b1',
      'bind /home/me/p/.git/refs/heads/overstory/b1',
      'bind /home/me/p/.git/logs/refs/heads/overstory/b1',
      'bind /home/me/.claude',
    ]);
  });

  it.each([
    ['a reader at the root writes nothing', { worktree: null, gitFolder: null, branchFolder: null }, []],
    [
      'a coordinator at the root commits',
      { worktree: null, gitFolder: null, branchFolder: null, commitsAtRoot: true },
      ['/home/me/p/.git'],
    ],
    ['an agent without a branch', { branchFolder: null }, ['/home/me/p/.git/objects', '/home/me/p/.git/worktrees/b1']],
  ])('git: %s', (_name, change, places) => {
    expect(gitPlaces({ ...FACTS, ...change })).toEqual(places);
  });

  it('gives each turn a temporary folder of its own, and shows again what of the project lies in it', () => {
    const words = sandboxArguments({
      ...FACTS,
      projectRoot: '/tmp/p',
      gitCommonFolder: '/tmp/p/.git',
      visible: ['/opt/x'],
    });
    const temporary = words.indexOf('--tmpfs');
    expect(words[temporary + 1]).toBe('/tmp');
    expect(words.indexOf('/tmp/p')).toBeGreaterThan(temporary);
    expect(words).not.toContain('/opt/x');
  });

  it('cuts the network off only where that is wanted', () => {
    expect(sandboxArguments(FACTS)).not.toContain('--unshare-net');
    expect(sandboxArguments({ ...FACTS, network: false })).toContain('--unshare-net');
  });

  it('keeps the agent’s processes visible from outside, where the watchdog looks for them', () => {
    expect(sandboxArguments(FACTS).filter((word) => /^--unshare-(?:pid|all)$|^--new-session$/.test(word))).toEqual([]);
  });

  it('puts the command behind its own arguments, as separate words', () => {
    const argv = ['claude', '-p', 'a b', '--model', "it's"];
    const command = sandboxCommand(argv, FACTS);
    expect(command.slice(0, 2)).toEqual(['/bin/sh', '-c']);
    expect(command.slice(-argv.length)).toEqual(argv);
    expect(command.join(' ')).toContain('-- env --default-signal=INT claude');
  });

  it.each([
    ['claude', {}, ['/home/me/.claude', '/home/me/.claude.json']],
    ['claude', { CLAUDE_CONFIG_DIR: '/c' }, ['/c']],
    ['codex', { CODEX_HOME: '/x' }, ['/x']],
    ['rehearsal', {}, ['/state/rehearsal']],
    ['acp:gemini', {}, ['/home/me/.gemini']],
    ['unknown', {}, []],
  ])('%s with %j writes to %j', (runtime, environment, places) => {
    expect(runtimePlaces(runtime, { HOME: '/home/me', ...environment }, '/state')).toEqual(places);
  });
});

describe('the sandbox of a project', () => {
  let root: string;
  const argv = ['claude', '-p'];
  const lines: string[] = [];

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'sandbox-')));
    const git = createGit(root);
    await git(['init', '-q', '-b', 'main']);
    lines.length = 0;
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  /** @param bwrap what stands for bubblewrap; null: nothing is installed. */
  async function wrap(sandbox: SandboxMode, bwrap: string | null) {
    if (bwrap !== null) {
      await writeFile(join(root, 'bwrap'), `#!/bin/sh\n${bwrap}\n`);
      await chmod(join(root, 'bwrap'), 0o755);
    }
    const config = defaultConfig(root);
    const made = createSandbox({
      projectRoot: root,
      overstoryDirectory: join(root, '.overstory'),
      git: createGit(root),
      config: () => ({ ...config, controlRoom: { ...config.controlRoom, sandbox } }),
      environment: { PATH: root, HOME: root },
      log: (level, message) => void lines.push(`${level} ${message}`),
    });
    const turn = { argv, env: {}, cwd: root, capability: 'coordinator', runtime: 'claude', branch: '' };
    return made.wrap(turn);
  }

  it('off: nothing is asked and nothing changes', async () => {
    expect(await wrap('off', 'exit 1')).toEqual({ ok: true, value: argv });
    expect(lines).toEqual([]);
  });

  it('on: without bubblewrap turns start as they are, and the log says so once', async () => {
    expect(await wrap('on', null)).toEqual({ ok: true, value: argv });
    expect(lines).toEqual(['warn no sandbox for turns']);
  });

  it('require: without bubblewrap no turn starts, with one line that says what to do', async () => {
    const refused = await wrap('require', null);
    expect(refused).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/install the package "bubblewrap"/) },
    });
  });

  it('require: a bubblewrap that may not make namespaces is told by its own words', async () => {
    const refused = await wrap('require', 'echo "bwrap: No permissions to create new namespace" >&2; exit 1');
    expect(refused).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/No permissions.*namespaces/) },
    });
  });

  it('wraps where it works', async () => {
    const wrapped = await wrap('require', 'exit 0');
    expect(wrapped.ok && wrapped.value).toEqual(expect.arrayContaining(['bwrap', '--chdir', root, ...argv]));
  });

  it('is for Linux', async () => {
    expect(await tryBubblewrap({}, 'darwin')).toContain('needs Linux');
  });
});
