import { type FileHandle, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CastEvent,
  type CastHeader,
  type CastMark,
  parseCastHeader,
  parseCastLine,
  parseIndexLine,
} from '../../platform/castFiles.ts';

/** One file of a recording, as found on the disk. */
export interface Segment {
  /** Path without ending. */
  readonly base: string;
  readonly header: CastHeader;
  /** Bytes of the first line. */
  readonly headerBytes: number;
  readonly bytes: number;
  /** Milliseconds since the epoch at which it was written to last. */
  readonly writtenAt: number;
}

/** All that is recorded of one terminal, oldest segment first. */
export interface TerminalRecording {
  readonly terminal: string;
  readonly segments: readonly Segment[];
}

/** An event and where the line after it begins. */
export interface PlacedEvent extends CastEvent {
  readonly end: number;
}

/** Bytes read at once. */
const READ_BYTES = 256 * 1024;
/** Bytes within which the first line ends. */
const HEADER_BYTES = 16 * 1024;
const LINE_FEED = 0x0a;

/** Every recording under a folder; segments without a readable first line hold nothing and are left out. */
export async function readRecordings(folder: string): Promise<readonly TerminalRecording[]> {
  const recordings = await Promise.all((await namesIn(folder)).map((name) => readTerminal(join(folder, name))));
  return recordings.flatMap((one) => one ?? []);
}

/** The recording in a terminal's folder; null when there is none. */
export async function readTerminal(folder: string): Promise<TerminalRecording | null> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith('.cast')).sort();
  const segments: Segment[] = [];
  for (const name of names) {
    const segment = await readSegment(join(folder, name.slice(0, -'.cast'.length)));
    if (segment !== null) segments.push(segment);
  }
  const terminal = segments[0]?.header.overstory.terminal;
  return terminal === undefined ? null : { terminal, segments };
}

async function readSegment(base: string): Promise<Segment | null> {
  try {
    const file = await open(`${base}.cast`, 'r');
    try {
      const { size, mtimeMs } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
      const end = buffer.subarray(0, bytesRead).indexOf(LINE_FEED);
      const header = end === -1 ? null : parseCastHeader(buffer.toString('utf8', 0, end));
      return header === null ? null : { base, header, headerBytes: end + 1, bytes: size, writtenAt: mtimeMs };
    } finally {
      await file.close();
    }
  } catch {
    // Dropped between listing and opening, because there was too much: the same as not there.
    return null;
  }
}

/**
 * The index of a segment, by place: what the index file says as far as it fits the cast, and for the rest of the cast, when
 * that is long, the places themselves, read once.
 */
export async function readIndex(segment: Segment): Promise<readonly CastMark[]> {
  const [text, keysBytes] = await Promise.all([
    readFile(`${segment.base}.index`, 'utf8').catch(() => ''),
    stat(`${segment.base}.keys`).then(
      (found) => found.size,
      () => 0,
    ),
  ]);
  const marks = text
    .split('\n')
    .flatMap((line) => (line === '' ? [] : (parseIndexLine(line) ?? [])))
    .filter((mark) => mark.offset >= segment.headerBytes && mark.offset <= segment.bytes)
    .map((mark) => (mark.key !== null && mark.key.offset + mark.key.length > keysBytes ? { ...mark, key: null } : mark))
    .sort((one, other) => one.offset - other.offset);
  const last = marks.at(-1)?.offset ?? segment.headerBytes;
  return segment.bytes - last > MISSING_BYTES ? [...marks, ...(await placesAfter(segment, last))] : marks;
}

/** Bytes at the end of a cast without a mark that tell that the index is not up to date; a recorder leaves at most a batch. */
const MISSING_BYTES = 1024 * 1024;
/** Bytes between two places found by reading. */
const PLACE_BYTES = 64 * 1024;

async function placesAfter(segment: Segment, start: number): Promise<readonly CastMark[]> {
  const places: CastMark[] = [];
  let last = start;
  let at = start;
  for await (const event of readEvents(segment, start)) {
    if (at - last >= PLACE_BYTES) {
      places.push({ time: event.time, offset: at, key: null });
      last = at;
    }
    at = event.end;
  }
  return places;
}

/** Events from a place on. A line without an end is what a killed recorder was in the middle of: it is not given. */
export async function* readEvents(segment: Segment, from: number): AsyncGenerator<PlacedEvent> {
  const file = await openOrNull(`${segment.base}.cast`);
  if (file === null) return;
  try {
    let rest: Buffer = Buffer.alloc(0);
    let at = Math.max(from, segment.headerBytes);
    for (let position = at; ; ) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      const chunk =
        rest.length === 0 ? buffer.subarray(0, bytesRead) : Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
        const event = parseCastLine(chunk.toString('utf8', start, end));
        at += end + 1 - start;
        start = end + 1;
        if (event !== null) yield { ...event, end: at };
      }
      rest = Buffer.from(chunk.subarray(start));
    }
  } finally {
    await file.close();
  }
}

/** Bytes of a kept screen, still packed. */
export async function readKey(segment: Segment, key: NonNullable<CastMark['key']>): Promise<Buffer | null> {
  const file = await openOrNull(`${segment.base}.keys`);
  if (file === null) return null;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(key.length), 0, key.length, key.offset);
    return bytesRead === key.length ? buffer : null;
  } finally {
    await file.close();
  }
}

async function openOrNull(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch {
    // Dropped meanwhile, because there was too much: the same as not there.
    return null;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    // Nothing was recorded yet.
    return [];
  }
}
