import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Git } from '../git/git.ts';
import { readTextIfPresent } from '../util/files.ts';
import { projectNameOf, type QualityGate } from './schema.ts';

/** Runtimes looked for on the machine, in this order (spec 03 §5.5; codex is ours). */
export const RUNTIME_COMMANDS: ReadonlyArray<{ readonly runtime: string; readonly command: string }> = [
  { runtime: 'claude', command: 'claude' },
  { runtime: 'codex', command: 'codex' },
  { runtime: 'copilot', command: 'copilot' },
  { runtime: 'gemini', command: 'gemini' },
  { runtime: 'opencode', command: 'opencode' },
  { runtime: 'sapling', command: 'sp' },
  { runtime: 'pi', command: 'pi' },
];

/** The runtime that works without any agent installed. */
export const FALLBACK_RUNTIME = 'rehearsal';

/** First supported runtime whose command is on the PATH, else the rehearsal. */
export async function detectRuntime(pathVariable: string, supported: readonly string[]): Promise<string> {
  for (const { runtime, command } of RUNTIME_COMMANDS) {
    if (supported.includes(runtime) && (await findCommand(command, pathVariable)) !== null) return runtime;
  }
  return FALLBACK_RUNTIME;
}

/** Absolute path of a command on a PATH, or null. */
export async function findCommand(command: string, pathVariable: string): Promise<string | null> {
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  for (const folder of pathVariable.split(delimiter)) {
    if (folder === '') continue;
    for (const suffix of suffixes) {
      const path = join(folder, command + suffix);
      try {
        await access(path, constants.X_OK);
        return path;
      } catch {
        // Not in this folder: the next one decides.
      }
    }
  }
  return null;
}

/** Branch that finished work goes to: origin's default, else the current one, else main. Slashes are kept (spec 03 §5.5 defect). */
export async function detectCanonicalBranch(git: Git): Promise<string> {
  const remote = await git(['symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD']);
  const remoteName = remote.stdout.trim().replace(/^origin\//, '');
  if (remote.code === 0 && remoteName !== '') return remoteName;
  const current = await git(['symbolic-ref', '--quiet', '--short', 'HEAD']);
  const currentName = current.stdout.trim();
  return current.code === 0 && currentName !== '' ? currentName : 'main';
}

/** Name of a project: last part of origin's address without `.git`, else the folder's name. */
export async function detectProjectName(git: Git, root: string): Promise<string> {
  const origin = await git(['config', '--get', 'remote.origin.url']);
  const last = origin.stdout
    .trim()
    .replace(/[\\/]+$/, '')
    .split(/[\\/:]/)
    .at(-1);
  const name = (last ?? '').replace(/\.git$/, '');
  return origin.code === 0 && name !== '' ? name : projectNameOf(root);
}

/** Script names worth a gate, with what a gate says. */
const SCRIPT_GATES = [
  { script: 'test', name: 'Tests', description: 'all tests must pass' },
  { script: 'lint', name: 'Lint', description: 'zero errors' },
  { script: 'typecheck', name: 'Typecheck', description: 'no TypeScript errors' },
] as const;

/** Gates from the scripts of `package.json`; empty when there is none, so that the built-in ones hold. */
export async function detectQualityGates(root: string): Promise<readonly QualityGate[]> {
  const text = await readTextIfPresent(join(root, 'package.json'));
  return text === null ? [] : gatesFromPackage(text);
}

/** The pure part of `detectQualityGates`. */
export function gatesFromPackage(packageJson: string): readonly QualityGate[] {
  let scripts: unknown;
  try {
    scripts = (JSON.parse(packageJson) as { scripts?: unknown } | null)?.scripts;
  } catch {
    // A package.json that is no JSON names no scripts; its own tools will complain about it.
    return [];
  }
  if (typeof scripts !== 'object' || scripts === null) return [];
  return SCRIPT_GATES.flatMap((gate): QualityGate[] => {
    const script: unknown = (scripts as Record<string, unknown>)[gate.script];
    // npm's own placeholder fails on purpose and would block every agent.
    if (typeof script !== 'string' || script.includes('no test specified')) return [];
    const command = gate.script === 'test' ? 'npm test' : `npm run ${gate.script}`;
    return [{ name: gate.name, command, description: gate.description }];
  });
}
