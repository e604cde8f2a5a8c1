#!/usr/bin/env node
import nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { requireNodeApi } from '../platform/nodeApiGuard.ts';
import { guardedAgent, isQuickCall } from './shortWays.ts';

requireNodeApi('ov');
void start(process.argv.slice(2));

/** The shortest way for what agents call all the time, the whole command line for everything else. */
async function start(args: readonly string[]): Promise<void> {
  const agentName = guardedAgent(args);
  if (agentName !== null) return (await import('./guardCall.ts')).answerGuardCall(agentName);
  if (isQuickCall(args) && (await answeredQuickly(args))) return;
  // In a folder of the user's own: compiled code from a folder others can write to would be theirs. Without one it is just slower.
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'overstory-control-room', 'node');
  // Asked by name, because an older Node must get as far as the guard above.
  nodeModule.enableCompileCache?.(cache);
  // Loaded only now, so that the cache holds for everything.
  await (await import('./commandLine.ts')).runCommandLine(process.argv);
}

async function answeredQuickly(args: readonly string[]): Promise<boolean> {
  try {
    return await (await import('./quickCalls.ts')).runQuickCall(args);
  } catch {
    // Unexpected, and nothing has been printed: the whole command line meets the same and tells it in one line.
    return false;
  }
}
