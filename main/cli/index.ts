#!/usr/bin/env node
import nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { requireNodeApi } from '../platform/nodeApiGuard.ts';

requireNodeApi('ov');
// In a folder of the user's own: compiled code from a folder others can write to would be theirs. Without one it is just slower.
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'overstory-control-room', 'node');
// Asked by name, because an older Node must get as far as the line above.
nodeModule.enableCompileCache?.(cache);

// Loaded only now, so that the cache holds for everything.
const { guardedAgent, answerGuardCall } = await import('./guardCall.ts');
const agentName = guardedAgent(process.argv.slice(2));
if (agentName !== null) await answerGuardCall(agentName);
else {
  const { runCommandLine } = await import('./commandLine.ts');
  await runCommandLine(process.argv);
}
