import { readSync, realpathSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerHook } from '../core/agents/guardAnswer.ts';
import type { GuardDecision } from '../core/agents/guardDecision.ts';
import { formatHookOutput } from '../core/agents/guardHooks.ts';
import { resolveProjectRoot } from '../core/config/projectRoot.ts';
import { errorLine } from '../core/util/files.ts';

const STANDARD_INPUT = 0;
const STANDARD_OUTPUT = 1;
/** Bytes read at once; a tool call that writes a file carries the whole of it. */
const READ_BYTES = 64 * 1024;

/**
 * Answers a runtime's hook before a tool call (spec 02 §3.10). The call comes as JSON on standard input; nothing is printed
 * to allow it, one JSON line refuses it. It needs neither engine nor database nor any library, and reads and writes its
 * descriptors at once instead of by streams, because every guarded call waits for it.
 */
export async function answerGuardCall(agentName: string): Promise<void> {
  await print(formatHookOutput(await decide(agentName)));
}

async function decide(agentName: string): Promise<GuardDecision> {
  try {
    const cwd = process.cwd();
    const input = await readInput();
    const project = await resolveProjectRoot({ start: cwd, environmentRoot: process.env.OVERSTORY_PROJECT_ROOT });
    if (!project.ok) return { allow: false, reason: project.error.message };
    const machine = { environment: process.env, temporaryFolder: tmpdir(), realpath: realpathSync };
    return await answerHook(join(project.value.root, '.overstory'), agentName, input, machine, cwd);
  } catch (error) {
    // A hook that merely fails would let the call through.
    return { allow: false, reason: `the guard could not check this call (${errorLine(error)}); try it again` };
  }
}

async function readInput(): Promise<string> {
  const parts: Buffer[] = [];
  try {
    for (;;) {
      const part = Buffer.allocUnsafe(READ_BYTES);
      const count = readSync(STANDARD_INPUT, part);
      if (count === 0) break;
      parts.push(part.subarray(0, count));
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!isNotReady(code) && code !== 'EOF') throw error;
    // A pipe that does not wait: what is still to come is taken by a stream.
    if (code !== 'EOF') for await (const part of process.stdin) parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function print(text: string): Promise<void> {
  const bytes = Buffer.from(text);
  let written = 0;
  try {
    while (written < bytes.byteLength) written += writeSync(STANDARD_OUTPUT, bytes, written);
  } catch (error) {
    if (!isNotReady((error as NodeJS.ErrnoException).code)) throw error;
    // A full pipe that does not wait: the stream knows how to.
    await new Promise<void>((resolve) => process.stdout.write(bytes.subarray(written), () => resolve()));
  }
}

function isNotReady(code: string | undefined): boolean {
  return code === 'EAGAIN' || code === 'EWOULDBLOCK';
}

/** The agent of a call that is exactly `ov guard --agent <name>`; null for every other, which the whole command line reads. */
export function guardedAgent(args: readonly string[]): string | null {
  const [command, option, name] = args;
  if (command !== 'guard' || option !== '--agent' || args.length !== 3) return null;
  return name === undefined || name === '' || name.startsWith('-') ? null : name;
}
