import { execFile } from 'node:child_process';
import { basename, dirname, isAbsolute } from 'node:path';
import { findCommand } from '../config/detectProject.ts';
import type { Readiness } from './adapter.ts';

/** Milliseconds a CLI gets to print its version before it counts as not usable (adapter contract). */
const PROBE_TIMEOUT_MS = 3_000;

/** Names of the npm packages that bring a command, as their makers publish them. Others have installers of their own. */
const PACKAGES: ReadonlyMap<string, string> = new Map([
  ['amp', '@sourcegraph/amp'],
  ['claude', '@anthropic-ai/claude-code'],
  ['codex', '@openai/codex'],
  ['copilot', '@github/copilot'],
  ['gemini', '@google/gemini-cli'],
  ['opencode', 'opencode-ai'],
  ['pi', '@mariozechner/pi-coding-agent'],
]);

/**
 * Asks a CLI for its version. Ready when it answers with exit code 0 within 3 s; otherwise `detail` says in one line what
 * is wrong and what to do.
 */
export function probeVersion(
  command: string,
  product: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Readiness> {
  return new Promise((resolve) => {
    execFile(
      command,
      ['--version'],
      { timeout: PROBE_TIMEOUT_MS, killSignal: 'SIGKILL', env: { ...environment }, maxBuffer: 64 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) {
          const version = /\d+\.\d+[^\s)]*/.exec(stdout.trim() === '' ? stderr : stdout)?.[0] ?? null;
          resolve({ ready: true, detail: `${product} ${version ?? 'of unknown version'}`, version });
          return;
        }
        resolve({ ready: false, detail: explain(error, command, product), version: null });
      },
    );
  });
}

/** Whether a command is there at all, for programs of which nobody knows how to ask their version. */
export async function probeCommand(
  command: string,
  product: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Readiness> {
  const found = await findCommand(
    isAbsolute(command) ? basename(command) : command,
    isAbsolute(command) ? dirname(command) : (environment.PATH ?? ''),
  );
  if (found !== null) return { ready: true, detail: `${product}: "${command}" is installed`, version: null };
  return { ready: false, detail: explain({ code: 'ENOENT' }, command, product), version: null };
}

function explain(
  error: { readonly code?: string | number | null | undefined; readonly killed?: boolean | undefined },
  command: string,
  product: string,
): string {
  const otherwise = 'or choose the runtime "rehearsal"';
  if (error.code === 'ENOENT') {
    const name = PACKAGES.get(command);
    const way = name === undefined ? `install it so that "${command}" runs` : `run "npm install -g ${name}"`;
    return `${product} is not on the PATH: ${way}, ${otherwise}`;
  }
  if (error.killed === true) {
    return `"${command} --version" gave no answer within ${PROBE_TIMEOUT_MS / 1000} s: run it in a terminal to see why, ${otherwise}`;
  }
  return `"${command} --version" failed (${error.code ?? 'unknown reason'}): repair the installation of ${product}, ${otherwise}`;
}
