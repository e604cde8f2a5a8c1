import headless from '@xterm/headless';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../contract/limits.ts';
import { attachViewer, eventually, startTestHost, type TestHost, type TestViewer, value } from './testHost.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const RAW = 'stty raw -echo; printf ready; exec cat';

/** A terminal whose program gives back exactly what is typed. */
async function mirror(id: string): Promise<TestViewer> {
  await host.open(id);
  const viewer = await host.attach(id, { answers: false });
  await host.shell(id, ['sh', '-c', RAW]);
  await viewer.until((received) => received.includes('ready'));
  return viewer;
}

const type = async (id: string, data: string) => value(await host.client.call('terminals.write', { id, data }));

/** Text of screen and scrollback a viewer ends up with. */
async function textOf(viewer: TestViewer): Promise<string> {
  const { cols, rows } = viewer.reply.size;
  const terminal = new headless.Terminal({ cols, rows, scrollback: LIMITS.screenScrollback, allowProposedApi: true });
  terminal.write(viewer.reply.snapshot ?? '');
  await new Promise<void>((resolve) => terminal.write(viewer.received(), resolve));
  const lines: string[] = [];
  for (let index = 0; index < terminal.buffer.active.length; index += 1) {
    lines.push(terminal.buffer.active.getLine(index)?.translateToString(true) ?? '');
  }
  terminal.dispose();
  return lines.join('\n').trimEnd();
}

