import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ChaosProject,
  createChaosProject,
  type Finished,
  type OvOptions,
  plainEnvironment,
} from '../core/chaos/chaosProject.ts';
import { must } from '../core/db/testing/folder.ts';
import { openMail } from '../core/mail/mailStore.ts';
import { openSessions } from '../core/sessions/sessionStore.ts';
import { testSession } from '../core/sessions/testSession.ts';
import { entryCommand } from '../platform/entries.ts';
import { nodeScheduler } from '../platform/scheduler.ts';
import { startPty } from '../pty-host/ptyProcess.ts';

/** Processes at a time: a few more than cores, so that starting one overlaps with reading another's modules. */
const AT_ONCE = 4;

let project: ChaosProject;
beforeAll(async () => {
  project = await createChaosProject();
});
afterAll(() => project.dispose());

/** Runs many calls of the real command line, a few at a time; answers in the order of the calls. */
async function runAll(calls: readonly (readonly string[])[], options?: OvOptions): Promise<readonly Finished[]> {
  const ends: Finished[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < calls.length; at = next++) ends[at] = await project.ov(calls[at] ?? [], options);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return ends;
}

/** A refusal as a person gets it: exit code 1, nothing on stdout, one line on stderr. */
function expectRefused(end: Finished | undefined, line: RegExp, call: readonly string[] | string): void {
  const told = `ov ${typeof call === 'string' ? call : call.join(' ')}`;
  expect({ told, ...end }).toMatchObject({ told, code: 1, stdout: '', stderr: expect.stringMatching(line) });
  expect(end?.stderr, told).toMatch(/^Error(?: \[[A-Z_]+\])?: [^\n]+\n$/);
}

/** The same refusals for a program: one line of JSON on stdout, nothing on stderr. */
function expectRefusedAsJson(end: Finished | undefined, message: RegExp, call: readonly string[]): void {
  const told = `ov ${call.join(' ')} --json`;
  expect({ told, code: end?.code, stderr: end?.stderr }).toEqual({ told, code: 1, stderr: '' });
  expect(end?.stdout, told).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(end?.stdout ?? ''), told).toEqual({
    success: false,
    command: 'ov',
    error: expect.stringMatching(message),
  });
}

async function temporaryFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'command-line-')));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Names below "Commands:" in a help text. */
function commandsIn(help: string): string[] {
  const section = help.split('\nCommands:\n')[1] ?? '';
  return [...section.matchAll(/^ {2}([a-z-]+)/gm)].map((match) => match[1] ?? '').filter((name) => name !== 'help');
}

const state = (...path: string[]): string => join(project.root, '.overstory', ...path);

