import { z } from 'zod';
import { AgentName, RunId, Timestamp } from './ids.ts';

/** The five independent signals behind every verdict (product.md B1), in the order they are shown. */
export const SIGNALS = ['process', 'terminal', 'events', 'mail', 'git'] as const;
export const SignalName = z.enum(SIGNALS);
export type SignalName = z.infer<typeof SignalName>;

/**
 * `fresh` and `quiet` are measured against the stale threshold; `absent` means that there is nothing to look at, such as
 * a process between turns; `unknown` that the probe failed, which proves nothing.
 */
export const SIGNAL_STATES = ['fresh', 'quiet', 'absent', 'unknown'] as const;
export const SignalView = z.object({
  state: z.enum(SIGNAL_STATES),
  /** When it last changed; its age ticks in the face. Null when it never did, or is not known. */
  at: Timestamp.nullable(),
  /** What was seen, in one line. */
  detail: z.string(),
});
export type SignalView = z.infer<typeof SignalView>;

export const VERDICTS = ['healthy', 'waiting', 'stalled', 'looping', 'dead', 'done', 'unknown'] as const;
export const VerdictKind = z.enum(VERDICTS);
export type VerdictKind = z.infer<typeof VerdictKind>;

/** What the watchdog may do, each with its own switch. `shadow` records what it would have done, and does nothing; `off` does not even record. */
export const WATCHDOG_RULES = [
  'stalled',
  'nudge',
  'triage',
  'endTurn',
  'gone',
  'waitingMail',
  'looping',
  'endLoop',
  'question',
  'lateReport',
  'runComplete',
] as const;
export const WatchdogRule = z.enum(WATCHDOG_RULES);
export type WatchdogRule = z.infer<typeof WatchdogRule>;

export const RULE_MODES = ['live', 'shadow', 'off'] as const;
export const RuleMode = z.enum(RULE_MODES);
export type RuleMode = z.infer<typeof RuleMode>;

/** Why an agent is shown as it is: the signals, what follows from them, and what comes next. */
export const AgentEvidence = z.object({
  agentName: AgentName,
  verdict: VerdictKind,
  /** One line. */
  reason: z.string(),
  /** Since when this verdict holds. */
  since: Timestamp,
  signals: z.object({
    process: SignalView,
    terminal: SignalView,
    events: SignalView,
    mail: SignalView,
    git: SignalView,
  }),
  /** Escalation level 0 to 3 while stalled or looping (spec 01 §4.5); null otherwise. */
  level: z.number().int().nullable(),
  /** What the watchdog does next if nothing changes; null when it will do nothing. */
  next: z.object({ rule: WatchdogRule, mode: RuleMode, action: z.string(), at: Timestamp.nullable() }).nullable(),
});
export type AgentEvidence = z.infer<typeof AgentEvidence>;

/** One thing the watchdog did, or in shadow mode would have done, with the evidence that led to it. */
export const WatchdogAction = z.object({
  id: z.number().int(),
  at: Timestamp,
  agentName: z.string(),
  runId: RunId.nullable(),
  rule: WatchdogRule,
  mode: RuleMode,
  level: z.number().int().nullable(),
  action: z.string(),
  reason: z.string(),
  /** What came of it; null while it runs and in shadow mode. */
  outcome: z.string().nullable(),
  /** How to take it back, as a command; null when nothing has to be. */
  undo: z.string().nullable(),
  evidence: AgentEvidence.nullable(),
});
export type WatchdogAction = z.infer<typeof WatchdogAction>;

export const WatchdogRuleView = z.object({
  rule: WatchdogRule,
  mode: RuleMode,
  /** Mode before anybody changed it, from config.yaml. */
  preset: RuleMode,
  /** What it does, in one line. */
  does: z.string(),
  /** How often it acted, and would have acted, in the last seven days. */
  acted: z.number().int(),
  shadowed: z.number().int(),
});
export type WatchdogRuleView = z.infer<typeof WatchdogRuleView>;

/** Tokens and money the watchdog itself has spent on asking models; part of no agent's and no run's figures. */
export const TriageMeter = z.object({
  asked: z.number().int(),
  failed: z.number().int(),
  /** Characters sent and received; what a runtime's print command tells everybody. */
  charactersIn: z.number().int(),
  charactersOut: z.number().int(),
  /** Estimated at four characters a token. */
  tokensIn: z.number().int(),
  tokensOut: z.number().int(),
});
export type TriageMeter = z.infer<typeof TriageMeter>;