describe('attach', () => {
  it('gives snapshot and stream that together are the whole, 200 times in the middle of output', async () => {
    await mirror('race');
    const joining: Promise<TestViewer>[] = [];
    for (let round = 0; round < 200; round += 1) {
      void type('race', `${round}:line${'é'.repeat(round % 7)}\r\n`);
      joining.push(host.attach('race', { answers: false }));
    }
    await type('race', 'the end\r\n');
    const viewers = await Promise.all(joining);
    await Promise.all(
      viewers.map(async (viewer) => {
        if (!(viewer.reply.snapshot ?? '').includes('the end'))
          await viewer.until((bytes) => bytes.includes('the end'));
      }),
    );
    const lines = Array.from({ length: 200 }, (_, round) => `${round}:line${'é'.repeat(round % 7)}`);
    const expected = ['ready0:line', ...lines.slice(1), 'the end'].join('\n');
    for (const viewer of viewers) expect(await textOf(viewer)).toBe(expected);
    for (const viewer of viewers) viewer.close();
  });

  it('in the middle of a character or of an escape sequence shows both whole', async () => {
    // printf's octal: an ellipsis cut behind its second byte, then a colour cut behind its number.
    const script = "printf 'a\\342\\200'; read x; printf '\\246b\\033[3'; read x; printf '1mc'; read x";
    await host.open('cut');
    const first = await host.attach('cut', { answers: false });
    await host.shell('cut', ['sh', '-c', `stty -echo; ${script}`]);
    await first.until((received) => received.includes('a'));
    const inCharacter = await host.attach('cut', { answers: false });
    expect(inCharacter.reply.snapshot).toBe('a');
    await type('cut', '\n');
    await first.until((received) => received.includes('[3'));
    const inSequence = await host.attach('cut', { answers: false });
    await type('cut', '\n');
    for (const viewer of [first, inCharacter, inSequence]) {
      await viewer.until((received) => received.includes('c'));
      expect(await textOf(viewer)).toBe('a…bc');
      viewer.close();
    }
  });

  it('is as exact with a thousand lines of a flood, of which neither thread sees all', async () => {
    await host.open('flooded');
    const viewers = [await host.attach('flooded')];
    await host.shell('flooded', ['sh', '-c', 'seq -f "%08.0f \x1b[32m of a flood" 1 120000; printf "the end"']);
    for (let round = 0; round < 12; round += 1) viewers.push(await host.attach('flooded', { answers: false }));
    await host.ended('flooded');
    const last = await host.attach('flooded');
    const expected = await textOf(last);
    expect(expected.split('\n')).toHaveLength(LIMITS.screenScrollback + 24);
    expect(expected.endsWith(' of a flood\nthe end')).toBe(true);
    // The stream of a viewer that fell behind ends; every other one has all of it.
    for (const viewer of viewers)
      await Promise.race([viewer.until((bytes) => bytes.includes('the end')), viewer.ended]);
    const whole = viewers.filter((viewer) => viewer.received().includes('the end'));
    expect(whole.length).toBeGreaterThan(0);
    for (const viewer of whole) expect(await textOf(viewer)).toBe(expected);
    for (const viewer of [...viewers, last]) viewer.close();
  }, 180_000);

  it('resumes from an anchor with the missing bytes only', async () => {
    const first = await mirror('resume');
    await type('resume', 'one ');
    await first.until((bytes) => bytes.includes('one '));
    const anchor = { epoch: first.reply.anchor.epoch, offset: first.position() };
    first.close();
    const other = await host.attach('resume', { answers: false });
    await type('resume', 'two ');
    await other.until((bytes) => bytes.includes('two '));
    const second = await host.attach('resume', { anchor, answers: false });
    expect(second.reply.snapshot).toBeNull();
    expect(second.reply.anchor).toEqual(anchor);
    await type('resume', 'three');
    await second.until((bytes) => bytes.includes('three'));
    expect(second.received().toString()).toBe('two three');
  });

  it('gives the screen of now, whatever was drawn for others before', async () => {
    const first = await mirror('again');
    const textNow = async () => {
      const viewer = await host.attach('again', { answers: false });
      const text = await textOf(viewer);
      viewer.close();
      return text;
    };
    expect([await textNow(), await textNow()]).toEqual(['ready', 'ready']);
    await type('again', ' and more');
    await first.until((bytes) => bytes.includes('more'));
    expect([await textNow(), await textNow()]).toEqual(['ready and more', 'ready and more']);
    value(await host.client.call('terminals.resize', { id: 'again', size: { cols: 9, rows: 24 } }));
    // A terminal cuts the line its cursor is on.
    expect(await textNow()).toBe('ready and');
  });

  it('starts from a snapshot when the anchor is of another terminal, from the future, or too old', async () => {
    const viewer = await mirror('stale');
    const { epoch } = viewer.reply.anchor;
    const snapshotFor = async (anchor: { epoch: string; offset: number }) =>
      (await host.attach('stale', { anchor, answers: false })).reply.snapshot;
    expect(await snapshotFor({ epoch: 'another', offset: 0 })).toContain('ready');
    expect(await snapshotFor({ epoch, offset: 1_000_000 })).toContain('ready');
    expect(await snapshotFor({ epoch, offset: 0 })).toBeNull();
    await host.open('old');
    const before = await host.attach('old', { answers: false });
    await host.run('old', ['sh', '-c', `head -c ${LIMITS.ringBytes + 1_000} /dev/zero >&2`]);
    await host.ended('old');
    const reply = (await host.attach('old', { anchor: before.reply.anchor, answers: false })).reply;
    expect(reply.snapshot).not.toBeNull();
    expect(reply.anchor.offset).toBe(LIMITS.ringBytes + 1_000);
  });

  it('keeps alternate screen and modes in the snapshot', async () => {
    await mirror('modes');
    const waiting = host.attach('modes', { answers: false });
    await waiting;
    await type('modes', '\x1b[?1049h\x1b[?2004hfull screen');
    const snapshot = await eventually(
      async () => (await host.attach('modes', { answers: false })).reply.snapshot ?? '',
      (text) => text.includes('full screen'),
    );
    expect(snapshot).toContain('\x1b[?1049h');
    expect(snapshot).toContain('\x1b[?2004h');
  });

  it('ends the streams of a closed terminal with the reason', async () => {
    await mirror('closing');
    const viewer = await host.attach('closing');
    expect(await host.client.call('terminals.close', { id: 'closing', force: false })).toMatchObject({
      ok: false,
      error: { tag: 'invalidState' },
    });
    value(await host.client.call('terminals.close', { id: 'closing', force: true }));
    expect(await viewer.ended).toBe('closed');
    expect(await host.client.call('terminals.attach', { id: 'closing', size: null })).toMatchObject({
      ok: false,
      error: { tag: 'notFound' },
    });
  });
});

describe('order', () => {
  it('hands out all output before a resize and before the end', async () => {
    await host.open('order');
    const viewer = await host.attach('order', { answers: false });
    const script = 'trap "stty size; echo bye; exit 0" WINCH; echo ready; while :; do sleep 0.02; done';
    await host.shell('order', ['sh', '-c', script]);
    await viewer.until((bytes) => bytes.includes('ready'));
    value(await host.client.call('terminals.resize', { id: 'order', size: { cols: 100, rows: 40 } }));
    const row = await host.ended('order');
    expect(row.size).toEqual({ cols: 100, rows: 40 });
    const text = 'ready\r\n40 100\r\nbye\r\n';
    expect(row.bytes).toBe(text.length);
    await viewer.until((bytes) => bytes.length >= text.length);
    expect(viewer.received().toString()).toBe(text);
  });

  it('draws fed text in order with output, and each range once', async () => {
    const viewer = await mirror('feed');
    const feed = async (offset: number, end: number, data: string) =>
      value(await host.client.call('terminals.feed', { id: 'feed', source: 'turn', offset, end, data }));
    expect(await feed(0, 10, 'A')).toEqual({ accepted: true, end: 10 });
    await type('feed', 'x');
    await viewer.until((bytes) => bytes.includes('x'));
    expect(await feed(10, 20, 'B')).toEqual({ accepted: true, end: 20 });
    expect(await feed(0, 10, 'A')).toEqual({ accepted: false, end: 20 });
    expect(await feed(15, 30, 'C')).toEqual({ accepted: false, end: 20 });
    expect(await feed(20, 30, 'D')).toEqual({ accepted: true, end: 30 });
    await viewer.until((bytes) => bytes.includes('D'));
    expect(viewer.received().toString()).toBe('readyAxBD');
  });
});

