import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createGit, type Git } from '../git/git.ts';
import { type MergeJournal, newJournal } from './journal.ts';
import type { MergeSite } from './site.ts';

/** A real repository in a temporary folder, for the tests of merging. Every failing git call throws. */
export interface SampleRepository {
  readonly root: string;
  readonly overstory: string;
  readonly git: Git;
  readonly site: MergeSite;
  /** Runs git and gives its output; throws when git fails. */
  run(...args: string[]): Promise<string>;
  write(path: string, content: string | Uint8Array): Promise<void>;
  read(path: string): Promise<string>;
  /** Writes files (null deletes) and commits them, on the branch that is checked out. */
  commit(files: Readonly<Record<string, string | Uint8Array | null>>, message?: string): Promise<string>;
  /** Commits files on a new branch cut from where HEAD is, and comes back. */
  branch(name: string, files: Readonly<Record<string, string | Uint8Array | null>>): Promise<void>;
  hook(name: string, script: string): Promise<void>;
  journal(branch: string, target?: string): Promise<MergeJournal>;
  remove(): Promise<void>;
}

let journals = 0;

/** Makes one on branch `main` with one commit of the given files; `.overstory` is ignored as in a real project. */
export async function sampleRepository(
  files: Readonly<Record<string, string | Uint8Array>> = { 'README.md': 'sample\n' },
): Promise<SampleRepository> {
  const root = await mkdtemp(join(tmpdir(), 'ocr-merge-'));
  const overstory = join(root, '.overstory');
  const git = createGit(root);
  const run = async (...args: string[]): Promise<string> => {
    const output = await git(args);
    if (output.code !== 0) throw new Error(`git ${args.join(' ')}: ${output.stderr}${output.stdout}`);
    return output.stdout;
  };
  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  const commit: SampleRepository['commit'] = async (changes, message = 'change') => {
    for (const [path, content] of Object.entries(changes)) {
      if (content === null) await rm(join(root, path));
      else await write(path, content);
    }
    await run('add', '--all', '--', ...Object.keys(changes).map((path) => `:(literal)${path}`));
    await run('commit', '--quiet', '--allow-empty', '-m', message);
    return (await run('rev-parse', 'HEAD')).trim();
  };
  await mkdir(overstory, { recursive: true });
  await run('init', '--quiet', '-b', 'main');
  await run('config', 'user.name', 'Sample');
  await run('config', 'user.email', 'sample@example.invalid');
  await run('config', 'core.hooksPath', join(root, '.git', 'hooks'));
  await writeFile(join(overstory, '.gitignore'), '*\n');
  await commit(files, 'base');
  return {
    root,
    overstory,
    git,
    site: { git, root, overstory },
    run,
    write,
    read: (path) => readFile(join(root, path), 'utf8'),
    commit,
    async branch(name, changes) {
      const back = (await run('symbolic-ref', '--short', 'HEAD')).trim();
      await run('checkout', '--quiet', '-b', name);
      await commit(changes, `work of ${name}`);
      await run('checkout', '--quiet', back);
    },
    async hook(name, script) {
      const path = join(root, '.git', 'hooks', name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, `#!/bin/sh\n${script}\n`);
      await chmod(path, 0o755);
    },
    async journal(branch, target = 'main') {
      journals += 1;
      const commitOf = (await run('rev-parse', `refs/heads/${branch}`)).trim();
      return newJournal({ id: `t${journals}`, branch, target, commit: commitOf });
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
