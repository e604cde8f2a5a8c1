import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChaosProject, createChaosProject } from '../core/chaos/chaosProject.ts';
import { resolveProjectRoot } from '../core/config/projectRoot.ts';
import { createGit } from '../core/git/git.ts';
import { COMMANDS } from './commandLine.ts';
import { guardedAgent } from './guardedAgent.ts';
import { QUICK_CALLS, readOptions } from './quickCalls.ts';
import { projectAtAGlance } from './quickProject.ts';

/** A command by its words, as the whole command line knows it. */
async function commandOf(words: readonly string[]): Promise<Command> {
  const program = new Command('ov');
  (await COMMANDS[words[0] ?? '']?.())?.(program);
  let found = program;
  for (const word of words) {
    const next = found.commands.find((command) => command.name() === word);
    if (next === undefined) throw new Error(`there is no command ${words.join(' ')}`);
    found = next;
  }
  return found;
}

describe('every command', () => {
  it.each(Object.keys(COMMANDS))('ov %s loads by its name alone and has a help text', async (name) => {
    expect((await commandOf([name])).helpInformation()).toContain(`Usage: ov ${name}`);
  });
});

describe('quick calls', () => {
  it.each(QUICK_CALLS.map((call) => [call.words.join(' '), call] as const))(
    'ov %s knows its options in the form the command does',
    async (_words, call) => {
      const known = (await commandOf(call.words)).options;
      for (const [name, takesValue] of Object.entries(call.options)) {
        const option = known.find((one) => one.long === name || one.short === name);
        expect([name, option?.required]).toEqual([name, takesValue]);
      }
    },
  );

  it.each([
    [['--to', 'a', '--to', 'b'], { '--to': 'b' }],
    [['--to', '--all'], { '--to': '--all' }],
    [['--all'], { '--all': true }],
    [[], {}],
    [['--to'], null],
    [['--to=a'], null],
    [['--help'], null],
    [['word'], null],
    [['--', '--all'], null],
    [['--constructor'], null],
  ])('reads %j', (args, expected) => {
    const values = readOptions(args, { '--to': true, '--all': false });
    expect(values === null ? null : Object.fromEntries(values)).toEqual(expected);
  });

  it.each([
    [['guard', '--agent', 'a'], 'a'],
    [['guard', '--agent'], null],
    [['guard', '--agent', '--help'], null],
    [['guard', '--agent', ''], null],
    [['guard', '--agent=a'], null],
    [['guard', '--agent', 'a', '--json'], null],
    [['status', '--agent', 'a'], null],
  ])('a guarded call is %j for %j', (args, agent) => {
    expect(guardedAgent(args)).toBe(agent);
  });
});

describe('the project at a glance', () => {
  it('is the one all the rules find, wherever it is told', async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'glance-')));
    try {
      const configure = async (path: string): Promise<void> => {
        await mkdir(join(path, '.overstory'), { recursive: true });
        await writeFile(join(path, '.overstory/config.yaml'), '');
      };
      const [top, linked, bare] = [join(folder, 'top'), join(folder, 'linked'), join(folder, 'bare')];
      await mkdir(bare);
      const git = createGit(folder);
      await git(['init', '-q', '-b', 'main', top]);
      await configure(top);
      const inTop = createGit(top);
      await inTop(['-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-q', '--allow-empty', '-m', 's']);
      await inTop(['worktree', 'add', '-q', linked]);
      await configure(linked);
      await configure(join(top, 'nested'));
      const worktree = join(top, '.overstory/worktrees/builder-1');
      await mkdir(join(worktree, 'deep'), { recursive: true });
      const told: (string | null)[] = [];
      for (const start of [top, worktree, join(worktree, 'deep'), linked, bare, folder, join(top, 'nested')]) {
        const glance = projectAtAGlance(start, undefined);
        told.push(glance);
        if (glance === null) continue;
        expect(await resolveProjectRoot({ start })).toEqual({ ok: true, value: { root: glance, initialised: true } });
      }
      expect(told).toEqual([top, top, top, null, null, null, null]);
      expect(projectAtAGlance(bare, top)).toBe(top);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('beside the whole command line', { timeout: 180_000 }, () => {
  let project: ChaosProject;
  beforeAll(async () => {
    project = await createChaosProject();
  });
  afterAll(() => project.dispose());

  it('says the same with an engine and without one', async () => {
    // A word before the command is no quick call.
    const alone = [await project.ov(['status']), await project.ov(['--json', 'status'])];
    expect(alone[0]?.stdout).toBe('No agents are active.\n');
    expect(alone[1]).toMatchObject({ code: 0, stderr: '' });
    expect((await project.ov(['serve', '--background'])).code).toBe(0);
    const quick = await project.ov(['status', '--json', '--all']);
    const whole = await project.ov(['--json', 'status', '--all']);
    const steady = (text: string | undefined): unknown => {
      const { status, ...rest } = JSON.parse(text ?? '') as { readonly status: object };
      return { ...rest, status: Object.keys(status) };
    };
    expect(steady(quick.stdout)).toEqual(steady(whole.stdout));
  });

  it('sends a mail that arrives once, and leaves what it cannot send to be told by the whole command line', async () => {
    const sent = await project.ov(['mail', 'send', '--to', 'operator', '--subject', 'quick', '--body', 'b', '--json']);
    expect(JSON.parse(sent.stdout)).toMatchObject({
      success: true,
      command: 'mail send',
      id: expect.stringMatching(/^msg-/),
    });
    const listed = await project.ov(['mail', 'list', '--json']);
    const { messages } = JSON.parse(listed.stdout) as { readonly messages: readonly { readonly subject: string }[] };
    expect(messages.filter((mail) => mail.subject === 'quick')).toHaveLength(1);
    const refused = await project.ov(['mail', 'send', '--to', '-', '--subject', 's', '--body', 'b']);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^Error \[VALIDATION_ERROR\]: [^\n]+\n$/);
  });
});
