import { type FileHandle, open } from 'node:fs/promises';
import { isMissing } from '../util/files.ts';

/** One whole line with the byte it begins at. */
export interface FileLine {
  readonly offset: number;
  readonly text: string;
}

/** Bytes of one line that are shown; the rest of a longer one is left out. */
export const LINE_BYTES = 64 * 1024;
const NEWLINE = 10;

/** Runs work on a file; null when there is none. */
async function withFile<Value>(path: string, work: (file: FileHandle) => Promise<Value>): Promise<Value | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    // A log that was cleaned away meanwhile has no lines.
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** Bytes of a file up to its last line break: what comes after is still being written. */
export async function endOfLines(path: string): Promise<number> {
  const end = await withFile(path, async (file) => {
    const { size } = await file.stat();
    for (let to = size; to > 0; ) {
      const from = Math.max(0, to - LINE_BYTES);
      const bytes = await readRange(file, from, to);
      const at = bytes.lastIndexOf(NEWLINE);
      if (at >= 0) return from + at + 1;
      to = from;
    }
    return 0;
  });
  return end ?? 0;
}

/**
 * Whole lines before a byte, oldest first, of at most `maxBytes`. `start` is where the first of them begins, 0 at the
 * beginning of the file. A line longer than the part that is read is given by its end.
 */
export async function linesBefore(
  path: string,
  end: number,
  maxBytes: number,
): Promise<{ readonly lines: readonly FileLine[]; readonly start: number }> {
  const read = await withFile(path, async (file) => {
    const from = Math.max(0, end - maxBytes);
    const bytes = await readRange(file, from, end);
    if (from === 0) return { lines: splitLines(bytes, 0), start: 0 };
    const first = bytes.indexOf(NEWLINE);
    // No line begins in this part: of one very long line the end is shown, and what lies before it is passed over.
    if (first < 0) return { lines: [], start: from };
    if (first === bytes.length - 1) {
      const end = bytes.toString('utf8', Math.max(0, first - LINE_BYTES), first);
      return { lines: [{ offset: from, text: `…${end}` }], start: from };
    }
    const start = from + first + 1;
    return { lines: splitLines(bytes.subarray(first + 1), start), start };
  });
  return read ?? { lines: [], start: 0 };
}

/** Whole lines from a byte on, of at most `maxBytes`; `end` is where the next one begins. */
export async function linesAfter(
  path: string,
  start: number,
  maxBytes: number,
): Promise<{ readonly lines: readonly FileLine[]; readonly end: number }> {
  const read = await withFile(path, async (file) => {
    const { size } = await file.stat();
    // Shorter than before: another file by the same name.
    if (size < start) return { lines: [], end: size };
    const to = Math.min(size, start + maxBytes);
    const bytes = await readRange(file, start, to);
    const last = bytes.lastIndexOf(NEWLINE);
    if (last < 0) return { lines: [], end: to - start === maxBytes ? to : start };
    return { lines: splitLines(bytes.subarray(0, last + 1), start), end: start + last + 1 };
  });
  return read ?? { lines: [], end: start };
}

async function readRange(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const wanted = Math.max(0, to - from);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, from);
  return buffer.subarray(0, bytesRead);
}

/** Lines of bytes that begin at a line's start; a last one without its break counts. */
export function splitLines(bytes: Buffer, from: number): FileLine[] {
  const lines: FileLine[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(NEWLINE, at);
    const end = found < 0 ? bytes.length : found;
    if (end > at)
      lines.push({ offset: from + at, text: bytes.toString('utf8', at, Math.min(end, at + LINE_BYTES)).trimEnd() });
    at = end + 1;
  }
  return lines;
}
