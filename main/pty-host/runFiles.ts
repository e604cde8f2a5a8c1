import { access, constants, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail, ok, type Result } from '../../contract/result.ts';
import { replaceFileAtomic } from '../platform/atomicFile.ts';
import type { ExitFile, RunOnTerminal } from './protocol.ts';

function reason(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Missing or unreadable: either way no process can start there.
    return false;
  }
}

/**
 * Looks at the folder a process is to start in, because the process itself could only say so on its terminal.
 */
export async function checkFolder(cwd: string): Promise<Result<void>> {
  if (await isFolder(cwd)) return ok(undefined);
  return fail('notFound', `the working folder ${cwd} does not exist; create the worktree again`, { field: 'cwd' });
}

/** Makes sure that the files of a run can be used, and creates what is written (folders too), files with mode 0600. */
export async function prepareRunFiles(run: RunOnTerminal): Promise<Result<void>> {
  const folder = await checkFolder(run.cwd);
  if (!folder.ok) return folder;
  if (run.stdinFile !== null) {
    try {
      await access(run.stdinFile, constants.R_OK);
    } catch (error) {
      return fail('notFound', `the input file ${run.stdinFile} cannot be read (${reason(error)})`, {
        field: 'stdinFile',
      });
    }
  }
  for (const [field, path] of Object.entries({ stdoutFile: run.stdoutFile, stderrFile: run.stderrFile })) {
    if (path === null) continue;
    try {
      await mkdir(dirname(path), { recursive: true });
      const file = await open(path, 'a', 0o600);
      await file.close();
    } catch (error) {
      return fail('unavailable', `the log file ${path} cannot be written (${reason(error)}); check disk and rights`, {
        field,
      });
    }
  }
  return ok(undefined);
}

/** Writes a run's end. Throws the file system's error, also when the run's folder is gone: it is not made anew. */
export async function writeExitFile(path: string, content: ExitFile): Promise<void> {
  await replaceFileAtomic(path, `${JSON.stringify(content)}\n`, 0o600);
}
