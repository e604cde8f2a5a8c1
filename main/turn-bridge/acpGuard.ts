import { spawn } from 'node:child_process';
import type { PermissionOption, RequestPermissionOutcome, ToolCallUpdate } from '@agentclientprotocol/sdk';
import { pathsOf, toolOf } from './acpUpdates.ts';

/** Milliseconds the guard gets; one that gives no answer refuses. */
const ANSWER_WITHIN_MS = 30_000;

interface Verdict {
  readonly allow: boolean;
  readonly reason: string;
}

/** Kinds of calls that change the files they name. */
const CHANGING: ReadonlySet<string> = new Set(['edit', 'delete', 'move']);

/** Whether a call of an agent may run: one that changes files is asked for each of them, and one that hides them is refused. */
export async function judgeCall(call: ToolCallUpdate, cwd: string, agentName: string): Promise<Verdict> {
  const { name, input } = toolOf(call);
  if (!CHANGING.has(call.kind ?? '')) return askGuard({ name, input }, cwd, agentName);
  const paths = pathsOf(call);
  if (paths.length === 0) return { allow: false, reason: 'the call does not say which file it changes' };
  for (const path of paths) {
    const verdict = await askGuard({ name, input: { ...input, file_path: path } }, cwd, agentName);
    if (!verdict.allow) return verdict;
  }
  return { allow: true, reason: '' };
}

/** Whether a tool call may run, by the same `ov guard` that answers claude's hook. */
function askGuard(
  call: { readonly name: string; readonly input: Readonly<Record<string, unknown>> },
  cwd: string,
  agentName: string,
): Promise<Verdict> {
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
