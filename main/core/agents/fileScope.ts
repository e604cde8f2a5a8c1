import { join } from 'node:path';
import { readTextIfPresent } from '../util/files.ts';

const HEADING = '## File Scope (exclusive ownership)';
const NEXT = '## Expertise';

/** Files an instruction file gives its agent: each line that is a dash and one path in backticks (spec 02 §4.7). Pure. */
export function fileScopeIn(instructions: string): readonly string[] {
  const start = instructions.indexOf(HEADING);
  if (start < 0) return [];
  const end = instructions.indexOf(NEXT, start);
  const section = instructions.slice(start + HEADING.length, end < 0 ? undefined : end);
  if (section.includes('No file scope restrictions')) return [];
  return section.split(/\r?\n/).flatMap((line) => /^- `([^`]+)`$/.exec(line)?.slice(1) ?? []);
}

/** The file scope told in a worktree, by the first instruction file that is there; none where nothing can be read. */
export async function readFileScope(worktree: string, instructionPaths: readonly string[]): Promise<readonly string[]> {
  for (const path of instructionPaths) {
    try {
      const text = await readTextIfPresent(join(worktree, path));
      if (text !== null) return fileScopeIn(text);
    } catch {
      // A folder or a file without access in its place: for a list of agents that is no scope.
      return [];
    }
  }
  return [];
}
