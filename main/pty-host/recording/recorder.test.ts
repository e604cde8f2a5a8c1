import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type CastEvent,
  type CastHeader,
  parseCastHeader,
  parseCastLine,
  terminalFolder,
} from '../../platform/castFiles.ts';
import { HOST_LIMITS } from '../hostLimits.ts';
import { Recorder, type RecorderOptions } from './recorder.ts';

let folder: string;
let now = 1_000_000;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recorder-'));
  now = 1_000_000;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function make(extra: Partial<RecorderOptions> = {}): Recorder {
  return new Recorder({
    folder,
    terminal: { id: 'agent:a', kind: 'agent', agent: 'a', title: 'a' },
    epoch: '0123456789',
    size: { cols: 80, rows: 24 },
    now: () => now,
    isEnabled: () => true,
    capture: async () => Uint8Array.from([1, 2, 3]),
    parsed: () => 0,
    onSegment: () => {},
    onFault: () => {},
    ...extra,
  });
}

interface Read {
  readonly header: CastHeader | null;
  readonly events: readonly CastEvent[];
}

async function read(): Promise<readonly Read[]> {
  const path = join(folder, terminalFolder('agent:a'));
  const names = (await readdir(path)).filter((name) => name.endsWith('.cast')).sort();
  return Promise.all(
    names.map(async (name) => {
      const [first = '', ...lines] = (await readFile(join(path, name), 'utf8')).trimEnd().split('\n');
      return { header: parseCastHeader(first), events: lines.flatMap((line) => parseCastLine(line) ?? []) };
    }),
  );
}

it('keeps order and time, and makes what comes after a moment later than it', async () => {
  const recorder = make();
  recorder.resized({ cols: 100, rows: 30 });
  recorder.output(Buffer.from('one'));
  const moment = recorder.moment();
  recorder.output(Buffer.from('two'));
  now += 1_500;
  recorder.resized({ cols: 90, rows: 20 });
  await recorder.flush();
  const [segment] = await read();
  expect(moment).toBe(1_000_000);
  expect(segment?.header).toMatchObject({ width: 100, height: 30, timestamp: 1_000 });
  expect(segment?.events.map(({ kind, data }) => [kind, data])).toEqual([
    ['o', 'one'],
    ['o', 'two'],
    ['r', '90x20'],
  ]);
  const times = segment?.events.map((event) => event.time) ?? [];
  expect(times[0]).toBe(0);
  expect(times[1]).toBeGreaterThan(0);
  expect(times[1]).toBeLessThan(0.01);
  expect(times[2]).toBe(1_500);
});

it('leaves output out when the disk cannot keep up, never waits, and goes on behind a gap', async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const recorder = make({
    write: async (path, data) => {
      await held;
      await appendFile(path, data);
    },
  });
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  for (let sent = 0; sent < HOST_LIMITS.recording.queueBytes * 2; sent += chunk.length) recorder.output(chunk);
  release();
  await recorder.flush();
  recorder.output(Buffer.from('afterwards'));
  await recorder.flush();
  const segments = await read();
  expect(segments.at(-1)?.header?.overstory.starts).toBe('gap');
  expect(segments.at(-1)?.events.map((event) => event.data)).toEqual(['afterwards']);
  const kept = segments.flatMap((segment) => segment.events).reduce((sum, event) => sum + event.data.length, 0);
  expect(kept).toBeLessThanOrEqual(HOST_LIMITS.recording.queueBytes + 'afterwards'.length);
});

it('a disk that refuses costs what could not be written: later output goes into a file of its own', async () => {
  let full = true;
  const faults: unknown[] = [];
  const recorder = make({
    onFault: (error) => faults.push(error),
    write: async (path, data) => {
      if (full && path.endsWith('.cast')) throw new Error('ENOSPC');
      await appendFile(path, data);
    },
  });
  recorder.output(Buffer.from('lost'));
  await recorder.flush();
  recorder.output(Buffer.from('lost too'));
  await recorder.flush();
  expect(faults).toHaveLength(1);
  full = false;
  now += HOST_LIMITS.recording.retryMs;
  recorder.output(Buffer.from('kept'));
  await recorder.flush();
  expect(
    (await read()).map((segment) => [segment.header?.overstory.starts, ...segment.events.map((event) => event.data)]),
  ).toEqual([['gap', 'kept']]);
});

it('a clock that steps back begins another segment, so that time runs forwards within each', async () => {
  const recorder = make();
  recorder.output(Buffer.from('before'));
  now -= 3_600_000;
  recorder.output(Buffer.from('after'));
  await recorder.flush();
  const segments = await read();
  expect(segments.map((segment) => segment.header?.overstory.starts)).toEqual(['blank', 'follows']);
  expect(segments[1]?.header?.overstory.startedAt).toBe(now);
});
