import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import type { GuardFile } from '../runtimes/adapter.ts';
import { canonicalPath, errorLine, isInside, readTextIfPresent } from '../util/files.ts';
import { hideManagedFile, inWorktree } from '../worktrees/managedFiles.ts';

/**
 * Writes a runtime's own guard files into a worktree and keeps them out of the agent's commits (spec 01 §3.5). JSON settings
 * that the project has there keep their keys; ours are added.
 */
export async function writeRuntimeFiles(worktree: string, files: readonly GuardFile[]): Promise<Result<null>> {
  const root = await canonicalPath(worktree);
  for (const file of files) {
    const path = inWorktree(root, file.path);
    // A link inside the repository could lead the write out of the worktree.
    if (!isInside(await canonicalPath(path), root))
      return fail('agent', `${file.path} leads out of the worktree ${worktree}; remove that link`);
    try {
      const existing = await readTextIfPresent(path);
      await mkdir(dirname(path), { recursive: true });
      await writeFileAtomic(path, merged(existing, file));
    } catch (error) {
      return fail('agent', `${file.path} cannot be written (${errorLine(error)}); check space and permissions`);
    }
    const hidden = await hideManagedFile(root, file.path);
    if (!hidden.ok) return hidden;
  }
  return ok(null);
}

function merged(existing: string | null, file: GuardFile): string {
  if (existing === null || !file.path.endsWith('.json')) return file.content;
  try {
    const own: unknown = JSON.parse(existing);
    if (typeof own === 'object' && own !== null && !Array.isArray(own))
      return `${JSON.stringify({ ...own, ...JSON.parse(file.content) }, null, 2)}\n`;
  } catch {
    // Not JSON: nothing of it can be kept beside ours, and the project's copy stays in git.
  }
  return file.content;
}
