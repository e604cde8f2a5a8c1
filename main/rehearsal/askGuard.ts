import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** What is read of a settings file: the hooks before a tool call, as claude has them. */
const Settings = z.object({
  hooks: z.object({
    PreToolUse: z
      .array(z.object({ matcher: z.string(), hooks: z.array(z.object({ command: z.string() })) }))
      .default([]),
  }),
});

/** Exit code by which a hook refuses a call in words of its own (real-agents.md §5 "Hooks"). */
const REFUSED = 2;

/**
 * Asks the hooks of the launch before a shell command, as claude does: a refusal comes as one JSON line or as exit code 2;
 * a hook that fails in any other way lets the call pass.
 * @returns why the command may not run; null when it may.
 */
export async function askGuard(settingsFile: string | null, command: string, cwd: string): Promise<string | null> {
  if (settingsFile === null) return null;
  for (const hook of await hooksBeforeShell(settingsFile)) {
    const refusal = await answerOf(hook, JSON.stringify(callOf(command, cwd)), cwd);
    if (refusal !== null) return refusal;
  }
  return null;
}

function callOf(command: string, cwd: string): Readonly<Record<string, unknown>> {
  return { hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: { command }, cwd };
}

async function hooksBeforeShell(settingsFile: string): Promise<readonly string[]> {
  try {
    const { hooks } = Settings.parse(JSON.parse(await readFile(settingsFile, 'utf8')));
    return hooks.PreToolUse.flatMap((entry) =>
      entry.matcher === '' || entry.matcher.split('|').includes('Bash') ? entry.hooks.map((hook) => hook.command) : [],
    );
  } catch {
    // Settings that cannot be read hold nobody back, as with claude; the canary call of the engine is what notices.
    return [];
  }
}

function answerOf(hook: string, input: string, cwd: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(hook, { cwd, shell: true, stdio: ['pipe', 'pipe', 'pipe'] });
    let [told, complaint] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    // It fails open, as claude's hooks do.
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code === REFUSED ? complaint.trim() || 'refused' : refusalIn(told)));
    // A hook that ends without reading closes its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

function refusalIn(text: string): string | null {
  try {
    const answer = z.object({ decision: z.literal('block'), reason: z.string() }).safeParse(JSON.parse(text));
    return answer.success ? answer.data.reason : null;
  } catch {
    // Nothing, or nothing that refuses.
    return null;
  }
}
