import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** How a runtime keeps which folders a person trusts (design/real-agents.md §6, §7). */
interface TrustMemory {
  /** The file, by a variable that names its folder, or in the home folder. */
  readonly variable: string;
  readonly file: (folder: string | null, home: string) => string;
  readonly trusts: (text: string, projectRoot: string) => boolean;
  readonly asks: string;
}

const MEMORIES: Readonly<Record<string, TrustMemory>> = {
  claude: {
    variable: 'CLAUDE_CONFIG_DIR',
    file: (folder, home) => join(folder ?? home, '.claude.json'),
    trusts: claudeTrusts,
    asks: 'claude asks once whether this folder is trusted, when a person takes its terminal over',
  },
  codex: {
    variable: 'CODEX_HOME',
    file: (folder, home) => join(folder ?? join(home, '.codex'), 'config.toml'),
    trusts: codexTrusts,
    asks: 'codex asks once whether this folder is trusted, when a person takes its terminal over',
  },
};

/**
 * What a runtime will ask a person about trusting the project, in one line; null when it asks nothing or was told already.
 * Turns never ask, they run without a terminal: it is whoever takes an agent over who meets the question. Only looks.
 */
export async function trustQuestion(
  runtime: string,
  projectRoot: string,
  environment: Environment,
): Promise<string | null> {
  const memory = Object.hasOwn(MEMORIES, runtime) ? MEMORIES[runtime] : undefined;
  if (memory === undefined) return null;
  const own = environment[memory.variable] ?? '';
  const path = memory.file(own === '' ? null : own, environment.HOME ?? '');
  try {
    return memory.trusts(await readFile(path, 'utf8'), projectRoot) ? null : memory.asks;
  } catch {
    // No file, or none that can be read: the runtime knows of no trust either, and asks.
    return memory.asks;
  }
}

/** Trust of a folder covers what is below it, worktrees included. */
function claudeTrusts(text: string, projectRoot: string): boolean {
  const { projects } = JSON.parse(text) as { readonly projects?: Readonly<Record<string, unknown>> };
  return foldersAbove(projectRoot).some((folder) => {
    const known = projects !== undefined && Object.hasOwn(projects, folder) ? projects[folder] : null;
    return (known as { readonly hasTrustDialogAccepted?: unknown } | null)?.hasTrustDialogAccepted === true;
  });
}

function codexTrusts(text: string, projectRoot: string): boolean {
  for (const section of text.split(/^(?=\s*\[)/m)) {
    const name = /^\s*\[projects\.(?:"((?:[^"\\]|\\.)*)"|'([^']*)')\]/.exec(section);
    if (name === null || !/^\s*trust_level\s*=\s*["']trusted["']/m.test(section)) continue;
    const folder = name[2] ?? (name[1] ?? '').replaceAll(/\\(.)/g, '$1');
    if (folder === projectRoot) return true;
  }
  return false;
}

function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/') || '/');
}
