import { appendFile, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingsFolder, terminalFolder } from '../../platform/castFiles.ts';
import { ensurePtyHost } from '../../pty-host/client.ts';
import type { HostScreen } from '../../pty-host/protocol.ts';
import { startTestHost, type TestHost, value } from '../../pty-host/testHost.ts';
import { screenAt } from './playedScreen.ts';
import { readEvents, readIndex, readTerminal, type TerminalRecording } from './segments.ts';

/** Writes everything a terminal can be asked for, in pieces cut anywhere, for `rounds` rounds; deterministic. */
const PAINTER = `
let seed = 7;
const random = (n) => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) % n; };
const parts = [
  () => 'word ' + random(1000), () => '\\r\\n', () => '\\x1b[' + [0, 1, 3, 4, 7, 31, 42][random(7)] + 'm',
  () => '\\x1b[38;2;' + random(256) + ';9;' + random(256) + 'm', () => '\\x1b[48;5;' + random(256) + 'm',
  () => ['日本語', '😀', 'e\\u0301', '👩‍💻'][random(4)], () => '\\x1b[' + random(30) + ';' + random(90) + 'H',
  () => ['\\x1b[K', '\\x1b[J', '\\x1b[2J', '\\x1b[L', '\\x1b[M', '\\x1b[2P'][random(6)],
  () => ['\\x1b[?1049h', '\\x1b[?1049l', '\\x1b7', '\\x1b8', '\\x1b[3;9r', '\\x1b[r', '\\x1b[?25l', '\\x1b[?25h'][random(8)],
  () => 'long line '.repeat(random(30)), () => '\\t',
];
const [rounds, size, pause] = process.argv.slice(1).map(Number);
let bytes = Buffer.alloc(0);
for (let round = 0; round < rounds; round += 1) {
  let text = '';
  while (text.length < size) text += parts[random(parts.length)]();
  bytes = Buffer.concat([bytes, Buffer.from(text), Buffer.from([0xff, 0xc3, 0x28][random(3)] === 0xff ? [0xff] : [])]);
  const cut = random(bytes.length);
  require('node:fs').writeSync(1, bytes.subarray(0, cut));
  bytes = bytes.subarray(cut);
  if (pause > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, random(pause));
}
require('node:fs').writeSync(1, bytes);
`;
const painter = (rounds: number, size: number, pause: number) =>
  [process.execPath, '-e', PAINTER, String(rounds), String(size), String(pause)] as const;

let host: TestHost;
beforeEach(async () => {
  host = await startTestHost();
});
afterEach(() => host.stop());

async function recording(id: string): Promise<TerminalRecording> {
  value(await host.client.call('recordings.flush', { id }));
  const found = await readTerminal(join(recordingsFolder(host.root), terminalFolder(id)));
  if (found === null) throw new Error(`nothing was recorded of ${id}`);
  return found;
}

/** Looks at a terminal's live screen again and again until its process ends. */
async function sample(id: string, pauseMs = 0): Promise<readonly HostScreen[]> {
  const samples: HostScreen[] = [];
  let running = true;
  void host.ended(id).then(() => {
    running = false;
  });
  while (running) {
    samples.push(value(await host.client.call('terminals.screen', { id })));
    await delay(Math.random() * pauseMs);
  }
  samples.push(value(await host.client.call('terminals.screen', { id })));
  return samples;
}

async function expectSame(id: string, samples: readonly HostScreen[], atMost: number): Promise<void> {
  const { segments } = await recording(id);
  const step = Math.max(1, samples.length / atMost);
  for (let index = 0; index < samples.length; index += step) {
    const live = samples[Math.floor(index)];
    if (live === undefined) break;
    const played = await screenAt(segments, live.at);
    expect(played).toMatchObject({ size: live.size, exact: true });
    expect(played?.snapshot).toBe(live.snapshot);
  }
}

