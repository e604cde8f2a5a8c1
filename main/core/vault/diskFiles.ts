import { lstat, readFile, readlink } from 'node:fs/promises';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { LeftOut } from '../../../contract/vault.ts';
import type { Git } from '../git/git.ts';
import { gitLine } from '../merge/repositoryState.ts';
import { isMissing } from '../util/files.ts';
import { type PathBytes, placeOf, quotePath, showPath } from './pathBytes.ts';
import { chooseUntracked, type UntrackedLimits } from './untrackedRules.ts';

/** A path whose content on disk belongs into the snapshot. */
export interface WantedFile {
  readonly path: PathBytes;
  readonly tracked: boolean;
  /** Its absence says nothing: git was told not to look at it. */
  readonly mayBeMissing?: boolean;
}

/** A file or link as it is on disk. */
export interface DiskFile {
  readonly path: PathBytes;
  /** Git's: `100644`, `100755` or `120000`. */
  readonly mode: string;
  readonly bytes: number;
  /** Its bytes, or the blob git has made of them. */
  readonly content: Buffer | { readonly oid: string };
}

export interface DiskReading {
  readonly files: readonly DiskFile[];
  /** Tracked paths that are not there. */
  readonly missing: readonly PathBytes[];
  readonly leftOut: readonly LeftOut[];
}

/** Bytes. Larger files are not held in memory: git reads them itself. */
const HELD_FILE_BYTES = 8 * 1024 * 1024;
/** Bytes of one snapshot held in memory at a time. */
const HELD_BYTES = 64 * 1024 * 1024;
/** File-system calls at a time. */
const WIDTH = 16;
/** Large files that may vanish or change under git's hands before the snapshot gives up. */
const LARGE_ATTEMPTS = 20;

type Found =
  | { readonly kind: 'file' | 'link'; readonly wanted: WantedFile; readonly mode: string; readonly bytes: number }
  | { readonly kind: 'missing'; readonly wanted: WantedFile }
  | { readonly kind: 'leftOut'; readonly wanted: WantedFile; readonly why: LeftOut['why'] };

/** Reads files as they are, past git's filters. One that vanishes meanwhile counts as gone: agents go on working. */
export async function readDisk(
  git: Git,
  top: string,
  wanted: readonly WantedFile[],
  limits: UntrackedLimits,
): Promise<Result<DiskReading>> {
  const found = await inParallel(wanted, (file) => find(top, file));
  const leftOut: LeftOut[] = [];
  const missing: PathBytes[] = [];
  const present: { path: PathBytes; bytes: number; mode: string; link: boolean; wanted: WantedFile }[] = [];
  const note = (file: WantedFile, why: LeftOut['why']): void => {
    leftOut.push({ path: showPath(file.path), why, bytes: null });
  };
  const gone = (file: WantedFile): void => {
    if (file.tracked && file.mayBeMissing !== true) missing.push(file.path);
  };
  for (const item of found) {
    const { wanted: file } = item;
    if (item.kind === 'missing') gone(file);
    else if (item.kind === 'leftOut') note(file, item.why);
    else
      present.push({ path: file.path, bytes: item.bytes, mode: item.mode, link: item.kind === 'link', wanted: file });
  }
  const untracked = chooseUntracked(
    present.filter((file) => !file.wanted.tracked),
    limits,
  );
  leftOut.push(...untracked.leftOut);
  const chosen = new Set(untracked.taken);
  const files: DiskFile[] = [];
  const large: { path: PathBytes; mode: string; bytes: number; wanted: WantedFile }[] = [];
  const small: typeof present = [];
  let held = 0;
  for (const file of present) {
    if (!file.wanted.tracked && !chosen.has(file)) continue;
    if (file.link || (file.bytes <= HELD_FILE_BYTES && held + file.bytes <= HELD_BYTES)) {
      held += file.bytes;
      small.push(file);
    } else large.push(file);
  }
  const contents = await inParallel(small, (file) => content(top, file.path, file.link));
  for (const [at, file] of small.entries()) {
    const bytes = contents[at] ?? 'missing';
    if (bytes === 'missing') gone(file.wanted);
    else if (bytes === 'unreadable') note(file.wanted, 'unreadable');
    else files.push({ path: file.path, mode: file.mode, bytes: bytes.length, content: bytes });
  }
  const stored = await storeLarge(git, top, large);
  if (!stored.ok) return stored;
  for (const file of stored.value.failed) {
    const again = await find(top, file.wanted);
    if (again.kind === 'missing') gone(file.wanted);
    else note(file.wanted, 'unreadable');
  }
  return ok({ files: [...files, ...stored.value.files], missing, leftOut });
}

