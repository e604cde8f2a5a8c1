import {
  type RuleMode,
  WATCHDOG_RULES,
  type WatchdogAction,
  type WatchdogRule,
  type WatchdogRuleView,
} from '../../../contract/evidence.ts';
import type { PastWatchdog, WatchdogPolicy } from '../../../contract/watchdogPolicy.ts';
import { timestamp } from '../../platform/clock.ts';
import { RULE_WORDS } from './rules.ts';
import type { PastActions } from './watchdogStore.ts';

/** Newest actions that are listed however old they are. */
const ACTIONS_SHOWN = 10;
/** Actions listed beside the rules, and how far back they go in milliseconds: a day. */
const ACTIONS_LISTED = 200;
const LISTED_MS = 86_400_000;
/** Milliseconds the rule list counts back: seven days. */
const COUNTED_MS = 7 * 86_400_000;

type Modes = Readonly<Record<WatchdogRule, { readonly mode: RuleMode; readonly preset: RuleMode }>>;

/** Every rule with its mode and how often it acted and would have acted, at a moment in milliseconds since the epoch. */
export function ruleViews(actions: Pick<PastActions, 'countsSince'>, modes: Modes, now: number): WatchdogRuleView[] {
  const counts = actions.countsSince(timestamp(now - COUNTED_MS));
  const count = (rule: WatchdogRule, mode: RuleMode): number =>
    counts.find((row) => row.rule === rule && row.mode === mode)?.count ?? 0;
  return WATCHDOG_RULES.map((rule) => ({
    rule,
    ...modes[rule],
    does: RULE_WORDS[rule],
    acted: count(rule, 'live'),
    shadowed: count(rule, 'shadow'),
  }));
}

/** What was done in the last day, newest first; the newest few are older if need be. */
export function recentActions(actions: Pick<PastActions, 'actionsSince' | 'newest'>, now: number): WatchdogAction[] {
  const lately = actions.actionsSince(timestamp(now - LISTED_MS), ACTIONS_LISTED);
  return [...(lately.length < ACTIONS_SHOWN ? actions.newest(ACTIONS_SHOWN) : lately)];
}

/** The watchdog of a moment by the rules of the live one; `policy` null when none is recorded. */
export function pastWatchdog(actions: PastActions, policy: WatchdogPolicy | null, moment: number): PastWatchdog {
  const recent = recentActions(actions, moment);
  if (policy === null) return { policy: null, recent };
  // A rule that version did not know did nothing.
  const none = { mode: 'off', preset: 'off' } as const;
  const known = new Map(policy.rules.map(({ rule, mode, preset }) => [rule, { mode, preset }]));
  const modes = Object.fromEntries(WATCHDOG_RULES.map((rule) => [rule, known.get(rule) ?? none])) as Modes;
  return { policy: { rules: ruleViews(actions, modes, moment), limits: policy.limits }, recent };
}