describe('device queries', () => {
  /** Asks for the cursor position and prints the answer in a form no terminal reacts to. */
  const ASK = `stty raw -echo; printf '\\033[6n'; dd bs=1 count=6 2>/dev/null | tr '\\033' E; printf done`;

  it('are answered by the host while nobody watches who would', async () => {
    await host.open('unwatched');
    const viewer = await host.attach('unwatched', { answers: false });
    await host.shell('unwatched', ['sh', '-c', ASK]);
    await viewer.until((bytes) => bytes.includes('done'));
    expect(viewer.received().toString()).toContain('E[1;1Rdone');
  });

  it('are left to a viewer that watches, and a second answer is swallowed', async () => {
    await host.open('watched');
    const viewer = await host.attach('watched');
    await host.attach('watched');
    const twice = ASK.replace('count=6', 'count=7');
    await host.shell('watched', ['sh', '-c', twice]);
    await viewer.until((bytes) => bytes.includes('\x1b[6n'));
    await type('watched', '\x1b[9;9R');
    await type('watched', '\x1b[9;9R');
    await type('watched', '!');
    await viewer.until((bytes) => bytes.includes('done'));
    expect(viewer.received().toString()).toContain('E[9;9R!done');
  });

  it('in text of ours never become input of the process', async () => {
    await host.open('fed');
    const viewer = await host.attach('fed', { answers: false });
    await host.shell('fed', ['sh', '-c', 'stty raw -echo; printf ready; exec dd bs=1 count=1 2>/dev/null']);
    await viewer.until((bytes) => bytes.includes('ready'));
    value(await host.client.call('terminals.feed', { id: 'fed', source: 't', offset: 0, end: 1, data: '\x1b[6n' }));
    // A snapshot waits for the screen to have read the query, so an answer would be in front of the key.
    await host.attach('fed', { answers: false });
    await type('fed', 'k');
    await host.ended('fed');
    expect(viewer.received().toString()).toBe('ready\x1b[6nk');
  });
});

describe('input', () => {
  it('is refused for a terminal without a process', async () => {
    await host.open('silent');
    expect(await host.client.call('terminals.write', { id: 'silent', data: 'x' })).toMatchObject({
      ok: false,
      error: { tag: 'invalidState' },
    });
  });

  it('arrives whole when it is as large as allowed', async () => {
    const viewer = await mirror('paste');
    const paste = 'p'.repeat(LIMITS.terminalWriteBytes - 1).concat('!');
    await type('paste', paste);
    await viewer.until((bytes) => bytes.includes('!'));
    expect(viewer.received().toString()).toBe(`ready${paste}`);
  });

  it('cannot fill the host: a program that does not read is reported', async () => {
    await host.open('deaf');
    await host.shell('deaf', ['sh', '-c', 'stty raw -echo; exec sleep 60']);
    const block = 'x'.repeat(LIMITS.terminalWriteBytes);
    const results: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      const result = await host.client.call('terminals.write', { id: 'deaf', data: block });
      results.push(result.ok ? 'ok' : result.error.tag);
    }
    expect(results[0]).toBe('ok');
    expect(results.at(-1)).toBe('capacity');
  });
});

describe('viewers of several connections', () => {
  it('end with their connection and hold nothing', async () => {
    const { connectSocket } = await import('../platform/socketChannel.ts');
    const { connectClient } = await import('../../contract/wire/client.ts');
    const { nodeScheduler } = await import('../platform/scheduler.ts');
    const { ptyHostContract } = await import('./protocol.ts');
    const channel = value(await connectSocket(host.info.socket));
    const second = value(
      await connectClient({
        contract: ptyHostContract,
        channel,
        hello: { build: 'test', token: host.info.token },
        scheduler: nodeScheduler,
      }),
    );
    await host.open('gone');
    await attachViewer(second, 'gone', { acks: false });
    second.close();
    await host.run('gone', ['sh', '-c', 'head -c 8000000 /dev/zero >&2']);
    expect((await host.ended('gone')).bytes).toBe(8_000_000);
  });
});
