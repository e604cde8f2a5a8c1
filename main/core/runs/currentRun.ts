import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { fileSafeTimestamp } from '../../platform/clock.ts';

/** Path of the file that names the current run (spec 01 §0.3). */
export function currentRunPath(overstoryDirectory: string): string {
  return join(overstoryDirectory, 'current-run.txt');
}

/** Id of a run that starts now: `run-<file-safe ISO>`. */
export function newRunId(now: number): string {
  return `run-${fileSafeTimestamp(now)}`;
}

/** Run id of `current-run.txt`, trimmed; null when the file is missing or blank. It is not checked against the table. */
export async function readCurrentRun(overstoryDirectory: string): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(currentRunPath(overstoryDirectory), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const id = text.trim();
  return id === '' ? null : id;
}

/** Makes a run the current one; no trailing newline, as the reference writes it. */
export async function writeCurrentRun(overstoryDirectory: string, runId: string): Promise<void> {
  await writeFileAtomic(currentRunPath(overstoryDirectory), runId);
}

/** Forgets the current run; harmless when there is none. */
export async function clearCurrentRun(overstoryDirectory: string): Promise<void> {
  await rm(currentRunPath(overstoryDirectory), { force: true });
}
