import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { converseWithGit, type GitPipes } from '../git/gitStream.ts';
import { gitLine } from '../merge/repositoryState.ts';
import type { Capture, TreeChange } from './capture.ts';
import type { GitFolders } from './gitFolders.ts';
import { encodeExtras, hasNoExtras } from './indexExtras.ts';
import { pathBytesOf, quotePath } from './pathBytes.ts';

/** Objects up to which they are stored loose; more make one pack, which is ten times quicker to write. */
const UNPACK_LIMIT = 32;

/** Who has made a snapshot's commits: nobody's work is signed with it. */
const COMMITTER = 'Overstory Vault <vault@localhost>';

/** Parts of a snapshot beside index and files, in a commit the index commit descends from. */
export const EXTRAS_FILE = 'index-extras';
export const OPERATION_FOLDER = 'operation';

export interface SnapshotWriting {
  readonly ref: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly takenAt: number;
}

/**
 * Stores a captured state under a ref, by one `git fast-import` and without any index. The commits have the shape of
 * a stash entry, so that plain git can read them too: files (untracked ones included) over HEAD and over the index's
 * own commit; that one stands on HEAD, and on a third with whatever else there is: conflicts, flags, an unfinished
 * operation and the commits it names.
 * @returns the id of the commit.
 */
export async function writeSnapshot(
  git: Git,
  folders: GitFolders,
  capture: Capture,
  writing: SnapshotWriting,
): Promise<Result<string>> {
  const named = await knownCommits(git, folders.top, capture.operation?.named ?? []);
  const written = await converseWithGit(
    folders.top,
    [
      '-c',
      `fastimport.unpackLimit=${UNPACK_LIMIT}`,
      'fast-import',
      '--quiet',
      '--depth=0',
      '--done',
      '--date-format=raw',
    ],
    async (pipes) => {
      await compose(pipes, capture, writing, named);
      await pipes.send('get-mark :2\ndone\n');
      pipes.end();
      let answer = '';
      for await (const chunk of pipes.stdout) answer += String(chunk);
      return answer.trim();
    },
  );
  if (written.code === 0 && written.value !== null && written.value !== '') return ok(written.value);
  await removeCrashReports(folders);
  return fail('worktree', `a snapshot of ${folders.top} cannot be stored: ${gitLine(written.stderr)}`);
}

async function compose(
  { send }: GitPipes,
  capture: Capture,
  writing: SnapshotWriting,
  named: readonly string[],
): Promise<void> {
  const { head, extras, operation } = capture;
  const { ref } = writing;
  const when = `${COMMITTER} ${Math.floor(writing.takenAt / 1000)} +0000`;
  const begin = (mark: number, message: string): string =>
    `reset ${ref}\n\ncommit ${ref}\nmark :${mark}\ncommitter ${when}\ndata ${Buffer.byteLength(message)}\n${message}\n`;
  await send('feature done\n');
  const withExtras = !hasNoExtras(extras) || operation !== null;
  if (withExtras) {
    await send(begin(3, 'vault: index entries a tree cannot hold, unfinished operation\n'));
    for (const oid of named) await send(`merge ${oid}\n`);
    await file(send, '100644', EXTRAS_FILE, encodeExtras(extras));
    for (const { path, content } of operation?.files ?? []) {
      await file(send, '100644', `${OPERATION_FOLDER}/${pathBytesOf(path)}`, content);
    }
    // Only so that git keeps the blobs; what counts is in the extras.
    for (const { path, stages } of extras.conflicts) {
      for (const { stage, mode, oid } of stages)
        await send(`M ${mode} ${oid} ${quotePath(`conflict/${stage}/${path}`)}\n`);
    }
  }
  await send(begin(1, 'vault: index\n'));
  if (head !== null) await send(`from ${head}\n`);
  if (withExtras) await send('merge :3\n');
  await changes(send, capture.index);
  await send(begin(2, writing.message));
  if (head !== null) await send(`from ${head}\n`);
  await send('merge :1\n');
  await changes(send, capture.work);
}

type Send = GitPipes['send'];

/** Removals first: a folder may stand where a file was. */
async function changes(send: Send, list: readonly TreeChange[]): Promise<void> {
  for (const { path, entry } of list) if (entry === null) await send(`D ${quotePath(path)}\n`);
  for (const { path, entry } of list) {
    if (entry === null) continue;
    const { mode, content } = entry;
    if (Buffer.isBuffer(content)) await file(send, mode, path, content);
    else await send(`M ${mode} ${content.oid} ${quotePath(path)}\n`);
  }
}

async function file(send: Send, mode: string, path: string, content: Buffer): Promise<void> {
  await send(`M ${mode} inline ${quotePath(path)}\ndata ${content.length}\n`);
  if (content.length > 0) await send(content);
  await send('\n');
}

/** Those of the ids that are commits of this repository; the files of an operation name trees and blobs as well. */
async function knownCommits(git: Git, top: string, oids: readonly string[]): Promise<readonly string[]> {
  if (oids.length === 0) return [];
  const output = await git(['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
    cwd: top,
    input: oids.map((oid) => `${oid}\n`).join(''),
  });
  return output.stdout.split('\n').flatMap((line) => (line.endsWith(' commit') ? [line.slice(0, -7)] : []));
}

/** A failed import leaves a report in the repository, which nobody would look for. */
async function removeCrashReports(folders: GitFolders): Promise<void> {
  for (const folder of new Set([folders.own, folders.common])) {
    for (const name of await readdir(folder)) {
      if (/^fast_import_crash_\d+$/.test(name)) await rm(join(folder, name), { force: true });
    }
  }
}
