import type { DoctorCategory, DoctorCheck } from '../../../contract/doctor.ts';
import type { DrillKind, DrillStep, DrillView } from '../../../contract/drills.ts';
import type { RuleMode, WatchdogRule } from '../../../contract/evidence.ts';
import type { LogLevelName } from '../../../contract/health.ts';
import type { WatchdogLimitName } from '../../../contract/watchdogLimits.ts';
import type { BadgeTone } from '../../components/Badge.tsx';
import type { GlyphShape } from '../../components/Glyph.tsx';

/** Words of the Health screen, each said in one place. */

export const RULE_TITLES: Readonly<Record<WatchdogRule, string>> = {
  stalled: 'Mark as stalled',
  nudge: 'Nudge',
  triage: 'Ask a model',
  endTurn: 'End a silent turn',
  gone: 'Record a lost process',
  waitingMail: 'Wake for waiting mail',
  looping: 'Call you for a loop',
  endLoop: 'End a looping turn',
  question: 'Call you for a question',
  lateReport: 'Accept a late report',
  runComplete: 'Complete a run',
};

export const MODE_TITLES: Readonly<Record<RuleMode, string>> = { off: 'Off', shadow: 'Shadow', live: 'Live' };

/** How a limit is shown: its name, what it is for, its unit, and how many of the stored unit one of those is. */
export interface LimitWords {
  readonly title: string;
  readonly hint: string;
  readonly unit: string;
  readonly factor: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export const LIMIT_WORDS: Readonly<Record<WatchdogLimitName, LimitWords>> = {
  staleThresholdMs: {
    title: 'Stalled after',
    hint: 'every signal silent for this long',
    unit: 's',
    factor: 1_000,
    min: 1,
    max: 86_400,
    step: 10,
  },
  zombieThresholdMs: {
    title: 'Hopeless after',
    hint: 'busy or silent without any other sign',
    unit: 's',
    factor: 1_000,
    min: 1,
    max: 86_400,
    step: 10,
  },
  nudgeIntervalMs: {
    title: 'Next level after',
    hint: 'from mark to nudge, to the end of the turn',
    unit: 's',
    factor: 1_000,
    min: 1,
    max: 86_400,
    step: 10,
  },
  maxEscalationLevel: {
    title: 'Highest level',
    hint: '1 nudges, 2 asks a model, 3 ends the turn',
    unit: '',
    factor: 1,
    min: 1,
    max: 5,
    step: 1,
  },
  loopRounds: {
    title: 'A loop is',
    hint: 'rounds of the same steps with the same answers',
    unit: 'rounds',
    factor: 1,
    min: 3,
    max: 12,
    step: 1,
  },
  loopMinimumMs: {
    title: 'A loop lasts',
    hint: 'those rounds take at least this long',
    unit: 's',
    factor: 1_000,
    min: 0,
    max: 86_400,
    step: 10,
  },
};

export const CATEGORY_TITLES: Readonly<Record<DoctorCategory, string>> = {
  dependencies: 'Programs',
  config: 'Settings',
  structure: 'Files and folders',
  databases: 'Databases',
  consistency: 'Agents, worktrees, branches',
  agents: 'Roles and identities',
  merge: 'Merge queue',
  logs: 'Logs',
  version: 'Versions',
  ecosystem: 'Companion tools',
  providers: 'Providers',
  watchdog: 'Watchdog',
  serve: 'Browser room',
};

/** A state told by its shape and word as much as by its colour. */
export const CHECK_MARKS: Readonly<
  Record<DoctorCheck['status'], { readonly glyph: GlyphShape; readonly word: string }>
> = {
  pass: { glyph: 'yes', word: 'fine' },
  warn: { glyph: 'warn', word: 'warning' },
  fail: { glyph: 'no', word: 'failure' },
};

export const STEP_MARKS: Readonly<Record<DrillStep['state'], { readonly glyph: GlyphShape; readonly word: string }>> = {
  waiting: { glyph: 'open', word: 'expected' },
  seen: { glyph: 'yes', word: 'seen' },
  missed: { glyph: 'no', word: 'not seen' },
};

export const DRILL_TITLES: Readonly<Record<DrillKind, { readonly title: string; readonly text: string }>> = {
  crash: {
    title: 'A turn crashes',
    text: 'The process is killed in the middle of its work. It is tried again, and nothing is lost.',
  },
  quota: {
    title: 'The quota is used up',
    text: 'The account refuses. Nothing is tried against a closed door, and you are called.',
  },
  lostMail: {
    title: 'A mail cannot be delivered',
    text: 'The turn that carries it fails each time. It becomes a dead letter, and arrives when it is sent again.',
  },
  hang: {
    title: 'A terminal freezes',
    text: 'Its processes are stopped in mid-turn. It is marked, nudged, kept in the vault, ended, and tried again.',
  },
  loop: {
    title: 'An agent repeats itself',
    text: 'It looks busy and gets nowhere. The repetition is found, and you are called.',
  },
};

export const DRILL_STATES: Readonly<
  Record<DrillView['state'], { readonly word: string; readonly tone: BadgeTone; readonly glyph: GlyphShape }>
> = {
  preparing: { word: 'preparing', tone: 'info', glyph: 'running' },
  running: { word: 'running', tone: 'info', glyph: 'running' },
  clearing: { word: 'clearing away', tone: 'info', glyph: 'running' },
  passed: { word: 'passed', tone: 'good', glyph: 'yes' },
  failed: { word: 'failed', tone: 'danger', glyph: 'no' },
  cancelled: { word: 'cancelled', tone: 'plain', glyph: 'none' },
};

/** A level of the log; what wants a look has a glyph before its word. */
export const LEVEL_WORDS: Readonly<Record<LogLevelName, { readonly glyph: GlyphShape | null; readonly word: string }>> =
  {
    debug: { glyph: null, word: 'debug' },
    info: { glyph: null, word: 'info' },
    warn: { glyph: 'warn', word: 'warn' },
    error: { glyph: 'no', word: 'error' },
  };

/** "12 KB", "3.4 MB". */
export function bytesWords(bytes: number): string {
  if (bytes < 1_024) return `${Math.round(bytes)} B`;
  if (bytes < 1024 ** 2) return `${Math.round(bytes / 1_024)} KB`;
  return bytes < 1024 ** 3 ? `${(bytes / 1024 ** 2).toFixed(1)} MB` : `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}
