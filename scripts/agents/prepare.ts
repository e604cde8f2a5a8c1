import { access, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runInherited, runOrThrow } from '../lib/run.ts';

/** The versions that design and adapters were observed with. */
export const PINNED_AGENTS = { '@anthropic-ai/claude-code': '2.1.197', '@openai/codex': '0.169.0' } as const;

/** Where they are kept: outside the checkout, one folder for each pair of versions. */
export function agentsFolder(home: string = homedir()): string {
  return join(home, '.cache', 'overstory-control-room', `agents-${Object.values(PINNED_AGENTS).join('-')}`);
}

/**
 * Installs the pinned agents into the cache unless they are there and answer. Returns a folder for the front of the PATH in
 * which both commands are the native binaries: killing a wrapper leaves its binary running (real-agents.md §7).
 */
export async function prepareAgents(say: (line: string) => void): Promise<string> {
  const folder = agentsFolder();
  const commands = join(folder, 'commands');
  if (!(await answers(commands))) {
    await rm(commands, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), `${JSON.stringify({ private: true })}\n`);
    const packages = Object.entries(PINNED_AGENTS).map(([name, version]) => `${name}@${version}`);
    say(`Installing ${packages.join(' and ')} into ${folder} …`);
    const install = ['install', '--save-exact', '--no-audit', '--no-fund', '--ignore-scripts', ...packages];
    const code = await runInherited('npm', install, { cwd: folder });
    if (code !== 0) throw new Error(`npm install ended with ${code}; is the npm registry reachable?`);
    await link(folder, commands);
    if (!(await answers(commands)))
      throw new Error(`the agents in ${folder} do not answer --version; remove that folder`);
  }
  for (const command of ['claude', 'codex']) {
    const { stdout } = await runOrThrow(join(commands, command), ['--version']);
    say(`${command}: ${stdout.trim()}`);
  }
  return commands;
}

async function answers(commands: string): Promise<boolean> {
  try {
    for (const command of ['claude', 'codex']) await access(join(commands, command));
    return true;
  } catch {
    // Not installed yet, or half of it.
    return false;
  }
}

/** Links both native binaries under their commands' names, all at once: a folder that is there is complete. */
async function link(folder: string, commands: string): Promise<void> {
  const draft = `${commands}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft);
  await symlink(await binaryBelow(join(folder, 'node_modules', '@anthropic-ai'), 'claude'), join(draft, 'claude'));
  await symlink(await binaryBelow(join(folder, 'node_modules', '@openai'), 'codex'), join(draft, 'codex'));
  await rename(draft, commands);
}

/** The binary in the package of this system: `claude-code-linux-x64/claude`, `codex-linux-x64/vendor/<target>/bin/codex`. */
async function binaryBelow(scope: string, name: string): Promise<string> {
  const entries = await readdir(scope, { recursive: true, withFileTypes: true });
  const system = `-${process.platform}-${process.arch}`;
  const found = entries
    .filter((entry) => entry.isFile() && entry.name === name && entry.parentPath.includes(system))
    .map((entry) => join(entry.parentPath, entry.name));
  const [path] = found;
  if (path === undefined) throw new Error(`there is no ${name} for ${process.platform} ${process.arch} in ${scope}`);
  return path;
}
