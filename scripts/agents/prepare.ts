import { access, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runInherited, runOrThrow } from '../lib/run.ts';

interface PinnedAgent {
  /** Its command, and the name of its binary where it has one. */
  readonly command: string;
  readonly packageName: string;
  /** The version that its adapter was observed with. */
  readonly version: string;
  /** `native`: a binary of this system in a package of its own, behind a wrapper that outlives a kill (real-agents.md §7). */
  readonly kind: 'native' | 'script';
}

/** The CLIs of the suite. Those that are missing here are not in the registry, or talk to nobody but their own servers. */
export const PINNED_AGENTS: readonly PinnedAgent[] = [
  { command: 'claude', packageName: '@anthropic-ai/claude-code', version: '2.1.197', kind: 'native' },
  { command: 'codex', packageName: '@openai/codex', version: '0.169.0', kind: 'native' },
  { command: 'gemini', packageName: '@google/gemini-cli', version: '0.61.0', kind: 'script' },
  { command: 'copilot', packageName: '@github/copilot', version: '1.0.102', kind: 'native' },
  { command: 'opencode', packageName: 'opencode-ai', version: '1.18.33', kind: 'native' },
  { command: 'pi', packageName: '@mariozechner/pi-coding-agent', version: '0.73.1', kind: 'script' },
];

/** Where they are kept: outside the checkout, one folder for each version of each. */
export function agentsFolder(home: string = homedir()): string {
  return join(home, '.cache', 'overstory-control-room', 'agents');
}

/**
 * Installs the pinned agents into the cache unless they are there. Returns the folders for the front of the PATH, one for each;
 * a native binary is linked itself, because killing a wrapper leaves its binary running (real-agents.md §7).
 */
export async function prepareAgents(say: (line: string) => void): Promise<readonly string[]> {
  const folders: string[] = [];
  for (const agent of PINNED_AGENTS) {
    const commands = await prepareAgent(agent, say);
    const { stdout, stderr } = await runOrThrow(join(commands, agent.command), ['--version']);
    say(`${agent.command}: ${`${stdout}${stderr}`.trim().split('\n')[0]}`);
    folders.push(commands);
  }
  return folders;
}

async function prepareAgent(agent: PinnedAgent, say: (line: string) => void): Promise<string> {
  const folder = join(agentsFolder(), `${agent.command}-${agent.version}`);
  const commands = join(folder, 'commands');
  if (await isThere(join(commands, agent.command))) return commands;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), `${JSON.stringify({ private: true })}\n`);
  const wanted = `${agent.packageName}@${agent.version}`;
  say(`Installing ${wanted} into ${folder} …`);
  const install = ['install', '--save-exact', '--no-audit', '--no-fund', '--ignore-scripts', wanted];
  const code = await runInherited('npm', install, { cwd: folder });
  if (code !== 0) throw new Error(`npm install ended with ${code}; is the npm registry reachable?`);
  const modules = join(folder, 'node_modules');
  const program =
    agent.kind === 'native' ? await binaryBelow(modules, agent.command) : join(modules, '.bin', agent.command);
  // All at once: a folder that is there is complete.
  const draft = `${commands}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft);
  await symlink(program, join(draft, agent.command));
  await rename(draft, commands);
  return commands;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // Not installed yet, or half of it.
    return false;
  }
}

/** The binary in the package of this system: `claude-code-linux-x64/claude`, `codex-linux-x64/vendor/<target>/bin/codex`. */
async function binaryBelow(modules: string, name: string): Promise<string> {
  const entries = await readdir(modules, { recursive: true, withFileTypes: true });
  const system = new RegExp(`-${process.platform}-${process.arch}(?:/|$)`);
  const found = entries
    .filter((entry) => entry.isFile() && entry.name === name && system.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name));
  const [path] = found;
  if (path === undefined) throw new Error(`there is no ${name} for ${process.platform} ${process.arch} in ${modules}`);
  return path;
}
