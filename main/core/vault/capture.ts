import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { LeftOut } from '../../../contract/vault.ts';
import type { Git } from '../git/git.ts';
import { gitLine } from '../merge/repositoryState.ts';
import { isMissing } from '../util/files.ts';
import { readDisk, type WantedFile } from './diskFiles.ts';
import type { GitFolders } from './gitFolders.ts';
import {
  type FlaggedEntry,
  type IndexFlags,
  type IntendedEntry,
  parseListedFlags,
  readIndexFlags,
} from './indexFlags.ts';
import { type OperationState, readOperation } from './operationState.ts';
import { type PathBytes, pathBytesOf, showPath } from './pathBytes.ts';
import type { UntrackedLimits } from './untrackedRules.ts';
import { type ConflictStage, parseWorktreeStatus, STATUS_ARGS, type StatusEntry } from './worktreeStatus.ts';

/** A difference from HEAD's tree: an entry, or `null` for a path that is gone. */
export interface TreeChange {
  readonly path: PathBytes;
  readonly entry: { readonly mode: string; readonly content: Buffer | { readonly oid: string } } | null;
}

/** Index facts a tree cannot say. */
export interface IndexExtras {
  readonly flagged: readonly FlaggedEntry[];
  /** Paths made known with `git add -N`. */
  readonly intended: readonly IntendedEntry[];
  readonly conflicts: readonly { readonly path: PathBytes; readonly stages: readonly ConflictStage[] }[];
}

/** The state of a worktree, read and not yet stored. */
export interface Capture {
  readonly head: string | null;
  readonly branch: string | null;
  readonly index: readonly TreeChange[];
  readonly work: readonly TreeChange[];
  readonly extras: IndexExtras;
  readonly operation: OperationState | null;
  readonly counts: { readonly staged: number; readonly changed: number; readonly untracked: number };
  readonly bytes: number;
  readonly leftOut: readonly LeftOut[];
  /** Equal for equal states of one worktree: HEAD, index, files, operation. */
  readonly key: string;
  /** True when there is nothing that HEAD does not hold already. */
  readonly clean: boolean;
}

/** What git says of a worktree, before any file is read. */
interface Look {
  readonly head: string | null;
  readonly branch: string | null;
  readonly entries: readonly StatusEntry[];
  readonly flagged: readonly FlaggedEntry[];
  /** Null when only the status has to say. */
  readonly intended: readonly IntendedEntry[] | null;
  readonly operation: OperationState | null;
}

/**
 * Reads the state of a worktree: one `git status`, then the changed files themselves. Index, HEAD and files are only
 * read. Content is taken as it is on disk, past every filter of git, so that it comes back byte for byte.
 */
export async function captureWorktree(
  git: Git,
  folders: GitFolders,
  limits: UntrackedLimits,
): Promise<Result<Capture>> {
  const looked = await look(git, folders);
  if (!looked.ok) return looked;
  const { head, branch, entries, flagged, operation } = looked.value;
  const index: TreeChange[] = [];
  const deleted: PathBytes[] = [];
  const wanted: WantedFile[] = [];
  const gitlinks: TreeChange[] = [];
  const leftOut: LeftOut[] = [];
  const intended: PathBytes[] = [];
  const conflicts: { path: PathBytes; stages: readonly ConflictStage[] }[] = [];
  const counts = { staged: 0, changed: 0, untracked: 0 };

  for (const entry of entries) {
    if (entry.kind === 'untracked') {
      counts.untracked += 1;
      wanted.push({ path: entry.path, tracked: false });
      continue;
    }
    const { path } = entry;
    if (entry.kind === 'conflict') {
      counts.staged += 1;
      conflicts.push({ path, stages: entry.stages });
      index.push({ path, entry: null });
      deleted.push(path);
      if (entry.submodule.startsWith('S')) leftOut.push({ path: showPath(path), why: 'submodule', bytes: null });
      else wanted.push({ path, tracked: true });
      continue;
    }
    const { staged, unstaged } = entry;
    const added = unstaged === 'A';
    if (staged !== '.') {
      counts.staged += 1;
      const kept = { mode: entry.indexMode, content: { oid: entry.indexOid } };
      index.push({ path, entry: staged === 'D' ? null : kept });
    }
    if (unstaged !== '.') counts.changed += 1;
    if (added) intended.push(path);
    if (entry.submodule.startsWith('S')) {
      const link = await submoduleCommit(git, folders.top, entry);
      gitlinks.push({ path, entry: link });
      if (/[CMU]/.test(entry.submodule.slice(1))) leftOut.push({ path: showPath(path), why: 'submodule', bytes: null });
      continue;
    }
    if (staged === 'D' || unstaged === 'D' || unstaged === 'T' || staged === 'T') deleted.push(path);
    // Taken out of the index and named again by `git add -N`, it is `DA`: the file is there all the same.
    if (unstaged !== 'D' && (staged !== 'D' || unstaged === 'A')) wanted.push({ path, tracked: true });
  }
  // Git does not look at these, so they are looked at here; one that is not on disk stays as HEAD has it.
  const known = new Set(wanted.map((file) => file.path));
  for (const { path } of flagged) if (!known.has(path)) wanted.push({ path, tracked: true, mayBeMissing: true });

  const read = await readDisk(git, folders.top, wanted, limits);
  if (!read.ok) return read;
  leftOut.push(...read.value.leftOut);
  const work: TreeChange[] = [
    ...deleted.map((path): TreeChange => ({ path, entry: null })),
    ...read.value.missing.map((path): TreeChange => ({ path, entry: null })),
    ...gitlinks,
    ...read.value.files.map(
      (file): TreeChange => ({ path: file.path, entry: { mode: file.mode, content: file.content } }),
    ),
  ];
  const modes = looked.value.intended === null ? await modesOf(git, folders, intended) : ok(looked.value.intended);
  if (!modes.ok) return modes;
  const extras: IndexExtras = { flagged, intended: modes.value, conflicts };
  return ok({
    head,
    branch,
    index,
    work,
    extras,
    operation,
    counts,
    bytes: read.value.files.reduce((sum, file) => sum + file.bytes, 0),
    leftOut,
    key: keyOf(looked.value, index, work, extras),
    clean: entries.length === 0 && operation === null && !flagged.some((entry) => entry.assumeUnchanged),
  });
}

