import { z } from 'zod';
import type { GuardState } from '../../../contract/runtimes.ts';
import type { RuntimeFeatures } from '../runtimes/adapter.ts';
import { errorLine } from '../util/files.ts';

/** A call that is made up to see whether the guard is asked: one it must refuse, one it must let through. */
export interface CanaryCall {
  readonly command: string;
  readonly refused: boolean;
}

export const CANARY_CALLS: readonly CanaryCall[] = [
  { command: 'git push canary', refused: true },
  { command: 'git status', refused: false },
];

/** What the hook's command did with a call. */
export interface CanaryAnswer {
  readonly call: CanaryCall;
  /** Null when it could not be started, was ended by a signal or took too long. */
  readonly code: number | null;
  readonly stdout: string;
  /** The end of what it complained. */
  readonly stderr: string;
}

/** What was found, kept per runtime until the runtime or this product has another version. */
export const CanaryResult = z.object({
  /** Version the runtime told; null when it tells none. */
  version: z.string().nullable(),
  /** Version of this product. */
  product: z.string(),
  holds: z.boolean(),
  detail: z.string(),
  checkedAt: z.string(),
});
export type CanaryResult = z.infer<typeof CanaryResult>;

/** Whether the guard answered every call as it must; `detail` says in one line what was found. */
export function judgeCanary(answers: readonly CanaryAnswer[]): { readonly holds: boolean; readonly detail: string } {
  for (const { call, code, stdout, stderr } of answers) {
    const complaint = stderr.trim().split('\n').at(-1) ?? '';
    if (code !== 0) {
      const why = code === null ? 'gave no answer' : `ended with ${code}`;
      return { holds: false, detail: `the guard's command ${why}${complaint === '' ? '' : ` (${complaint})`}` };
    }
    if (call.refused !== isRefusal(stdout)) {
      const done = call.refused ? 'let through' : 'refused';
      return { holds: false, detail: `the guard ${done} "${call.command}"` };
    }
  }
  return answers.length === 0
    ? { holds: false, detail: 'the settings of the launch name no guard' }
    : { holds: true, detail: 'the guard was asked and answered' };
}

/** The commands that the settings of a launch run before a shell command of the agent, exactly as they stand there. */
export function hookCommands(settings: string): readonly string[] {
  const Settings = z.object({
    hooks: z.object({
      PreToolUse: z.array(
        z.object({ matcher: z.string(), hooks: z.array(z.object({ type: z.string(), command: z.string() })) }),
      ),
    }),
  });
  try {
    const { hooks } = Settings.parse(JSON.parse(settings));
    return hooks.PreToolUse.flatMap((entry) =>
      entry.matcher.split('|').includes('Bash') ? entry.hooks.map((hook) => hook.command) : [],
    );
  } catch (error) {
    // Unreadable settings hold nobody back, which is what the canary is to find out; the cause is in the result.
    return [`exit 1 # ${errorLine(error)}`];
  }
}

/** Adds what a canary call found to what a runtime claims. A runtime whose guard does not answer has none. */
export function guardState(
  features: Pick<RuntimeFeatures, 'guards' | 'guardNote'>,
  version: string | null,
  product: string,
  canary: CanaryResult | null,
): GuardState {
  if (features.guards === 'absent') return { level: 'absent', verified: null, note: features.guardNote };
  if (canary === null || canary.version !== version || canary.product !== product)
    return { level: features.guards, verified: null, note: `${features.guardNote}; not yet tried with this version` };
  if (!canary.holds) return { level: 'absent', verified: false, note: canary.detail };
  return { level: features.guards, verified: true, note: features.guardNote };
}

function isRefusal(stdout: string): boolean {
  try {
    const answer: unknown = JSON.parse(stdout);
    return (answer as { readonly decision?: unknown } | null)?.decision === 'block';
  } catch {
    // Nothing, or nothing a runtime would take for a refusal.
    return false;
  }
}
