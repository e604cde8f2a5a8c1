import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExitFile } from './protocol.ts';
import { readText, startTestHost, type TestHost, value } from './testHost.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

describe('a turn', () => {
  it('reads a large stdin from its file, appends stdout to its file, and shows stderr on the terminal only', async () => {
    await host.open('files');
    const input = Buffer.from('0123456789abcdef\n'.repeat(12_000));
    await writeFile(join(host.root, 'stdin'), input);
    const files = {
      stdinFile: join(host.root, 'stdin'),
      stdoutFile: join(host.root, 'deep/er/stdout.ndjson'),
      stderrFile: join(host.root, 'deep/er/stderr.log'),
    };
    await host.run('files', ['sh', '-c', 'cat; echo to the terminal >&2'], files);
    await host.ended('files');
    expect((await readFile(files.stdoutFile)).equals(input)).toBe(true);
    expect(await readText(files.stderrFile)).toBe('to the terminal\r\n');
    expect((await stat(files.stdoutFile)).mode & 0o777).toBe(0o600);
    await host.run('files', ['sh', '-c', 'echo second'], files);
    await host.ended('files');
    expect((await readText(files.stdoutFile)).endsWith('abcdef\nsecond\n')).toBe(true);
    expect((await host.attach('files')).reply.snapshot).toContain('to the terminal');
  });

  it('carries every byte value unchanged in both directions', async () => {
    await host.open('bytes');
    await writeFile(join(host.root, 'every'), every);
    const files = { stdinFile: join(host.root, 'every'), stdoutFile: join(host.root, 'every.out') };
    const viewer = await host.attach('bytes');
    await host.run('bytes', ['sh', '-c', 'stty raw -echo </dev/tty; cat; cat every >&2'], files);
    await host.ended('bytes');
    expect((await readFile(files.stdoutFile)).equals(every)).toBe(true);
    await viewer.until((received) => received.length >= every.length);
    expect(viewer.received().equals(every)).toBe(true);
  });

  it('goes on when it sends its stderr elsewhere, and may still use the terminal', async () => {
    await host.open('turned');
    const viewer = await host.attach('turned');
    const stdoutFile = join(host.root, 'turned.out');
    const script = 'exec 2>/dev/null; sleep 0.2; echo still here >/dev/tty; sleep 0.1; echo done';
    await host.run('turned', ['sh', '-c', script], { stdoutFile });
    expect((await host.ended('turned')).exit).toMatchObject({ code: 0 });
    expect(await readText(stdoutFile)).toBe('done\n');
    await viewer.until((received) => received.includes('still here\r\n'));
  });

  it('passes names and arguments with hostile characters as they are', async () => {
    await host.open('names');
    const hostile = `a b"$(touch pwned)'; touch pwned #\n\`touch pwned\` -n *\\é`;
    const folder = join(host.root, hostile);
    await mkdir(folder);
    await writeFile(join(folder, '$1'), 'from the file');
    const files = { stdinFile: join(folder, '$1'), stdoutFile: join(folder, '>&2'), cwd: folder };
    await host.run('names', ['sh', '-c', 'cat; printf "|%s" "$@"; pwd', 'sh', hostile, '', '$HOME', '--'], files);
    await host.ended('names');
    expect(await readText(files.stdoutFile)).toBe(`from the file|${hostile}||$HOME|--${folder}\n`);
    await expect(stat(join(folder, 'pwned'))).rejects.toThrow('ENOENT');
    await expect(stat(join(host.root, 'pwned'))).rejects.toThrow('ENOENT');
  });

  it('gives the process exactly the environment it was given, and the markers', async () => {
    await host.open('environment');
    const stdoutFile = join(host.root, 'environment.out');
    const env = { PATH: '/usr/bin:/bin', GIVEN: 'yes', OVERSTORY_TURN: 'inherited' };
    await host.run('environment', ['/usr/bin/env'], { stdoutFile, env, tag: 'turn 7' });
    await host.ended('environment');
    const names = (await readText(stdoutFile)).trim().split('\n').sort();
    expect(names.map((line) => line.split('=')[0])).toEqual([
      'GIVEN',
      'OVERSTORY_HOST',
      'OVERSTORY_TERMINAL',
      'OVERSTORY_TURN',
      'PATH',
      'PWD',
      'TERM',
    ]);
    expect(names).toContain('OVERSTORY_TURN=turn 7');
    expect(names).toContain('OVERSTORY_TERMINAL=environment');
  });

  it('writes exit.json before it tells of the end', async () => {
    await host.open('exit');
    const exitFile = join(host.root, 'exit.json');
    const read = () => readText(exitFile).then((text) => ExitFile.parse(JSON.parse(text)));
    const pid = await host.run('exit', ['sh', '-c', 'exit 7'], { exitFile });
    const row = await host.ended('exit');
    expect(await read()).toMatchObject({ pid, code: 7, signal: null, endedAt: row.exit?.endedAt });
    await host.run('exit', ['sh', '-c', 'kill -9 $$'], { exitFile });
    expect((await host.ended('exit')).exit).toMatchObject({ code: null, signal: 9 });
    expect(await read()).toMatchObject({ code: null, signal: 9 });
  });

  it.each([
    ['does not exist', 'no-such-command', 127, 'not found'],
    ['may not be executed', './plain', 126, 'ermission denied'],
  ])('ends with a clear result when its command %s', async (_name, command, code, line) => {
    const id = `command ${code}`;
    await host.open(id);
    await writeFile(join(host.root, 'plain'), 'text', { mode: 0o644 });
    await host.run(id, [command]);
    expect((await host.ended(id)).exit).toMatchObject({ code });
    expect((await host.attach(id)).reply.snapshot).toContain(line);
  });

  it('is refused with one line when folder or files cannot be used, and leaves the terminal free', async () => {
    await host.open('refused');
    const files = { stdinFile: null, stdoutFile: null, stderrFile: null, exitFile: null };
    const base = { id: 'refused', argv: ['true'], cwd: host.root, env: {}, tag: 't', ...files };
    const missing = join(host.root, 'missing');
    const tag = async (input: Partial<typeof base> | { stdinFile: string } | { stdoutFile: string }) => {
      const result = await host.client.call('terminals.run', { ...base, ...input });
      return result.ok ? 'started' : result.error.tag;
    };
    expect(await tag({ cwd: missing })).toBe('notFound');
    expect(await tag({ stdinFile: missing })).toBe('notFound');
    expect(await tag({ stdoutFile: host.root })).toBe('unavailable');
    expect(await tag({ argv: [] })).toBe('validation');
    expect(await tag({ argv: ['-c'] })).toBe('validation');
    expect(await tag({ argv: ['a\0b'] })).toBe('validation');
    expect(await tag({ id: 'nobody' })).toBe('notFound');
    expect(await tag({})).toBe('started');
    await host.ended('refused');
  });

  it('is the only process on its terminal', async () => {
    await host.open('single');
    await host.run('single', ['sleep', '60']);
    const files = { stdinFile: null, stdoutFile: null, stderrFile: null, exitFile: null };
    const second = await host.client.call('terminals.run', {
      ...{ id: 'single', argv: ['true'], cwd: host.root, env: {}, tag: 't' },
      ...files,
    });
    expect(second).toMatchObject({ ok: false, error: { tag: 'conflict' } });
    expect(value(await host.client.call('terminals.signal', { id: 'single', signal: 'SIGTERM', tree: false }))).toEqual(
      {
        signalled: 1,
      },
    );
    expect((await host.ended('single')).exit).toMatchObject({ signal: 15 });
  });

  it('is told to the topic each time it ends, however often', async () => {
    await host.open('quick');
    for (let round = 0; round < 9; round += 1) {
      const pid = await host.run('quick', ['sleep', '60']);
      await host.until('quick', (row) => row.pid === pid && row.running);
      const ended = host.until('quick', (row) => row.pid === pid && !row.running);
      process.kill(pid, 'SIGKILL');
      expect((await ended).exit).toMatchObject({ signal: 9 });
    }
  });

  it('leaves no descriptor behind in the host', async () => {
    await host.open('descriptors');
    const files = {
      stdoutFile: join(host.root, 'd.out'),
      stderrFile: join(host.root, 'd.err'),
      exitFile: join(host.root, 'd.json'),
    };
    const count = async () =>
      (await import('node:fs/promises')).readdir(`/proc/${host.info.pid}/fd`).then((fds) => fds.length);
    const once = async () => {
      const pid = await host.run('descriptors', ['true'], files);
      await host.until('descriptors', (row) => row.pid === pid && !row.running);
    };
    await once();
    const before = await count();
    for (let round = 0; round < 50; round += 1) await once();
    // An end is told before the last file of it is closed.
    await expect.poll(count).toBeLessThanOrEqual(before + 1);
  });
});
