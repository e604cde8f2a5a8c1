import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processStartTime } from '../platform/processes.ts';
import { ensurePtyHost } from './client.ts';
import { signalAll } from './processSignals.ts';
import { eventually, readText, startTestHost, type TestHost, value } from './testHost.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

/** Longer than a busy machine keeps a willing process from ending; the most the host takes. */
const PATIENT_MS = 20_000;

const isGone = async (pid: number) => (await processStartTime(pid)) === null;

/** Starts a script and gives the pids it wrote into files, by name. */
async function tree(id: string, script: string, names: readonly string[]): Promise<Record<string, number>> {
  await host.open(id);
  const env = { PATH: process.env.PATH ?? '', DIR: join(host.root, id) };
  await host.run(id, ['sh', '-c', `mkdir -p "$DIR"; ${script}`], { env });
  const pids: Record<string, number> = {};
  for (const name of names) {
    const text = await eventually(
      () => readText(join(host.root, id, name)).catch(() => ''),
      (read) => read.endsWith('\n'),
    );
    pids[name] = Number(text);
  }
  return pids;
}

const terminate = async (id: string, graceMs: number) =>
  value(await host.client.call('terminals.terminate', { id, graceMs }));

describe('terminate', () => {
  it('ends the whole tree, with children in sessions of their own and without our markers', async () => {
    const script = [
      `setsid sh -c 'echo $$ >"$DIR/own-session"; sh -c "echo \\$\\$ >\\"\\$DIR/below\\"; exec sleep 600" & wait' &`,
      `env -i DIR="$DIR" setsid sh -c 'echo $$ >"$DIR/unmarked"; exec sleep 600' &`,
      `sh -c 'echo $$ >"$DIR/plain"; exec sleep 600' & wait`,
    ].join('\n');
    const pids = await tree('family', script, ['own-session', 'below', 'unmarked', 'plain']);
    const reply = await terminate('family', 5_000);
    expect(reply.survivors).toEqual([]);
    // A parent may end with its child before its own signal comes.
    expect(reply.signalled).toBeGreaterThanOrEqual(3);
    for (const [name, pid] of Object.entries(pids)) expect([name, await isGone(pid)]).toEqual([name, true]);
    expect((await host.row('family')).running).toBe(false);
  });

  it('finds a child that outlived its agent in another session', async () => {
    const script = `(setsid sh -c 'echo $$ >"$DIR/orphan"; exec sleep 600' &) ; sleep 600`;
    const pids = await tree('orphaned', script, ['orphan']);
    value(await host.client.call('terminals.signal', { id: 'orphaned', signal: 'SIGKILL', tree: false }));
    await host.ended('orphaned');
    const orphan = pids.orphan ?? 0;
    expect(await isGone(orphan)).toBe(false);
    expect((await terminate('orphaned', 5_000)).survivors).toEqual([]);
    expect(await isGone(orphan)).toBe(true);
  });

  it('kills what ignores the polite signal, and only after the grace', async () => {
    const pids = await tree('stubborn', `trap '' TERM; echo $$ >"$DIR/leader"; while :; do sleep 0.05; done`, [
      'leader',
    ]);
    const before = performance.now();
    expect((await terminate('stubborn', 300)).survivors).toEqual([]);
    expect(performance.now() - before).toBeGreaterThanOrEqual(300);
    expect(await isGone(pids.leader ?? 0)).toBe(true);
    expect((await host.row('stubborn')).exit).toMatchObject({ signal: 9 });
  });

  it('ends a stopped process', async () => {
    const pids = await tree('stopped', `echo $$ >"$DIR/leader"; kill -STOP $$; sleep 600`, ['leader']);
    await terminate('stopped', PATIENT_MS);
    expect(await isGone(pids.leader ?? 0)).toBe(true);
    expect((await host.row('stopped')).exit).toMatchObject({ signal: 15 });
  });

  it('leaves other terminals and the host alone', async () => {
    const kept = await tree('kept', `echo $$ >"$DIR/leader"; sleep 600`, ['leader']);
    await tree('ended', `echo $$ >"$DIR/leader"; sleep 600`, ['leader']);
    await terminate('ended', 5_000);
    expect(await isGone(kept.leader ?? 0)).toBe(false);
    expect((await host.row('kept')).running).toBe(true);
  });

  it('is quiet about a terminal that never ran anything', async () => {
    await host.open('never');
    expect(await terminate('never', 0)).toEqual({ signalled: 0, survivors: [] });
  });
});

