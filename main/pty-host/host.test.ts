import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { entryCommand, entryPath } from '../platform/entries.ts';
import { isAlive, processStartTime } from '../platform/processes.ts';
import { ensurePtyHost, findPtyHost } from './client.ts';
import { hostPaths, writeHostFile } from './hostFiles.ts';
import { PTY_HOST_PROTOCOL } from './protocol.ts';
import { attachViewer, discardHost, eventually, readText, temporaryProject, value } from './testHost.ts';

const cleanups: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function project(): Promise<string> {
  const root = await temporaryProject();
  cleanups.push(async () => {
    const info = await findPtyHost(root);
    const ensured = info === null ? null : await ensurePtyHost({ projectRoot: root });
    if (ensured?.ok === true) await discardHost(root, ensured.value.info, ensured.value.client);
    await rm(root, { recursive: true, force: true });
  });
  return root;
}

function startEntry(root: string, extra: readonly string[] = []): ChildProcess {
  const { command, args } = entryCommand('pty-host');
  return spawn(command, [...args, '--project', root, ...extra], { stdio: ['ignore', 'ignore', 'pipe'] });
}

const open = { kind: 'agent', agent: 'a', title: 'a', size: { cols: 80, rows: 24 } } as const;

describe('the pty host', () => {
  it('keeps file, socket and folder closed to others', async () => {
    const root = await project();
    const { client, info } = value(await ensurePtyHost({ projectRoot: root }));
    const paths = hostPaths(root);
    expect((await stat(paths.runFolder)).mode & 0o777).toBe(0o700);
    expect((await stat(paths.file)).mode & 0o777).toBe(0o600);
    expect((await stat(info.socket)).mode & 0o777).toBe(0o600);
    expect(info.token).toMatch(/^[\w-]{43}$/);
    expect(value(await client.call('host.info', {}))).toMatchObject({ pid: info.pid, projectRoot: root, running: 0 });
    client.close();
  });

  it('refuses a client without its token', async () => {
    const root = await project();
    const { client, info } = value(await ensurePtyHost({ projectRoot: root }));
    const paths = hostPaths(root);
    await writeHostFile(paths, { ...info, token: 'guess' });
    const refused = await ensurePtyHost({ projectRoot: root });
    await writeHostFile(paths, info);
    expect(refused).toMatchObject({ ok: false, error: { tag: 'unavailable' } });
    expect(refused.ok ? '' : refused.error.message).toContain('not signed in');
    client.close();
  });

  it('is one per project, also when many are started at once; the others leave with 3 and one line', async () => {
    const root = await project();
    const children = Array.from({ length: 6 }, () => startEntry(root));
    const exits = await Promise.all(
      children.map(async (child) => {
        let text = '';
        child.stderr?.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        const winner = eventually(
          () => findPtyHost(root),
          (info) => info !== null,
        ).then(() => null);
        // The winner never exits; the losers do, before or after its file appears.
        const code = await Promise.race([
          once(child, 'exit').then(([left]) => left as number),
          winner.then(() => null),
        ]);
        return { child, code, text: () => text };
      }),
    );
    const { pid } = value(await ensurePtyHost({ projectRoot: root })).info;
    for (const { child, text } of exits) {
      if (child.pid === pid) continue;
      if (child.exitCode === null) await once(child, 'exit');
      expect(child.exitCode).toBe(3);
      expect(text()).toMatch(/^pty-host: a pty host already runs for this project \(process \d+\)\n$/);
    }
    expect(exits.filter(({ child }) => child.exitCode === null)).toHaveLength(1);
    expect((await readdir(hostPaths(root).runFolder)).filter((name) => name.includes('lock'))).toHaveLength(1);
  });

  it('is found by everybody who asks at once', async () => {
    const root = await project();
    const all = await Promise.all(Array.from({ length: 5 }, () => ensurePtyHost({ projectRoot: root })));
    const pids = new Set(all.map((connection) => value(connection).info.pid));
    expect(pids.size).toBe(1);
    for (const connection of all) value(connection).client.close();
  });

  it('takes over from one that was killed', async () => {
    const root = await project();
    for (let round = 0; round < 3; round += 1) {
      const { client, info } = value(await ensurePtyHost({ projectRoot: root }));
      const closed = new Promise((resolve) => client.onClose(resolve));
      process.kill(info.pid, 'SIGKILL');
      await closed;
      await eventually(
        () => processStartTime(info.pid),
        (time) => time === null,
      );
    }
    value(await ensurePtyHost({ projectRoot: root })).client.close();
  });

  it('works in a folder whose path is too long for a socket', async () => {
    const root = join(await project(), 'long'.repeat(20));
    await mkdir(root);
    const { client, info } = value(await ensurePtyHost({ projectRoot: root }));
    expect(info.socket.startsWith(root)).toBe(false);
    expect(Buffer.byteLength(info.socket)).toBeLessThanOrEqual(100);
    await discardHost(root, info, client);
  });

  it('leaves by itself when nobody needs it, and not while a process runs', async () => {
    const root = await project();
    const { client, info } = value(await ensurePtyHost({ projectRoot: root, extraArgs: ['--idle-exit-ms', '1000'] }));
    value(await client.call('terminals.open', { ...open, id: 'a', cwd: root }));
    const env = { PATH: process.env.PATH ?? '', DIR: root };
    const argv = ['sh', '-c', 'while [ ! -e "$DIR/go" ]; do sleep 0.05; done'];
    const files = { stdinFile: null, stdoutFile: null, stderrFile: null, exitFile: join(root, 'exit.json') };
    value(await client.call('terminals.run', { id: 'a', argv, cwd: root, env, ...files, tag: 't' }));
    client.close();
    process.kill(info.pid, 'SIGTERM');
    await eventually(
      () => readText(hostPaths(root).log).catch(() => ''),
      (log) => log.includes('SIGTERM refused'),
    );
    expect(isAlive(info.pid)).toBe(true);
    await writeFile(join(root, 'go'), '');
    await eventually(
      () => processStartTime(info.pid),
      (time) => time === null,
    );
    expect(JSON.parse(await readText(join(root, 'exit.json')))).toMatchObject({ code: 0 });
    await expect(stat(hostPaths(root).file)).rejects.toThrow('ENOENT');
    await expect(stat(info.socket)).rejects.toThrow('ENOENT');
  });

  it('leaves on SIGTERM when idle, ignores a hang-up, and asks before ending processes', async () => {
    const root = await project();
    const { client, info } = value(await ensurePtyHost({ projectRoot: root }));
    process.kill(info.pid, 'SIGHUP');
    process.kill(info.pid, 'SIGINT');
    value(await client.call('terminals.open', { ...open, id: 'a', cwd: root }));
    const env = { PATH: process.env.PATH ?? '' };
    const { pid } = value(await client.call('terminals.shell', { id: 'a', argv: ['sleep', '600'], cwd: root, env }));
    expect(await client.call('host.shutdown', { force: false })).toMatchObject({
      ok: false,
      error: { tag: 'conflict' },
    });
    value(await client.call('host.shutdown', { force: true }));
    expect(await processStartTime(pid)).toBeNull();
    await eventually(
      () => processStartTime(info.pid),
      (time) => time === null,
    );
    const second = value(await ensurePtyHost({ projectRoot: root }));
    process.kill(second.info.pid, 'SIGTERM');
    await eventually(
      () => processStartTime(second.info.pid),
      (time) => time === null,
    );
  });

  it('of another version is replaced when idle, and named when it still runs agents', async () => {
    const root = await project();
    const { client, info } = value(await ensurePtyHost({ projectRoot: root }));
    value(await client.call('terminals.open', { ...open, id: 'a', cwd: root }));
    const env = { PATH: process.env.PATH ?? '' };
    value(await client.call('terminals.shell', { id: 'a', argv: ['sleep', '600'], cwd: root, env }));
    const paths = hostPaths(root);
    await writeHostFile(paths, { ...info, protocol: PTY_HOST_PROTOCOL + 1, version: '9.9.9' });
    const refused = await ensurePtyHost({ projectRoot: root });
    expect(refused).toMatchObject({ ok: false, error: { tag: 'config' } });
    expect(refused.ok ? '' : refused.error.message).toContain('newer version (9.9.9');
    value(await client.call('terminals.terminate', { id: 'a', graceMs: 1_000 }));
    const replaced = value(await ensurePtyHost({ projectRoot: root }));
    expect(replaced.info.pid).not.toBe(info.pid);
    expect(replaced.info.protocol).toBe(PTY_HOST_PROTOCOL);
    replaced.client.close();
  });

  it('says what is wrong with its arguments', async () => {
    const { command, args } = entryCommand('pty-host');
    const child = spawn(command, [...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await once(child, 'close');
    expect(child.exitCode).toBe(2);
    expect(text).toBe('pty-host: say which project: --project <folder>\n');
  });
});

describe('a client that is killed', () => {
  it('leaves the process running and writing, and the next client sees everything', async () => {
    const root = await project();
    const script = join(root, 'engine.ts');
    const platform = join(entryPath('pty-host'), '..', 'client.ts');
    const argv = [
      'sh',
      '-c',
      'i=0; while [ ! -e go ]; do i=$((i+1)); echo out $i; echo err $i >&2; sleep 0.02; done; echo last >&2',
    ];
    const input = {
      ...{ id: 'agent:a', argv, cwd: root, env: { PATH: process.env.PATH ?? '' }, tag: 'turn 1', stdinFile: null },
      ...{ stdoutFile: join(root, 'out'), stderrFile: join(root, 'err'), exitFile: join(root, 'exit.json') },
    };
    await writeFile(
      script,
      `import { ensurePtyHost } from ${JSON.stringify(platform)};
       const { client } = (await ensurePtyHost({ projectRoot: ${JSON.stringify(root)} })).value;
       await client.call('terminals.open', ${JSON.stringify({ ...open, id: 'agent:a', cwd: root })});
       const run = await client.call('terminals.run', ${JSON.stringify(input)});
       process.stdout.write(String(run.value.pid) + '\\n');`,
    );
    const engine = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(engine.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    engine.kill('SIGKILL');
    await once(engine, 'exit');
    const size = (await stat(input.stdoutFile)).size;
    await eventually(
      () => stat(input.stdoutFile).then((file) => file.size),
      (now) => now > size + 20,
    );
    expect(isAlive(pid)).toBe(true);

    const { client } = value(await ensurePtyHost({ projectRoot: root }));
    const rows = value(await client.call('terminals.list', {})).terminals;
    expect(rows).toMatchObject([{ id: 'agent:a', running: true, pid, tag: 'turn 1', exit: null }]);
    const viewer = await attachViewer(client, 'agent:a');
    await writeFile(join(root, 'go'), '');
    await viewer.until((received) => received.includes('last'));
    await eventually(
      () => client.call('terminals.list', {}),
      (reply) => value(reply).terminals[0]?.running === false,
    );
    const lines = (await readText(input.stderrFile)).split('\r\n');
    expect(lines.slice(-3)).toEqual([`err ${lines.length - 2}`, 'last', '']);
    expect(viewer.reply.snapshot).toContain('err 1\r\n');
    const exit: unknown = JSON.parse((await readFile(input.exitFile)).toString());
    expect(exit).toMatchObject({ pid, code: 0, signal: null });
    client.close();
  });
});
