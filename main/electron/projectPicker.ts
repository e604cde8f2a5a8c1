import type { BrowserWindow, Dialog } from 'electron';
import { fail, ok, type Result } from '../../contract/result.ts';
import { resolveProjectRoot } from '../core/config/projectRoot.ts';
import { findGitRoot } from '../platform/gitRoot.ts';

/**
 * The project that a path means: the one `ov` would find from there (spec 03 §5.4), else the git work tree around it, which
 * opening then sets up. A refusal says what is wrong in one line.
 */
export async function resolveProject(path: string): Promise<Result<string>> {
  const found = await resolveProjectRoot({ start: path });
  if (found.ok && found.value.initialised) return ok(found.value.root);
  const root = await findGitRoot(path);
  if (root !== null) return ok(root);
  return fail('config', `${path} is not in a git repository. Choose another folder, or run "git init" there first.`);
}

/** Lets a person choose a repository; null when they chose none. */
export async function pickProject(
  dialog: Pick<Dialog, 'showOpenDialog' | 'showMessageBox'>,
  window: BrowserWindow,
): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: 'Open a project',
    buttonLabel: 'Open',
    properties: ['openDirectory', 'createDirectory'],
  });
  const [path] = filePaths;
  if (canceled || path === undefined) return null;
  const resolved = await resolveProject(path);
  if (resolved.ok) return resolved.value;
  await dialog.showMessageBox(window, {
    type: 'warning',
    message: 'This folder cannot be opened.',
    detail: resolved.error.message,
  });
  return null;
}
