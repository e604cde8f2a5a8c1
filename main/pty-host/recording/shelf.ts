import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingSettings } from '../../../contract/recordings.ts';

/** A segment on the disk. */
export interface StoredSegment {
  /** Path without ending. */
  readonly base: string;
  /** Bytes of all its files. */
  readonly bytes: number;
  /** Milliseconds since the epoch at which it was written to last. */
  readonly writtenAt: number;
}

const DAY_MS = 86_400_000;
const MEGABYTE = 1_000_000;
const ENDINGS = ['cast', 'index', 'keys'] as const;

/** Which segments have to go: too old ones, then the oldest until the rest fits. Segments being written stay. Pure. */
export function segmentsToDrop(
  segments: readonly StoredSegment[],
  isOpen: (base: string) => boolean,
  settings: RecordingSettings,
  now: number,
): readonly StoredSegment[] {
  const oldestFirst = [...segments].sort(
    (one, other) => one.writtenAt - other.writtenAt || (one.base < other.base ? -1 : 1),
  );
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  return oldestFirst.filter((segment) => {
    if (isOpen(segment.base)) return false;
    const tooOld = now - segment.writtenAt > settings.maxAgeDays * DAY_MS;
    if (!tooOld && bytes <= settings.maxMegabytes * MEGABYTE) return false;
    bytes -= segment.bytes;
    return true;
  });
}

/** Every segment under the folder of a project's recordings. */
export async function readShelf(folder: string): Promise<readonly StoredSegment[]> {
  const segments: StoredSegment[] = [];
  for (const terminal of await entriesOf(folder)) {
    const names = new Set(await entriesOf(join(folder, terminal)));
    for (const name of names) {
      if (!name.endsWith('.cast')) continue;
      const base = join(folder, terminal, name.slice(0, -'.cast'.length));
      const files = await Promise.all(ENDINGS.map((ending) => sizeAndTime(`${base}.${ending}`)));
      segments.push({
        base,
        bytes: files.reduce((sum, file) => sum + file.bytes, 0),
        writtenAt: Math.max(...files.map((file) => file.at)),
      });
    }
  }
  return segments;
}

/** Removes a segment. The cast goes last, so that one cut off half-way is found again. */
export async function dropSegment(base: string): Promise<void> {
  for (const ending of [...ENDINGS].reverse()) await rm(`${base}.${ending}`, { force: true });
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    // No folder until the first recording, and a file among the folders is nobody's recording.
    return [];
  }
}

async function sizeAndTime(path: string): Promise<{ readonly bytes: number; readonly at: number }> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { bytes: size, at: mtimeMs };
  } catch {
    // Most segments have no keys, and short ones no index.
    return { bytes: 0, at: 0 };
  }
}
