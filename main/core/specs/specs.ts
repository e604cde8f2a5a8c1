import { join } from 'node:path';
import { TaskId } from '../../../contract/ids.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { STATE_FOLDER } from '../config/schema.ts';
import { errorLine, readTextIfPresent } from '../util/files.ts';

/** A task's spec as it lies on disk. */
export interface Spec {
  /** Absolute; null when no spec has been written. */
  readonly path: string | null;
  /** Without the line that names its author. */
  readonly body: string;
  readonly writtenBy: string | null;
}

const AUTHOR_LINE = /^<!-- written-by: (.+?) -->\n/;

/** Where the spec of a task lies: always in the project root, never in a worktree (spec 02 §3.14). */
export function specPath(root: string, taskId: string): Result<string> {
  if (taskId.trim() === '') return fail('validation', 'Task ID is required', { field: 'taskId' });
  const parsed = TaskId.safeParse(taskId);
  if (!parsed.success) {
    return fail('validation', parsed.error.issues[0]?.message ?? 'task id is not usable', { field: 'taskId' });
  }
  return ok(join(root, STATE_FOLDER, 'specs', `${taskId}.md`));
}

/**
 * Writes a task's spec, replacing an earlier one (spec 02 §3.14).
 * @param author agent that wrote it; becomes a comment in the first line.
 */
export async function writeSpec(
  root: string,
  taskId: string,
  body: string,
  author?: string,
): Promise<Result<{ readonly path: string }>> {
  const path = specPath(root, taskId);
  if (!path.ok) return path;
  if (body.trim() === '') return fail('validation', 'Spec body is required', { field: 'body' });
  try {
    await writeFileAtomic(path.value, formatSpec(body, author));
    return ok({ path: path.value });
  } catch (error) {
    return fail(
      'internal',
      `the spec of ${taskId} cannot be written (${errorLine(error)}); check space and permissions`,
    );
  }
}

/** Reads a task's spec; a missing one is an empty body with a null path. */
export async function readSpec(root: string, taskId: string): Promise<Result<Spec>> {
  const path = specPath(root, taskId);
  if (!path.ok) return path;
  try {
    const text = await readTextIfPresent(path.value);
    if (text === null) return ok({ path: null, body: '', writtenBy: null });
    const author = AUTHOR_LINE.exec(text);
    return ok({ path: path.value, body: text.slice(author?.[0].length ?? 0), writtenBy: author?.[1] ?? null });
  } catch (error) {
    return fail('internal', `the spec of ${taskId} cannot be read (${errorLine(error)}); check its permissions`);
  }
}

function formatSpec(body: string, author: string | undefined): string {
  // A name is one line and must not close the comment early.
  const name = (author ?? '').replace(/[\r\n]+|-->/g, ' ').trim();
  const head = name === '' ? '' : `<!-- written-by: ${name} -->\n`;
  return head + (body.endsWith('\n') ? body : `${body}\n`);
}
