#!/usr/bin/env node
import nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { requireNodeApi } from '../platform/nodeApiGuard.ts';
import { guardedAgent } from './guardedAgent.ts';
import { runQuickCall } from './quickCalls.ts';

/** Exit code by which a hook refuses without words on its standard output. */
const GUARD_REFUSES = 2;

requireNodeApi('ov');
void start(process.argv.slice(2));

/** The shortest way for what agents call all the time, the whole command line for everything else. */
async function start(args: readonly string[]): Promise<void> {
  const agentName = guardedAgent(args);
  if (agentName !== null) return answerGuard(agentName);
  if (await answeredQuickly(args)) return;
  keepCompiled();
  // Loaded only now, so that the cache holds for everything.
  await (await import('./commandLine.ts')).runCommandLine(process.argv);
}

async function answerGuard(agentName: string): Promise<void> {
  try {
    keepCompiled();
    await (await import('./guardCall.ts')).answerGuardCall(agentName);
  } catch (error) {
    // A hook that ends with any other code lets the call through.
    process.stderr.write(`ov guard could not check this call: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = GUARD_REFUSES;
  }
}

async function answeredQuickly(args: readonly string[]): Promise<boolean> {
  try {
    return await runQuickCall(args);
  } catch {
    // Unexpected, and nothing has been printed: the whole command line meets the same and tells it in one line.
    return false;
  }
}

/** Keeps what is loaded from now on in its compiled form for the next call. */
function keepCompiled(): void {
  // In a folder of the user's own: compiled code from a folder others can write to would be theirs. Without one it is just slower.
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'overstory-control-room', 'node');
  // Asked by name, because an older Node must get as far as requireNodeApi.
  nodeModule.enableCompileCache?.(cache);
}
