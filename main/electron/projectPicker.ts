import { basename } from 'node:path';
import type { BrowserWindow, Dialog } from 'electron';
import { fail, ok, type Result } from '../../contract/result.ts';
import { resolveProjectRoot } from '../core/config/projectRoot.ts';
import { systemClock } from '../platform/clock.ts';
import { findGitRoot } from '../platform/gitRoot.ts';

/** A repository to open. */
export interface FoundProject {
  readonly root: string;
  /** False when overstory was never set up in it. */
  readonly initialised: boolean;
}

/**
 * The project that a path means: the one `ov` would find from there (spec 03 §5.4), else the git work tree around it. A
 * refusal says what is wrong in one line.
 */
export async function resolveProject(path: string): Promise<Result<FoundProject>> {
  const found = await resolveProjectRoot({ start: path });
  if (found.ok && found.value.initialised) return found;
  const root = await findGitRoot(path);
  if (root !== null) return ok({ root, initialised: false });
  return fail('config', `${path} is not in a git repository. Choose another folder, or run "git init" there first.`);
}

/**
 * Makes a found repository ready to open: one that is not set up is set up once the person agrees, as `ov init` does.
 * Null when they decline or it fails, which they are told.
 */
export async function readyProject(
  dialog: Pick<Dialog, 'showMessageBox'>,
  project: FoundProject,
): Promise<string | null> {
  if (project.initialised) return project.root;
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: `Set up overstory in ${basename(project.root)}?`,
    detail: `Adds a folder .overstory with its configuration to ${project.root} and commits it.`,
    buttons: ['Set up', 'Cancel'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  });
  if (response !== 0) return null;
  // Loaded for who needs it: most starts open what was set up long ago.
  const { initProject } = await import('../core/config/init.ts');
  const prepared = await initProject(project.root, { clock: systemClock });
  if (prepared.ok) return project.root;
  await dialog.showMessageBox({ type: 'warning', message: prepared.error.message });
  return null;
}

/** Lets a person choose a folder; null when they chose none. */
export async function pickProject(
  dialog: Pick<Dialog, 'showOpenDialog'>,
  window: BrowserWindow,
): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: 'Open a project',
    buttonLabel: 'Open',
    properties: ['openDirectory', 'createDirectory'],
  });
  const [path] = filePaths;
  return canceled ? null : (path ?? null);
}
