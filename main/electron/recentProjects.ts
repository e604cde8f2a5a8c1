import { basename } from 'node:path';
import type { ProjectReference } from '../../contract/shell.ts';

/** Projects remembered; more than fit a menu help nobody. */
const REMEMBERED = 10;

/** Puts a project first in the list, once. */
export function rememberProject(recent: readonly string[], root: string): readonly string[] {
  return [root, ...recent.filter((other) => other !== root)].slice(0, REMEMBERED);
}

/** Reads a saved list; anything that is no text is left out. */
export function parseRecent(content: unknown): readonly string[] {
  if (!Array.isArray(content)) return [];
  return content.filter((root): root is string => typeof root === 'string' && root !== '').slice(0, REMEMBERED);
}

/** A project as the page shows it. */
export function projectReference(root: string): ProjectReference {
  return { root, name: basename(root) };
}