async function look(git: Git, folders: GitFolders): Promise<Result<Look>> {
  // All at once: what is read here is read while git looks at the files.
  const [status, flags, operation] = await Promise.all([
    git(STATUS_ARGS, { cwd: folders.top, encoding: 'latin1' }),
    readFlags(folders),
    readOperation(folders.own),
  ]);
  if (status.code !== 0) return fail('worktree', `git cannot read ${folders.top}: ${gitLine(status.stderr)}`);
  let flagged = flags?.flagged ?? [];
  if (flags === null) {
    const listed = await git(['ls-files', '-v', '-z'], { cwd: folders.top, encoding: 'latin1' });
    if (listed.code !== 0) return fail('worktree', `git cannot read ${folders.top}: ${gitLine(listed.stderr)}`);
    flagged = parseListedFlags(listed.stdout);
  }
  return ok({ ...parseWorktreeStatus(status.stdout), flagged, intended: flags?.intended ?? null, operation });
}

async function readFlags(folders: GitFolders): Promise<IndexFlags | null> {
  try {
    return readIndexFlags(await readFile(join(folders.own, 'index')), folders.oidBytes);
  } catch (error) {
    // No index before the first "git add".
    if (isMissing(error)) return { flagged: [], intended: [] };
    throw error;
  }
}

/** Modes of entries made by `git add -N`, which git's status does not tell. */
async function modesOf(
  git: Git,
  folders: GitFolders,
  paths: readonly PathBytes[],
): Promise<Result<readonly IntendedEntry[]>> {
  if (paths.length === 0) return ok([]);
  const listed = await git(['ls-files', '--stage', '-z'], { cwd: folders.top, encoding: 'latin1' });
  if (listed.code !== 0) return fail('worktree', `git cannot read ${folders.top}: ${gitLine(listed.stderr)}`);
  const wanted = new Set(paths);
  return ok(
    listed.stdout.split('\0').flatMap((record) => {
      const path = record.slice(record.indexOf('\t') + 1);
      return wanted.has(path) ? [{ path, mode: record.slice(0, 6) }] : [];
    }),
  );
}

/** The commit a submodule stands at; null when its folder is gone. What else is in it belongs to its own repository. */
async function submoduleCommit(
  git: Git,
  top: string,
  entry: Extract<StatusEntry, { kind: 'tracked' }>,
): Promise<TreeChange['entry']> {
  if (entry.staged === 'D' || entry.unstaged === 'D') return null;
  if (entry.submodule[1] !== 'C') return { mode: entry.indexMode, content: { oid: entry.indexOid } };
  // A name that is no UTF-8 cannot be named here: then the index's own commit has to do, and the note says so.
  const head = await git(['-C', Buffer.from(entry.path, 'latin1').toString('utf8'), 'rev-parse', 'HEAD'], { cwd: top });
  const oid = head.code === 0 ? head.stdout.trim() : entry.indexOid;
  return { mode: '160000', content: { oid } };
}

function keyOf(looked: Look, index: readonly TreeChange[], work: readonly TreeChange[], extras: IndexExtras): string {
  const hash = createHash('sha256');
  const field = (text: string): unknown => hash.update(text, 'latin1').update('\0');
  field(looked.head ?? '');
  field(looked.branch ?? '');
  for (const changes of [index, work]) {
    field('tree');
    for (const { path, entry } of changes) {
      field(path);
      field(entry?.mode ?? '-');
      if (entry === null) continue;
      if (Buffer.isBuffer(entry.content)) hash.update(createHash('sha256').update(entry.content).digest());
      else field(entry.content.oid);
    }
  }
  field(pathBytesOf(JSON.stringify(extras)));
  for (const { path, content } of looked.operation?.files ?? []) {
    field(pathBytesOf(path));
    hash.update(createHash('sha256').update(content).digest());
  }
  return hash.digest('hex');
}
