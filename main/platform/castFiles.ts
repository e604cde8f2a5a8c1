import { createHash } from 'node:crypto';
import { join } from 'node:path';

/**
 * Where recordings lie and how their files are written. A terminal's recording is a row of segments, each an asciicast v2
 * file of its own (`.cast`, a header line, then `[seconds, "o" | "r" | "m", data]` lines), with an index beside it
 * (`.index`, lines `[seconds, byte offset]`, and `[seconds, byte offset, key offset, key length]` where the complete screen
 * at that place is kept in `.keys`). Only the cast is the truth: the index is made again from it when it is missing or torn.
 */
export interface CastHeader {
  readonly version: 2;
  readonly width: number;
  readonly height: number;
  /** Whole seconds since the epoch, as the format has it. */
  readonly timestamp: number;
  readonly title: string;
  readonly env: Readonly<Record<string, string>>;
  /** What players ignore. */
  readonly overstory: CastFacts;
}

export interface CastFacts {
  readonly terminal: string;
  readonly kind: 'agent' | 'shell';
  readonly agent: string | null;
  /** Milliseconds since the epoch that the times of the lines count from. */
  readonly startedAt: number;
  /** A terminal's life in one pty host; another host draws it anew. */
  readonly epoch: string;
  /** Counts the segments of an epoch from 0. */
  readonly part: number;
  /** `blank`: the terminal began here. `follows`: goes on where the part before ended. `gap`: output between the two is missing. */
  readonly starts: 'blank' | 'follows' | 'gap';
  /** Format of the screens in `.keys` (main/platform/screenState.ts). */
  readonly screens: string;
}

/** `r` is a resize (`80x24`), `m` a marker: starts and ends of turns and processes. */
export type CastKind = 'o' | 'r' | 'm';

/** Folder of all recordings of a project. */
export function recordingsFolder(projectRoot: string): string {
  return join(projectRoot, '.overstory', 'recordings');
}

/** Characters of a folder's name that every file system takes. */
const LONGEST_NAME = 120;

/** Name of the folder of a terminal: readable, safe on every system, and different for different terminals. */
export function terminalFolder(terminalId: string): string {
  const name = terminalId.replaceAll(/[^A-Za-z0-9._-]/g, (character) => {
    return character === ':' ? '~' : `%${(character.codePointAt(0) ?? 0).toString(16)}`;
  });
  if (name.length <= LONGEST_NAME && !/^\.*$/.test(name)) return name;
  const digest = createHash('sha256').update(terminalId).digest('hex').slice(0, 16);
  return `${name.slice(0, LONGEST_NAME).replaceAll('.', '_')}-${digest}`;
}

/** File name of a segment without its ending. Sorted by name, segments stand in the order in which they were recorded. */
export function segmentName(epochStartedAt: number, epoch: string, part: number): string {
  return `${String(epochStartedAt).padStart(14, '0')}-${epoch.slice(0, 8)}-${String(part).padStart(6, '0')}`;
}

/** First line of a segment. */
export function castHeaderLine(
  size: { readonly cols: number; readonly rows: number },
  title: string,
  facts: CastFacts,
): string {
  const header: CastHeader = {
    version: 2,
    width: size.cols,
    height: size.rows,
    timestamp: Math.floor(facts.startedAt / 1_000),
    title,
    env: { TERM: 'xterm-256color' },
    overstory: facts,
  };
  return `${JSON.stringify(header)}\n`;
}

/** Reads a first line; null when it is torn or of another program. */
export function parseCastHeader(line: string): CastHeader | null {
  try {
    const header = JSON.parse(line) as Partial<CastHeader> | null;
    const facts = header?.overstory;
    return header?.version === 2 &&
      typeof header.width === 'number' &&
      typeof header.height === 'number' &&
      typeof facts?.startedAt === 'number' &&
      typeof facts.terminal === 'string'
      ? (header as CastHeader)
      : null;
  } catch {
    // Torn by a crash within the first line: then the segment holds nothing.
    return null;
  }
}

/** Decimals of a second: events of one millisecond can be told apart. */
const DECIMALS = 6;

/** @param milliseconds since the segment's `startedAt`. */
export function castLine(milliseconds: number, kind: CastKind, data: string): string {
  return `[${secondsText(milliseconds)},"${kind}",${JSON.stringify(data)}]\n`;
}

export function secondsText(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(DECIMALS);
}

export interface CastEvent {
  /** Milliseconds since the segment's `startedAt`. */
  readonly time: number;
  readonly kind: CastKind;
  readonly data: string;
}

/** Reads a line after the first; null when it is torn, or an event of a kind of another program. */
export function parseCastLine(line: string): CastEvent | null {
  try {
    const value: unknown = JSON.parse(line);
    if (!Array.isArray(value)) return null;
    const [seconds, kind, data] = value as readonly unknown[];
    if (typeof seconds !== 'number' || typeof data !== 'string') return null;
    if (kind !== 'o' && kind !== 'r' && kind !== 'm') return null;
    return { time: seconds * 1_000, kind, data };
  } catch {
    // The last line of a recorder that was killed.
    return null;
  }
}

/** A place in a segment: the line at `offset` is the first one not before `time` as far as the index knows. */
export interface CastMark {
  /** Milliseconds since the segment's `startedAt`. */
  readonly time: number;
  /** Bytes of the cast before the place. */
  readonly offset: number;
  /** Where the screen at the place is kept; null when it is not. */
  readonly key: { readonly offset: number; readonly length: number } | null;
}

export function indexLine(mark: CastMark): string {
  const key = mark.key === null ? '' : `,${mark.key.offset},${mark.key.length}`;
  return `[${secondsText(mark.time)},${mark.offset}${key}]\n`;
}

/** Reads a line of an index; null when it is torn. */
export function parseIndexLine(line: string): CastMark | null {
  try {
    const value: unknown = JSON.parse(line);
    if (!Array.isArray(value) || !value.every((part): part is number => Number.isFinite(part))) return null;
    const [seconds, offset, keyOffset, keyLength] = value;
    if (seconds === undefined || offset === undefined) return null;
    const key = keyOffset === undefined || keyLength === undefined ? null : { offset: keyOffset, length: keyLength };
    return { time: seconds * 1_000, offset, key };
  } catch {
    // As in the cast itself: the line a killed recorder was in the middle of.
    return null;
  }
}
