import type { PathBytes } from './pathBytes.ts';

/** An index entry that git is told not to look at on disk. */
export interface FlaggedEntry {
  readonly path: PathBytes;
  /** `git update-index --assume-unchanged`. */
  readonly assumeUnchanged: boolean;
  /** `git update-index --skip-worktree`. */
  readonly skipWorktree: boolean;
}

/** An entry made by `git add -N`: a name without content. */
export interface IntendedEntry {
  readonly path: PathBytes;
  readonly mode: string;
}

export interface IndexFlags {
  readonly flagged: readonly FlaggedEntry[];
  readonly intended: readonly IntendedEntry[];
}

/** Bytes of an entry before its mode. */
const BEFORE_MODE = 24;
/** Bytes of an entry's stat fields before its object id (gitformat-index). */
const STAT_BYTES = 40;
const ASSUME_VALID = 0x8000;
const EXTENDED = 0x4000;
const NAME_LENGTH = 0x0fff;
const SKIP_WORKTREE = 0x4000;
const INTENT_TO_ADD = 0x2000;

/**
 * Finds the entries with flags in a git index, so that no process has to list twenty thousand files for two of them.
 * @param oidBytes length of an object id: 20, or 32 in a SHA-256 repository.
 * @returns null for a form this does not read (version 4, split, sparse): ask `git ls-files -v` then.
 */
export function readIndexFlags(index: Buffer, oidBytes: number): IndexFlags | null {
  if (index.length < 12 + oidBytes || index.toString('latin1', 0, 4) !== 'DIRC') return null;
  const version = index.readUInt32BE(4);
  if (version !== 2 && version !== 3) return null;
  const end = index.length - oidBytes;
  const flagged: FlaggedEntry[] = [];
  const intended: IntendedEntry[] = [];
  let at = 12;
  for (let left = index.readUInt32BE(8); left > 0; left -= 1) {
    const flagsAt = at + STAT_BYTES + oidBytes;
    if (flagsAt + 2 > end) return null;
    const flags = index.readUInt16BE(flagsAt);
    const extended = (flags & EXTENDED) !== 0;
    const nameAt = flagsAt + (extended ? 4 : 2);
    const short = flags & NAME_LENGTH;
    const nameEnd = short < NAME_LENGTH ? nameAt + short : index.indexOf(0, nameAt);
    if (nameEnd < 0 || nameEnd >= end) return null;
    const assumeUnchanged = (flags & ASSUME_VALID) !== 0;
    const more = extended ? index.readUInt16BE(flagsAt + 2) : 0;
    const skipWorktree = (more & SKIP_WORKTREE) !== 0;
    if (assumeUnchanged || skipWorktree) {
      flagged.push({ path: index.toString('latin1', nameAt, nameEnd), assumeUnchanged, skipWorktree });
    }
    if ((more & INTENT_TO_ADD) !== 0) {
      const mode = index
        .readUInt32BE(at + BEFORE_MODE)
        .toString(8)
        .padStart(6, '0');
      intended.push({ path: index.toString('latin1', nameAt, nameEnd), mode });
    }
    // An entry is padded with one to eight NULs to a multiple of eight bytes.
    at += (nameEnd - at + 8) & ~7;
  }
  return hasForeignExtension(index, at, end) ? null : { flagged, intended };
}

/** A split or sparse index keeps entries elsewhere, or folders in place of files. */
function hasForeignExtension(index: Buffer, from: number, end: number): boolean {
  for (let at = from; at + 8 <= end; at += 8 + index.readUInt32BE(at + 4)) {
    const name = index.toString('latin1', at, at + 4);
    if (name === 'link' || name === 'sdir') return true;
  }
  return false;
}

/** Reads `git ls-files -v -z`: a small letter is assume-unchanged, S or s is skip-worktree. */
export function parseListedFlags(output: string): readonly FlaggedEntry[] {
  return output.split('\0').flatMap((line): FlaggedEntry[] => {
    const tag = line[0] ?? '';
    const skipWorktree = tag === 'S' || tag === 's';
    const assumeUnchanged = tag >= 'a' && tag <= 'z';
    return skipWorktree || assumeUnchanged ? [{ path: line.slice(2), assumeUnchanged, skipWorktree }] : [];
  });
}