describe('signal', () => {
  it('reaches the whole tree when asked', async () => {
    const script = `trap 'echo got >"$DIR/leader-got"' USR1; sh -c 'trap "echo got >\\"\\$DIR/child-got\\"" USR1; echo $$ >"$DIR/child"; while :; do sleep 0.02; done' & while :; do sleep 0.02; done`;
    await tree('signalled', script, ['child']);
    await host.client.call('terminals.signal', { id: 'signalled', signal: 'SIGUSR1', tree: true });
    for (const name of ['leader-got', 'child-got']) {
      await eventually(
        () => readText(join(host.root, 'signalled', name)).catch(() => ''),
        (text) => text === 'got\n',
      );
    }
  });

  it('ends an interactive shell that is closed', async () => {
    await host.client.call('terminals.open', {
      ...{ id: 'shell:1', kind: 'shell', agent: null, title: 'shell', cwd: host.root },
      size: { cols: 80, rows: 24 },
    });
    const env = { PATH: process.env.PATH ?? '', SHELL: '/bin/bash', HOME: host.root };
    await writeFile(join(host.root, '.bash_profile'), `trap 'echo > ~/down' EXIT; echo > ~/up\n`);
    const { pid } = value(
      await host.client.call('terminals.shell', { id: 'shell:1', argv: null, cwd: host.root, env }),
    );
    const exists = (name: string) =>
      access(join(host.root, name)).then(
        () => true,
        () => false,
      );
    await eventually(() => exists('up'), Boolean);
    value(await host.client.call('terminals.close', { id: 'shell:1', force: true }));
    expect(await isGone(pid)).toBe(true);
    // By itself, as when its terminal goes away: who is killed writes nothing any more.
    expect(await exists('down')).toBe(true);
  });
});

describe('terminate with an interrupt first', () => {
  const interrupt = async (id: string, interruptMs: number, graceMs = 5_000) =>
    value(await host.client.call('terminals.terminate', { id, graceMs, interruptMs }));

  it('lets the process end its own tools and exit as it wants', async () => {
    const script = `trap 'kill $tool; echo told >"$DIR/last-words"; exit 7' INT; setsid sleep 600 & tool=$!; echo $tool >"$DIR/tool"; wait $tool; wait $tool`;
    const pids = await tree('polite', script, ['tool']);
    expect(await interrupt('polite', PATIENT_MS)).toEqual({ signalled: 0, survivors: [] });
    expect(await readText(join(host.root, 'polite', 'last-words'))).toBe('told\n');
    expect((await host.row('polite')).exit).toMatchObject({ code: 7, signal: null });
    expect(await isGone(pids.tool ?? 0)).toBe(true);
  });

  it('ends a tool that left group and session and outlived the interrupted process', async () => {
    const script = `trap 'exit 0' INT; (setsid sh -c 'trap "" INT TERM; echo $$ >"$DIR/tool"; while :; do sleep 0.05; done' &); while :; do sleep 0.05; done`;
    const pids = await tree('careless', script, ['tool']);
    expect((await interrupt('careless', PATIENT_MS, 200)).survivors).toEqual([]);
    expect((await host.row('careless')).exit).toMatchObject({ code: 0 });
    expect(await isGone(pids.tool ?? 0)).toBe(true);
  });

  it('goes on to the harder signals when the interrupt is ignored', async () => {
    const pids = await tree('deaf', `trap '' INT TERM; echo $$ >"$DIR/leader"; while :; do sleep 0.05; done`, [
      'leader',
    ]);
    expect((await interrupt('deaf', 150, 150)).survivors).toEqual([]);
    expect(await isGone(pids.leader ?? 0)).toBe(true);
    expect((await host.row('deaf')).exit).toMatchObject({ signal: 9 });
  });

  it('signals nothing whose start time is another than that of the listed process', async () => {
    const kept = await tree('stranger', `echo $$ >"$DIR/leader"; sleep 600`, ['leader']);
    const row = { pid: kept.leader ?? 0, parent: 1, session: 1, startTime: '1' };
    expect(await signalAll([row], 'SIGKILL')).toBe(0);
    expect(await isGone(row.pid)).toBe(false);
    await terminate('stranger', 2_000);
  });
});

