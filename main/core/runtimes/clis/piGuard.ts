import type { GuardFileFacts } from '../adapter.ts';

/** Milliseconds the extension waits for the guard's answer before it refuses the call. */
const ANSWER_WITHIN_MS = 30_000;

/**
 * An extension that asks `ov guard` before each tool call of Pi, in the words claude's hook would use: one set of rules for
 * every runtime. A guard that gives no answer refuses, because nobody can say what it would have allowed.
 */
export function guardExtension(facts: GuardFileFacts): string {
  return `// Written by the control room when ${facts.agentName} was started; asks "ov guard" before each tool call.
import { spawnSync } from 'node:child_process';

const NAMES = { bash: 'Bash', write: 'Write', edit: 'Edit' };

export default function (pi) {
  pi.on('tool_call', async (event) => {
    const name = NAMES[event.toolName];
    if (name === undefined) return undefined;
    const input = { ...event.input, ...(event.input.path === undefined ? {} : { file_path: event.input.path }) };
    const asked = spawnSync('ov', ['guard', '--agent', ${JSON.stringify(facts.agentName)}], {
      input: JSON.stringify({ tool_name: name, tool_input: input, cwd: ${JSON.stringify(facts.worktree)} }),
      encoding: 'utf8',
      timeout: ${ANSWER_WITHIN_MS},
    });
    if (asked.status !== 0) return { block: true, reason: 'the guard gave no answer; try again' };
    if (asked.stdout.trim() === '') return undefined;
    return { block: true, reason: JSON.parse(asked.stdout).reason };
  });
}
`;
}
