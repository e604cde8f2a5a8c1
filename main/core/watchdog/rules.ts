import { RULE_MODES, type RuleMode, WATCHDOG_RULES, WatchdogRule } from '../../../contract/evidence.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';

/** What each rule does, in one line for a person. */
export const RULE_WORDS: Readonly<Record<WatchdogRule, string>> = {
  stalled: 'marks an agent stalled when every signal is silent beyond the stale threshold',
  nudge: 'level 1: sends a stalled agent a mail that asks how far it is',
  triage: 'level 2: asks a model what to do, when tier 1 is on and the evidence changed',
  endTurn: 'level 3: snapshots the worktree and ends the silent turn, which is then tried again',
  gone: 'records an agent whose process is gone as dead, or as done when it missed its session end',
  waitingMail: 'wakes the dispatcher when due mail waits and no turn starts',
  looping: 'calls the operator when an agent repeats itself without a new file, commit or mail',
  endLoop: 'ends the turn of an agent that still repeats itself after three nudge intervals',
  question: 'calls the operator when a turn ends with a question in prose that nobody would see',
  lateReport: 'accepts a worker_done that an agent called dead has sent after all',
  runComplete: 'tells the coordinator when all workers have ended, and completes a run that nobody works in any more',
};

/**
 * Modes without anybody's wish. What the reference does by itself is live, since it now rests on five signals and is
 * taken back or tried again; ending a turn that is busy, though repeating itself, is for the operator to allow first.
 */
const PRESETS: Readonly<Record<WatchdogRule, RuleMode>> = {
  stalled: 'live',
  nudge: 'live',
  triage: 'live',
  endTurn: 'live',
  gone: 'live',
  waitingMail: 'live',
  looping: 'live',
  endLoop: 'shadow',
  question: 'live',
  lateReport: 'live',
  runComplete: 'live',
};

/** `controlRoom.watchdog.live`, `.shadow` and `.off` of config.yaml. */
export interface RuleWishes {
  readonly live: readonly string[];
  readonly shadow: readonly string[];
  readonly off: readonly string[];
}

/** Mode of every rule: the operator's switch, else config.yaml, else the preset. */
export function resolveModes(
  wishes: RuleWishes,
  switched: Readonly<Record<string, unknown>>,
): Readonly<Record<WatchdogRule, { readonly mode: RuleMode; readonly preset: RuleMode }>> {
  const modes = {} as Record<WatchdogRule, { mode: RuleMode; preset: RuleMode }>;
  for (const rule of WATCHDOG_RULES) {
    const preset = RULE_MODES.find((mode) => wishes[mode].includes(rule)) ?? PRESETS[rule];
    const chosen = RULE_MODES.find((mode) => mode === switched[rule]);
    modes[rule] = { mode: chosen ?? preset, preset };
  }
  return modes;
}

/** Reads a rule's name as a person types it. */
export function parseRule(name: string): Result<WatchdogRule> {
  const parsed = WatchdogRule.safeParse(name);
  if (parsed.success) return ok(parsed.data);
  return fail('validation', `there is no watchdog rule "${name}": use one of ${WATCHDOG_RULES.join(', ')}`, {
    field: 'rule',
  });
}
