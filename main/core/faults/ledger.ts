import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ScriptFolders } from './scriptedCli.ts';

const run = promisify(execFile);

export interface Losses {
  readonly commits: readonly string[];
  readonly files: readonly string[];
  readonly checkedCommits: number;
  readonly checkedFiles: number;
}

/**
 * Looks for what agents made, by what their own shells noted: each commit must be reachable from the agent's branch or its
 * snapshots, each file must be in the worktree as it was written, or in a snapshot or the branch.
 */
export async function findLosses(
  root: string,
  folders: ScriptFolders,
  worktreeOf: (agentName: string) => string,
): Promise<Losses> {
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', args, { cwd: root, maxBuffer: 64 * 1024 * 1024 })).stdout;
  const refsOf = (agent: string): string[] => [`refs/heads/overstory/${agent}`, `refs/overstory/vault/${agent}`];

  const commits: string[] = [];
  const made = [...new Set(await linesOf(folders.commits))].map((line) => line.split(' '));
  const reachable = new Map<string, Set<string>>();
  for (const [agent = '', commit = ''] of made) {
    let known = reachable.get(agent);
    if (known === undefined) {
      known = new Set((await git('rev-list', ...refsOf(agent).map((ref) => `--glob=${ref}`))).split('\n'));
      reachable.set(agent, known);
    }
    if (!known.has(commit)) commits.push(`${agent} ${commit}`);
  }

  const files: string[] = [];
  const written = [...new Set(await linesOf(folders.files))].map((line) => line.split('\t'));
  for (const [agent = '', file = ''] of written) {
    const content = `${agent} ${file}\n`;
    const now = await readFile(join(worktreeOf(agent), file), 'utf8').catch(() => null);
    if (now === content) continue;
    const refs = (await git('for-each-ref', '--format=%(refname)', ...refsOf(agent))).split('\n').filter(Boolean);
    let kept = false;
    for (const ref of refs) {
      // Most snapshots do not hold the file: that is the question.
      const text = await git('cat-file', 'blob', `${ref}:${file}`).catch(() => null);
      kept ||= text === content;
    }
    if (!kept) files.push(`${agent} ${file}`);
  }
  return { commits, files, checkedCommits: made.length, checkedFiles: written.length };
}

async function linesOf(path: string): Promise<readonly string[]> {
  // No agent of this room has written any.
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}
