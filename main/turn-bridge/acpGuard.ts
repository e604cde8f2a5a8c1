import { spawn } from 'node:child_process';
import type { PermissionOption, RequestPermissionOutcome } from '@agentclientprotocol/sdk';

/** Milliseconds the guard gets; one that gives no answer refuses. */
const ANSWER_WITHIN_MS = 30_000;

/** Whether a tool call may run, by the same `ov guard` that answers claude's hook. */
export function askGuard(
  call: { readonly name: string; readonly input: Readonly<Record<string, unknown>> },
  cwd: string,
  agentName: string,
): Promise<{ readonly allow: boolean; readonly reason: string }> {
  const refuse = (reason: string) => ({ allow: false, reason }) as const;
  return new Promise((resolve) => {
    const child = spawn('ov', ['guard', '--agent', agentName], { stdio: ['pipe', 'pipe', 'ignore'], cwd });
    const timer = setTimeout(() => child.kill('SIGKILL'), ANSWER_WITHIN_MS);
    let printed = '';
    child.stdout.on('data', (bytes: Buffer) => {
      printed += bytes.toString();
    });
    child.once('error', () => {
      clearTimeout(timer);
      resolve(refuse('the guard cannot be started'));
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      if (code !== 0) resolve(refuse('the guard gave no answer'));
      else if (printed.trim() === '') resolve({ allow: true, reason: '' });
      else resolve(refuse(reasonIn(printed)));
    });
    // A guard that ends early closes its input; its exit code tells.
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify({ tool_name: call.name, tool_input: call.input, cwd }));
  });
}

function reasonIn(printed: string): string {
  try {
    const answer = JSON.parse(printed) as { readonly reason?: unknown };
    if (typeof answer.reason === 'string') return answer.reason;
  } catch {
    // Not the guard's form: refused all the same, below.
  }
  return 'refused by the guard';
}

/** The option that says yes or no once; never "always", because the guard wants to see each call. */
export function choose(options: readonly PermissionOption[], allow: boolean): RequestPermissionOutcome {
  const kinds = allow ? ['allow_once', 'allow_always'] : ['reject_once', 'reject_always'];
  for (const kind of kinds) {
    const option = options.find((candidate) => candidate.kind === kind);
    if (option !== undefined) return { outcome: 'selected', optionId: option.optionId };
  }
  return { outcome: 'cancelled' };
}