describe('a recorded terminal', () => {
  it('played back at any moment is the screen that was there, colours, sizes and cut characters included', async () => {
    await host.open('agent:painter');
    await host.run('agent:painter', painter(120, 400, 12));
    const resizing = (async () => {
      for (const [cols, rows] of [
        [100, 30],
        [60, 20],
        [132, 43],
        [80, 24],
      ] as const) {
        value(await host.client.call('terminals.resize', { id: 'agent:painter', size: { cols, rows } }));
        await host.client.call('terminals.screen', { id: 'agent:painter' });
      }
    })();
    const samples = await sample('agent:painter');
    await resizing;
    expect(new Set(samples.map((one) => one.snapshot)).size).toBeGreaterThan(5);
    await expectSame('agent:painter', samples, 60);
  });

  it('is as exact behind kept screens and over several segments of a flood', async () => {
    await host.open('agent:flood');
    await host.run('agent:flood', painter(140, 64 * 1024, 0));
    const samples = await sample('agent:flood', 200);
    const { segments } = await recording('agent:flood');
    expect(segments.length).toBeGreaterThan(1);
    expect(segments.map((segment) => segment.header.overstory.starts)).toEqual([
      'blank',
      ...segments.slice(1).map(() => 'follows'),
    ]);
    const keys = (await Promise.all(segments.map(readIndex))).flat().filter((mark) => mark.key !== null);
    expect(keys.length).toBeGreaterThan(2);
    await expectSame('agent:flood', samples, 5);
    // What lies behind the first segment needs nothing of it.
    const last = samples.at(-1);
    const played = await screenAt(segments.slice(1), last?.at ?? 0);
    expect(played).toMatchObject({ exact: true, snapshot: last?.snapshot });
  }, 180_000);

  it('is as exact in a flood of lines, of which both sides parse only the end', async () => {
    await host.open('agent:lines');
    const line = "$(printf '\\033[32mgreen\\033[39m and \\033[1;38;5;9mmore\\033[22m of it, 日本')";
    await host.run('agent:lines', [
      'sh',
      '-c',
      `printf '\\033[44m'; seq 1 60000; yes "${line}" | head -c 12000000; seq 1 7`,
    ]);
    const samples = await sample('agent:lines', 60);
    const { segments } = await recording('agent:lines');
    expect(segments.length).toBeGreaterThan(1);
    const keys = await Promise.all(
      segments.map(async (one) => (await readIndex(one)).filter((mark) => mark.key !== null)),
    );
    // One where each segment begins, and none between.
    expect(keys.flat().length).toBeLessThan(segments.length);
    await expectSame('agent:lines', samples, 6);
  }, 180_000);

  it('is a valid asciicast of version 2, closed to others, with marks where processes begin and end', async () => {
    await host.open('agent:one');
    await host.run('agent:one', ['printf', 'hello']);
    await host.ended('agent:one');
    const { segments } = await recording('agent:one');
    const [segment] = segments;
    if (segment === undefined) throw new Error('no segment');
    expect(segment.header).toMatchObject({ version: 2, width: 80, height: 24, timestamp: expect.any(Number) });
    const events = [];
    for await (const event of readEvents(segment, 0)) events.push([event.kind, event.data]);
    expect(events).toEqual([
      ['m', 'started: turn of agent:one'],
      ['o', 'hello'],
      ['m', 'ended: turn of agent:one, exit 0'],
    ]);
    const folder = join(recordingsFolder(host.root), terminalFolder('agent:one'));
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });

  it('survives a torn last line, a torn index and no index at all', async () => {
    await host.open('agent:torn');
    // A saved cursor in every line: what only prints lines is cheap to play, and no screen would be kept.
    await host.run('agent:torn', ['sh', '-c', `yes "$(printf '\\033[32mgreen\\0337\\033[0m more')" | head -c 5000000`]);
    await host.ended('agent:torn');
    const live = value(await host.client.call('terminals.screen', { id: 'agent:torn' }));
    const [segment] = (await recording('agent:torn')).segments;
    const { base } = segment ?? { base: '' };
    await appendFile(`${base}.cast`, '[99999.5,"o","never fini');
    await appendFile(`${base}.index`, '[1.2');
    const torn = (await recording('agent:torn')).segments;
    expect(await screenAt(torn, live.at)).toMatchObject({ snapshot: live.snapshot });
    await truncate(`${base}.keys`, 10);
    expect(await screenAt(torn, live.at)).toMatchObject({ snapshot: live.snapshot, exact: true });
    await writeFile(`${base}.index`, '');
    expect(await screenAt(torn, live.at)).toMatchObject({ snapshot: live.snapshot, exact: true });
    const places = await Promise.all(torn.map(readIndex));
    expect(places.flat().length).toBeGreaterThan(20);
    for (const place of places.flat().slice(0, 5)) {
      const [first] = torn;
      if (first === undefined) throw new Error('no segment');
      for await (const event of readEvents(first, place.offset)) {
        expect(event.time).toBeCloseTo(place.time, 2);
        break;
      }
    }
  });

  it('goes on in another segment under another host, and keeps what the killed one recorded', async () => {
    await host.open('agent:twice');
    await host.run('agent:twice', ['printf', 'first life']);
    await host.ended('agent:twice');
    const before = value(await host.client.call('terminals.screen', { id: 'agent:twice' }));
    value(await host.client.call('recordings.flush', { id: null }));
    process.kill(host.info.pid, 'SIGKILL');
    const next = value(await ensurePtyHost({ projectRoot: host.root }));
    const { client } = next;
    const size = { cols: 70, rows: 20 };
    const cwd = host.root;
    value(
      await client.call('terminals.open', { id: 'agent:twice', kind: 'agent', agent: 'twice', title: 't', cwd, size }),
    );
    value(
      await client.call('terminals.feed', { id: 'agent:twice', source: 's', offset: 0, end: 1, data: 'second life' }),
    );
    const after = value(await client.call('terminals.screen', { id: 'agent:twice' }));
    value(await client.call('recordings.flush', { id: null }));
    const found = await readTerminal(join(recordingsFolder(host.root), terminalFolder('agent:twice')));
    const segments = found?.segments ?? [];
    expect(segments.map((segment) => segment.header.overstory.starts)).toEqual(['blank', 'blank']);
    expect(await screenAt(segments, before.at)).toMatchObject({ snapshot: before.snapshot, size: before.size });
    expect(await screenAt(segments, after.at)).toMatchObject({ snapshot: 'second life', size });
    await client.call('host.shutdown', { force: true });
    client.close();
  });

  it('is not recorded while recording is off, and says what is missing when it is on again', async () => {
    await host.open('agent:off');
    const settings = { maxAgeDays: 1, maxMegabytes: 100 };
    value(await host.client.call('recordings.configure', { ...settings, enabled: false }));
    await host.run('agent:off', ['printf', 'secret\\r\\n']);
    await host.ended('agent:off');
    await expect(recording('agent:off')).rejects.toThrow('nothing was recorded');
    value(await host.client.call('recordings.configure', { ...settings, enabled: true }));
    await host.run('agent:off', ['printf', 'shown']);
    await host.ended('agent:off');
    const { segments } = await recording('agent:off');
    expect(segments.map((segment) => segment.header.overstory.starts)).toEqual(['gap']);
    const live = value(await host.client.call('terminals.screen', { id: 'agent:off' }));
    expect(await screenAt(segments, live.at)).toMatchObject({ snapshot: live.snapshot, exact: true });
    expect(await screenAt(segments, 0)).toBeNull();
  });
});