// Each call is a process of its own on few cores.
describe('command line', { timeout: 600_000 }, () => {
  it('shows help for every command and every command below it', async () => {
    const top = commandsIn((await project.ov(['--help'])).stdout);
    expect(top).toEqual(expect.arrayContaining(['init', 'serve', 'sling', 'status', 'mail', 'merge', 'coordinator']));
    const calls = [...top, 'guard'].map((name) => [name]);
    const helps = await runAll(calls.map((call) => [...call, '--help']));
    const below = helps.flatMap((help, index) =>
      commandsIn(help.stdout).map((name) => [...(calls[index] ?? []), name]),
    );
    expect(below.length).toBeGreaterThan(12);
    const deeper = await runAll(below.map((call) => [...call, '--help']));
    for (const [index, help] of [...helps, ...deeper].entries()) {
      const call = [...calls, ...below][index] ?? [];
      expect({ call, code: help.code, stderr: help.stderr }).toEqual({ call, code: 0, stderr: '' });
      expect(help.stdout.startsWith(`Usage: ov ${call.join(' ')} `), call.join(' ')).toBe(true);
      expect(help.stdout, call.join(' ')).toContain('--help');
    }
  });

  it('tells a slip in one line: unknown commands and options, missing and surplus words', async () => {
    const slips: readonly (readonly [readonly string[], RegExp])[] = [
      [['slimg', 'T-1'], /unknown command 'slimg'.*sling/],
      [['mail', 'sned'], /unknown command 'sned'.*send/],
      [['help', 'bogus'], /unknown command 'bogus'/],
      [['--bogus'], /unknown option '--bogus'/],
      [['status', '--bogus'], /unknown option '--bogus'/],
      [['sling'], /missing required argument 'task-id'/],
      [['mail', 'send', '--to', 'operator'], /required option '--subject <text>' not specified/],
      [['mail', 'send', '--to'], /option '--to <address>' argument missing/],
      [['status', 'surplus'], /too many arguments/],
      [['bo\x1b[31mgus'], /unknown command 'bo␛\[31mgus'/],
    ];
    const texts = await runAll(slips.map(([call]) => call));
    const json = await runAll(slips.slice(0, 7).map(([call]) => [...call, '--json']));
    for (const [index, [call, line]] of slips.entries()) expectRefused(texts[index], line, call);
    for (const [index, end] of json.entries()) {
      const [call, line] = slips[index] ?? [[], /^$/];
      expectRefusedAsJson(end, line, call);
    }
  });

  it('says what is missing outside of a repository, in one that is not set up, and where --project leads nowhere', async () => {
    const calls = [['status'], ['sling', 'T-1'], ['mail', 'list'], ['merge', '--all'], ['serve', '--stop'], ['open']];
    await temporaryFolder(async (folder) => {
      for (const prepare of ['nothing', 'git init'] as const) {
        if (prepare === 'git init') await project.git('init', '-q', folder);
        const before = await readdir(folder);
        const ends = await runAll(calls, { cwd: folder });
        for (const [index, end] of ends.entries())
          expectRefused(
            end,
            /^Error \[CONFIG_ERROR\]: Not in an overstory project\. Run "ov init" first\.$/m,
            calls[index] ?? [],
          );
        expectRefusedAsJson(await project.ov(['status', '--json'], { cwd: folder }), /Run "ov init" first/, ['status']);
        if (prepare === 'nothing')
          expectRefused(
            await project.ov(['init'], { cwd: folder }),
            /^Error \[VALIDATION_ERROR\]: .* is not a git work tree; run "git init" there first$/m,
            'init',
          );
        expect(await readdir(folder)).toEqual(before);
      }
      expectRefused(
        await project.ov(['init', '--runtime', 'nobody'], { cwd: folder }),
        /^Error \[CONFIG_ERROR\]: Unknown runtime: "nobody"; use one of .*rehearsal/,
        'init --runtime',
      );
      expectRefused(
        await project.ov(['status', '--project', join(folder, 'nowhere')]),
        /holds no \.overstory\/config\.yaml; run "ov init" there or correct --project$/m,
        'status --project',
      );
    });
  });

  it('names key, value and remedy of a broken config.yaml, with and without an engine to start', async () => {
    const path = state('config.yaml');
    const good = await readFile(path, 'utf8');
    const problem =
      '.overstory/config.yaml: agents.maxConcurrent is "many", but it must be a whole number of at least 1';
    try {
      await writeFile(path, good.replace(/maxConcurrent: .*/, 'maxConcurrent: many'));
      const calls = [
        ['worktree', 'list'],
        ['serve', '--detached'],
        ['sling', 'T-1'],
        ['merge', '--all'],
      ];
      const ends = await runAll(calls);
      expect(ends.map((end) => [end.code, end.stdout, end.stderr])).toEqual([
        [1, '', `Error [CONFIG_ERROR]: ${problem}\n`],
        [1, '', `Error [CONFIG_ERROR]: ${problem}\n`],
        [1, '', `Error [UNAVAILABLE]: the engine could not be started: ${problem}\n`],
        [1, '', `Error [UNAVAILABLE]: the engine could not be started: ${problem}\n`],
      ]);
      await writeFile(path, 'agents: [\n');
      expectRefused(
        await project.ov(['worktree', 'list']),
        /\.overstory\/config\.yaml is not valid YAML: .* line 2, column 1; correct that line/,
        'worktree list',
      );
    } finally {
      await writeFile(path, good);
    }
  });

  it.each(['sessions.db', 'mail.db', 'events.db', 'merge-queue.db', 'control-room.db', 'turn-locks.db'])(
    'names a broken %s and says what to do, and that helps',
    async (file) => {
      for (const suffix of ['', '-wal', '-shm']) await rm(state(`${file}${suffix}`), { force: true });
      await writeFile(state(file), 'no database at all, but a text of some length\n'.repeat(100));
      const calls = [
        ['status'],
        ['sling', 'T-1'],
        ['mail', 'send', '--to', 'operator', '--subject', 's', '--body', 'b'],
        ['mail', 'list', '--json'],
      ];
      const ends = await runAll(calls);
      const line = `${state(file)} is not a database: move the file away, a new one is made`;
      expect(ends.map((end) => [end.code, end.stdout, end.stderr])).toEqual([
        [1, '', `Error [UNAVAILABLE]: ${line}\n`],
        [1, '', `Error [UNAVAILABLE]: the engine could not be started: ${line}\n`],
        [1, '', `Error [UNAVAILABLE]: ${line}\n`],
        [1, `${JSON.stringify({ success: false, command: 'ov', error: line })}\n`, ''],
      ]);
      await rm(state(file));
      expect(await project.ov(['status'])).toEqual({ code: 0, stdout: 'No agents are active.\n', stderr: '' });
    },
  );

  it('refuses what cannot be done in one line that says why, for people and for programs', async () => {
    await project.startEngine();
    const long = 'a'.repeat(300);
    const nameRule =
      /: agent name must be letters, digits, dot, underscore and dash, starting with a letter or digit$/m;
    const refusals: readonly (readonly [readonly string[], RegExp])[] = [
      [['sling', 'T-1', '--name', '../x'], nameRule],
      [['sling', 'T-1', '--name', '-rf'], nameRule],
      [['sling', 'T-1', '--name', 'a\x1b[31mb'], nameRule],
      [['sling', 'T-1', '--name', 'a\nb'], nameRule],
      [['sling', 'T-1', '--name', long], /name: must have at most 64 characters$/m],
      [['sling', long], /taskId: must have at most 64 characters$/m],
      [['sling', '../x'], /taskId: task id must be letters, digits/],
      [['sling', '--', '-rf'], /taskId: task id must be letters, digits/],
      [['sling', 'T-1', '--name', 'a..b'], /must be usable in a branch name$/m],
      [['sling', 'T-1', '--depth', 'deep'], /depth: must be a number$/m],
      [['sling', 'T-1', '--capability', 'ninja'], /capability: must be one of scout, builder, /],
      [['sling', 'T-1', '--spec', 'nowhere.md'], /Spec file not found: nowhere\.md/],
      [['nudge', 'nobody'], /No active session of nobody: see "ov status" for the names$/m],
      [['stop', 'nobody'], /agent "nobody" not found: see "ov status" for the names$/m],
      [['retry', 'nobody'], /there is no agent nobody: see "ov status" for the names$/m],
      [['merge'], /say which: --branch <name> or --all$/m],
      [['merge', '--branch', 'nowhere'], /Branch nowhere not found; name a local branch$/m],
      [['merge', '--branch', '-rf'], /Branch -rf not found; name a local branch$/m],
      [['merge', '--all', '--into', 'nowhere'], /there is no such local branch to merge into$/m],
      [
        ['mail', 'send', '--to', '../x', '--subject', 's', '--body', 'b'],
        /to: address must be an agent name or @group$/m,
      ],
      [
        ['mail', 'send', '--to', '@nobody', '--subject', 's', '--body', 'b'],
        /Unknown group address "@nobody": use one of @all, /,
      ],
      [['mail', 'send', '--to', 'operator', '--subject', '', '--body', 'b'], /subject must not be empty$/m],
      [
        ['mail', 'send', '--to', 'operator', '--subject', long + long, '--body', 'b'],
        /subject: must have at most 300 characters$/m,
      ],
      [
        ['mail', 'send', '--to', 'operator', '--subject', 's', '--body', 'b', '--payload', '{'],
        /payload is not valid JSON: quote it/,
      ],
      [['mail', 'read', 'nothing'], /mail nothing was not found/],
      [['mail', 'list', '--limit', 'all'], /limit: must be a number$/m],
      [['pause', 'nobody'], /nobody/],
      [['resume', '--day'], /say by how much to raise the cap of today/],
      [['run', 'show', 'none'], /Run none not found: see "ov run list"$/m],
    ];
    const texts = await runAll(refusals.map(([call]) => call));
    const programs = refusals.filter((_refusal, index) => index % 3 === 0 && index !== 21);
    const json = await runAll(
      programs.map(([call]) => (call.includes('--') ? ['--json', ...call] : [...call, '--json'])),
    );
    for (const [index, [call, line]] of refusals.entries()) expectRefused(texts[index], line, call);
    for (const [index, [call, line]] of programs.entries()) expectRefusedAsJson(json[index], line, call);

    // None of them has left anything.
    expect((await project.git('branch', '--list', 'overstory/*')).trim()).toBe('');
    expect(await readdir(state('worktrees'))).toEqual([]);
    expect(await project.ov(['status', '--all'])).toEqual({ code: 0, stdout: 'No agents are active.\n', stderr: '' });
  });

  it('answers a program with one line of JSON, whether an engine runs or not', async () => {
    const calls = [
      ['status', '--json'],
      ['--json', 'mail', 'list'],
      ['mail', '--json', 'check'],
      ['agents', 'discover', '--json'],
      ['worktree', 'list', '--json'],
      ['mail', 'send', '--to', 'operator', '--subject', 's', '--body', 'b', '--json'],
    ];
    const commands = ['status', 'mail list', 'mail check', 'agents discover', 'worktree list', 'mail send'];
    for (const when of ['an engine', 'no engine']) {
      if (when === 'no engine') await project.killEngine();
      for (const [index, end] of (await runAll(calls)).entries()) {
        expect({ when, code: end.code, stderr: end.stderr }).toEqual({ when, code: 0, stderr: '' });
        expect(end.stdout).toMatch(/^[^\n]+\n$/);
        expect(JSON.parse(end.stdout)).toMatchObject({ success: true, command: commands[index] });
      }
    }
    expect((await project.ov(['status', '--quiet'])).stdout).toBe('');
  });

  it('delivers mail to a name nobody has, and says that nobody has it', async () => {
    const sent = await project.ov(['mail', 'send', '--to', 'buildr-1', '--subject', 'Hello', '--body', 'b']);
    expect(sent).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^Sent msg-\w+ to buildr-1\n$/),
      stderr: 'no agent is called buildr-1: the mail waits until one is slung\n',
    });
  });

  it('shows what agents write without obeying it: in pipes, in JSON and on a terminal', async () => {
    const hostile = '\x1b]0;title\x07\x1b[2J\u009b31mred\u202egnp.exe\r\n\x1b[Afaked line';
    const sessions = must(openSessions(state('sessions.db')));
    sessions.upsert(testSession('evil', { taskId: 'T-\x1b[31m9', state: 'between_turns' }));
    sessions.close();
    const mail = must(openMail(state('mail.db')));
    const { id } = must(
      mail.insert({
        from: 'evil\x1b[1m',
        to: 'operator',
        subject: `s${hostile}`,
        body: `b${hostile}`,
        payload: `"${'\u009b'}"`,
      }),
    );
    mail.close();

    const calls = [
      ['mail', 'list', '--to', 'operator'],
      ['mail', 'read', id],
      ['mail', 'list', '--json'],
      ['status'],
      ['agents', 'discover'],
      ['mail', 'read', '\x1b[31mnothing'],
    ];
    for (const [index, end] of (await runAll(calls)).entries()) {
      expectHarmless(`${end.stdout}${end.stderr}`, calls[index] ?? []);
      if (index === 2)
        expect(JSON.parse(end.stdout).messages).toContainEqual(expect.objectContaining({ body: `b${hostile}` }));
    }
    expect((await project.ov(calls[0] ?? [])).stdout).toContain(
      '    b␛]0;title␇␛[2J�31mred�gnp.exe\n    ␛[Afaked line\n',
    );

    for (const call of [['mail', 'list'], ['status'], ['mail', 'check', '--agent', 'operator', '--inject']]) {
      // The terminal itself makes line feeds into `\r\n`.
      const shown = (await onTerminal(call)).replaceAll('\r\n', '\n');
      expect(shown.length).toBeGreaterThan(20);
      expectHarmless(shown, [...call, 'on a terminal']);
    }
  });
});

/** No control character but the line feed, and no reversed writing. */
function expectHarmless(text: string, call: readonly string[]): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for.
  const found = text.match(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g) ?? [];
  expect({ call, found }).toEqual({ call, found: [] });
}

/** Runs `ov` on a real terminal and gives every byte it wrote to it. */
async function onTerminal(args: readonly string[]): Promise<string> {
  const { command, args: entry } = entryCommand('ov');
  const ended = Promise.withResolvers<void>();
  const chunks: Uint8Array[] = [];
  const env = Object.fromEntries(
    Object.entries(plainEnvironment()).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  startPty(
    { file: command, args: [...entry, ...args], cwd: project.root, env, size: { cols: 200, rows: 50 } },
    { onData: (bytes) => chunks.push(bytes.slice()), onExit: () => ended.resolve() },
    nodeScheduler,
  );
  await ended.promise;
  return Buffer.concat(chunks).toString('utf8');
}
