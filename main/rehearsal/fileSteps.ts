import { mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { fail, ok, type Result } from '../../contract/result.ts';
import { CONTINUE, renderAll, type StepContext, type StepOutcome, wrong } from './context.ts';
import type { Step } from './steps.ts';

type FileStep = Extract<Step, { readonly kind: 'read' | 'write' | 'append' | 'edit' }>;

/** Characters of a file shown as the result of reading it. */
const SHOWN_CHARACTERS = 64 * 1024;

/** Does a step on one file of the worktree. Each may be done again after a kill and leaves the same file. */
export async function performFileStep(step: FileStep, context: StepContext): Promise<StepOutcome> {
  const rendered = renderAll(context, {
    path: step.path,
    content: step.kind === 'write' || step.kind === 'append' ? step.content : null,
    find: step.kind === 'edit' ? step.find : null,
    replace: step.kind === 'edit' ? step.replace : null,
  });
  if (!rendered.ok) return wrong(rendered.error.message);
  const { content, find, replace } = rendered.value;
  const inside = pathInside(context.identity.worktree, rendered.value.path);
  if (!inside.ok) return wrong(inside.error.message);
  const path = inside.value;

  switch (step.kind) {
    case 'read':
      return tool(context, 'Read', { file_path: path }, async () =>
        (await readFile(path, 'utf8')).slice(0, SHOWN_CHARACTERS),
      );
    case 'write':
      return tool(context, 'Write', { file_path: path, content }, async () => {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, content ?? '');
        return `File written: ${path}`;
      });
    case 'append':
      return tool(context, 'Edit', { file_path: path, old_string: '', new_string: content }, async () => {
        const size = await sizeBefore(path, context);
        await mkdir(dirname(path), { recursive: true });
        // Undoes what a killed process had appended already.
        if (size > 0) await truncate(path, size);
        await writeFile(path, content ?? '', { flag: size > 0 ? 'a' : 'w' });
        return `File extended: ${path}`;
      });
    case 'edit':
      return tool(context, 'Edit', { file_path: path, old_string: find, new_string: replace }, async () => {
        const before = await readFile(path, 'utf8');
        const at = before.indexOf(find ?? '');
        if (at < 0) {
          // Done by the process that was killed before it could note it.
          if (replace !== null && replace !== '' && before.includes(replace)) return `Already edited: ${path}`;
          throw new Error(`the text to find is not in ${path}: correct "find", or the step before it`);
        }
        await writeFile(path, before.slice(0, at) + replace + before.slice(at + (find ?? '').length));
        return `File edited: ${path}`;
      });
  }
}

/** Size in bytes the file had when this step was first tried. */
async function sizeBefore(path: string, context: StepContext): Promise<number> {
  const intent = context.session().intent;
  if (intent?.step === context.stepKey && intent.size !== null) return intent.size;
  const size = await stat(path).then(
    (found) => found.size,
    // Appending to a file that does not exist makes it.
    () => 0,
  );
  await context.save({ intent: { step: context.stepKey, at: new Date().toISOString(), size } });
  return size;
}

async function tool(
  context: StepContext,
  name: string,
  input: Readonly<Record<string, unknown>>,
  work: () => Promise<string>,
): Promise<StepOutcome> {
  const callId = await context.output.toolUse(name, input);
  try {
    await context.output.toolResult(callId, await work(), false);
    return CONTINUE;
  } catch (error) {
    // Whatever the file system says belongs to the turn's result, where a person reads it.
    const message = error instanceof Error ? error.message : String(error);
    await context.output.toolResult(callId, message, true);
    return wrong(message);
  }
}

/** A path of a script made absolute; a script stays inside its worktree. */
function pathInside(worktree: string, path: string): Result<string> {
  const absolute = resolve(worktree, path);
  const inner = relative(worktree, absolute);
  if (inner !== '' && !inner.startsWith('..') && !isAbsolute(inner)) return ok(absolute);
  return fail('validation', `path "${path}" is outside the worktree: use a path relative to it`);
}