/** State letter of a process: `T` while a signal keeps it stopped; empty once it is gone. */
const stateOf = async (pid: number) => {
  const stat = await readText(`/proc/${pid}/stat`).catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
};

describe('freeze', () => {
  const TALKS = `sh -c 'echo $$ >"$DIR/child"; while :; do echo child; sleep 0.05; done' &
echo $$ >"$DIR/leader"; while :; do echo leader; sleep 0.05; done`;
  const all = (pids: Record<string, number>) => Promise.all(Object.values(pids).map(stateOf));
  /** The terminal's bytes once they are other than these. */
  const grown = (id: string, bytes: number) =>
    eventually(
      async () => (await host.row(id)).bytes,
      (now) => now > bytes,
    );

  it('stops all of a terminal while the call lasts, and lets it go on when it is cancelled', async () => {
    const pids = await tree('frozen', TALKS, ['child', 'leader']);
    await grown('frozen', 0);
    const abort = new AbortController();
    const call = host.client.call('terminals.freeze', { id: 'frozen', maxMs: 600_000 }, { signal: abort.signal });
    await eventually(
      () => all(pids),
      (states) => states.every((state) => state === 'T'),
    );
    expect((await host.row('frozen')).running).toBe(true);
    abort.abort();
    expect(await call).toMatchObject({ ok: false, error: { tag: 'cancelled' } });
    await eventually(
      () => all(pids),
      (states) => states.every((state) => state !== 'T' && state !== ''),
    );
    await grown('frozen', (await host.row('frozen')).bytes);
    expect((await terminate('frozen', PATIENT_MS)).survivors).toEqual([]);
  });

  it('lets it go on when the caller dies, and when the time is over', async () => {
    const pids = await tree('deserted', TALKS, ['child', 'leader']);
    const other = value(await ensurePtyHost({ projectRoot: host.root }));
    void other.client.call('terminals.freeze', { id: 'deserted', maxMs: 600_000 });
    await eventually(
      () => all(pids),
      (states) => states.every((state) => state === 'T'),
    );
    other.client.close();
    await eventually(
      () => all(pids),
      (states) => states.every((state) => state !== 'T' && state !== ''),
    );
    const stopped = value(await host.client.call('terminals.freeze', { id: 'deserted', maxMs: 1 }));
    expect(stopped.stopped).toBeGreaterThanOrEqual(2);
    await eventually(
      () => all(pids),
      (states) => states.every((state) => state !== 'T' && state !== ''),
    );
    expect((await terminate('deserted', PATIENT_MS)).survivors).toEqual([]);
    expect(await host.client.call('terminals.freeze', { id: 'deserted', maxMs: 1 })).toMatchObject({
      ok: false,
      error: { tag: 'invalidState', message: 'no process runs on this terminal' },
    });
  });

  it('what is stopped is ended like everything else', async () => {
    const pids = await tree('ended', TALKS, ['child', 'leader']);
    const frozen = host.client.call('terminals.freeze', { id: 'ended', maxMs: 600_000 }, { timeoutMs: 600_000 });
    await eventually(
      () => all(pids),
      (states) => states.every((state) => state === 'T'),
    );
    expect((await terminate('ended', PATIENT_MS)).survivors).toEqual([]);
    for (const pid of Object.values(pids)) expect(await isGone(pid)).toBe(true);
    void frozen;
  });
});