async function find(top: string, wanted: WantedFile): Promise<Found> {
  try {
    const stats = await lstat(placeOf(top, wanted.path));
    if (stats.isSymbolicLink()) return { kind: 'link', wanted, mode: '120000', bytes: stats.size };
    if (stats.isFile()) {
      // Any right to execute counts, as the owner's does for git.
      return { kind: 'file', wanted, mode: (stats.mode & 0o100) === 0 ? '100644' : '100755', bytes: stats.size };
    }
    // Where git lists a folder, it is a repository of its own; where it knew a file, that file is gone.
    if (stats.isDirectory()) {
      return wanted.tracked ? { kind: 'missing', wanted } : { kind: 'leftOut', wanted, why: 'repository' };
    }
    return { kind: 'leftOut', wanted, why: 'special' };
  } catch (error) {
    if (isMissing(error)) return { kind: 'missing', wanted };
    return { kind: 'leftOut', wanted, why: 'unreadable' };
  }
}

async function content(top: string, path: PathBytes, link: boolean): Promise<Buffer | 'missing' | 'unreadable'> {
  const place = placeOf(top, path);
  try {
    return link ? await readlink(place, { encoding: 'buffer' }) : await readFile(place);
  } catch (error) {
    // Told to the person as left out; a disk that fails shows up the same way.
    return isMissing(error) ? 'missing' : 'unreadable';
  }
}

interface LargeFile {
  readonly path: PathBytes;
  readonly mode: string;
  readonly bytes: number;
  readonly wanted: WantedFile;
}

/** Lets git make blobs of large files, one process for all; one that cannot be read is stepped over. */
async function storeLarge(
  git: Git,
  top: string,
  large: readonly LargeFile[],
): Promise<Result<{ readonly files: readonly DiskFile[]; readonly failed: readonly LargeFile[] }>> {
  const files: DiskFile[] = [];
  const failed: LargeFile[] = [];
  let rest = large;
  while (rest.length > 0) {
    const input = rest.map((file) => `${quotePath(file.path)}\n`).join('');
    const output = await git(['hash-object', '-w', '--no-filters', '--stdin-paths'], { cwd: top, input });
    const oids = output.stdout.split('\n').filter((line) => line !== '');
    for (const [at, oid] of oids.entries()) {
      const file = rest[at];
      if (file !== undefined) files.push({ path: file.path, mode: file.mode, bytes: file.bytes, content: { oid } });
    }
    const culprit = rest[oids.length];
    if (culprit === undefined) break;
    failed.push(culprit);
    if (failed.length > LARGE_ATTEMPTS || output.code === 0) {
      return fail('worktree', `git cannot store the large files of ${top}: ${gitLine(output.stderr)}`);
    }
    rest = rest.slice(oids.length + 1);
  }
  return ok({ files, failed });
}

/** Does something for each item, a few at a time, and keeps their order. */
async function inParallel<Item, Value>(
  items: readonly Item[],
  work: (item: Item) => Promise<Value>,
): Promise<readonly Value[]> {
  const values = new Array<Value>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next;
      next += 1;
      const item = items[at];
      if (item !== undefined) values[at] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(WIDTH, items.length) }, worker));
  return values;
}
