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
import { type FlaggedEntry, parseListedFlags, readIndexFlags } from './indexFlags.ts';
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
  readonly intended: readonly PathBytes[];
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
    if (staged !== 'D' && unstaged !== 'D') wanted.push({ path, tracked: true });
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
  const extras: IndexExtras = { flagged, intended, conflicts };
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
  let flagged = flags;
  if (flagged === null) {
    const listed = await git(['ls-files', '-v', '-z'], { cwd: folders.top, encoding: 'latin1' });
    if (listed.code !== 0) return fail('worktree', `git cannot read ${folders.top}: ${gitLine(listed.stderr)}`);
    flagged = parseListedFlags(listed.stdout);
  }
  return ok({ ...parseWorktreeStatus(status.stdout), flagged, operation });
}

async function readFlags(folders: GitFolders): Promise<readonly FlaggedEntry[] | null> {
  try {
    return readIndexFlags(await readFile(join(folders.own, 'index')), folders.oidBytes);
  } catch (error) {
    // No index before the first "git add".
    if (isMissing(error)) return [];
    throw error;
  }
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
