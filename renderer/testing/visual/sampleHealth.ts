import type { DoctorCheck } from '../../../contract/doctor.ts';
import type { DrillView } from '../../../contract/drills.ts';
import { type RuleMode, WATCHDOG_RULES, type WatchdogAction, type WatchdogRule } from '../../../contract/evidence.ts';
import type { EngineHealth, LogEntry } from '../../../contract/health.ts';
import { ago } from '../fixtures.ts';
import type { PlayedRoom } from '../playedRoom.ts';
import { play } from './play.ts';

const MIB = 1_024 ** 2;

/** Rules in the engine's words, shortened where the screen has the title beside them. */
const DOES: Readonly<Record<WatchdogRule, string>> = {
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
  runComplete: 'tells the coordinator when all workers have ended, and completes a run nobody works in any more',
};

/** Modes other than live: as built in, and now. */
const PRESETS: Readonly<Partial<Record<WatchdogRule, RuleMode>>> = { endLoop: 'shadow' };
const MODES: Readonly<Partial<Record<WatchdogRule, RuleMode>>> = { endLoop: 'shadow', triage: 'off' };

function action(id: number, more: Partial<WatchdogAction>): WatchdogAction {
  return {
    id,
    at: ago(60),
    agentName: 'mailer',
    runId: 'run-1',
    rule: 'looping',
    mode: 'live',
    level: 1,
    action: 'called the operator',
    reason: 'Read, Bash, Read x7 with identical input',
    outcome: 'asked you',
    undo: null,
    evidence: null,
    ...more,
  };
}

const ACTIONS: WatchdogAction[] = [
  action(3, { rule: 'endLoop', mode: 'shadow', action: 'ended its turn', outcome: null, at: ago(96) }),
  action(2, { at: ago(372) }),
  action(1, {
    agentName: 'fixtures',
    rule: 'gone',
    level: null,
    action: 'recorded it as dead',
    reason: 'its process is gone without an end of its session',
    outcome: 'kept in the vault',
    at: ago(660),
  }),
];

const ENGINE: EngineHealth = {
  at: ago(0),
  engine: {
    mode: 'embedded',
    version: '0.1.0',
    pid: 4_242,
    instanceId: 'i',
    startedAt: ago(2_300),
    node: '24.21.0',
    faces: 2,
    memory: { residentBytes: 142 * MIB, heapUsedBytes: 51 * MIB, heapTotalBytes: 74 * MIB },
    loopDelay: { p50: 0.2, p99: 3.4, max: 18 },
    cpuSeconds: 41.6,
  },
  lease: { pid: 4_242, instanceId: 'i', ours: true },
  stores: [
    { name: 'events.db', bytes: 7.4 * MIB, walBytes: 0.6 * MIB },
    { name: 'mail.db', bytes: 0.3 * MIB, walBytes: 32_768 },
    { name: 'control-room.db', bytes: 1.1 * MIB, walBytes: 65_536 },
  ],
  recordingBytes: 18.2 * MIB,
  logBytes: 6.9 * MIB,
  host: {
    version: '0.1.0',
    pid: 4_251,
    startedAt: ago(2_298),
    terminals: 9,
    running: 8,
    connections: 1,
    memoryBytes: 88 * MIB,
    outputBytes: 3.2 * MIB,
    ringBytes: 2.1 * MIB,
  },
  watchdog: { enabled: true, lastTickAt: ago(9), intervalMs: 30_000, agents: 11, verdicts: 1 },
};

const check = (category: DoctorCheck['category'], name: string, message: string, more: Partial<DoctorCheck> = {}) =>
  ({
    id: `${category}/${name}`,
    name,
    category,
    status: 'pass',
    message,
    details: [],
    fix: null,
    ...more,
  }) satisfies DoctorCheck;

const CHECKS: DoctorCheck[] = [
  check('dependencies', 'git', 'git 2.47.1'),
  check('dependencies', 'claude', 'claude 2.1.4, logged in'),
  check('config', 'config.yaml', 'every setting can be used'),
  check('structure', 'Folders', 'all are there'),
  check('databases', 'Stores', '3 stores can be read, and are sound'),
  check('consistency', 'Worktrees without an agent', '1 worktree belongs to no agent: remove it, or keep it by hand', {
    status: 'warn',
    details: ['.overstory/worktrees/schema-check-old'],
    fix: 'keeps a snapshot in the vault, then removes the worktree',
  }),
  check('agents', 'Manifest', '7 roles, each with its definition'),
  check('merge', 'Queue', '1 branch conflicts: resolve it on the Merge screen', {
    status: 'warn',
    details: ['overstory/pdf-writer/OV-29'],
  }),
  check('logs', 'Size of logs', '6.9 MB'),
  check('version', 'Versions', 'engine and pty host are both 0.1.0'),
  check('providers', 'smtp-gateway', 'SMTP_TOKEN is not set: agents of this provider cannot start', {
    status: 'fail',
    details: ['providers.smtp-gateway.authTokenEnv in config.yaml'],
  }),
  check('watchdog', 'Watchdog', 'looked 9 s ago'),
];

const log = (id: number, secondsAgo: number, level: LogEntry['level'], message: string, agent: string | null = null) =>
  ({ id: String(id), at: ago(secondsAgo), level, agent, turn: null, message, facts: '' }) satisfies LogEntry;

const LOG: LogEntry[] = [
  log(1, 2_300, 'info', 'engine started'),
  log(2, 2_280, 'info', 'run started', 'coordinator'),
  log(3, 660, 'warn', 'process is gone', 'fixtures'),
  log(4, 372, 'warn', 'repeats itself', 'mailer'),
  log(5, 120, 'error', 'merge left a conflict', 'pdf-writer'),
];

const DRILL: DrillView = {
  id: 'drill-1',
  kind: 'crash',
  agent: 'drill-crash',
  state: 'passed',
  startedAt: ago(1_920),
  endedAt: ago(1_905),
  result: 'The turn was tried again and got its work done in 15 s.',
  steps: [
    { expected: 'the death is noticed', state: 'seen', seen: 'exit by SIGKILL', at: ago(1_915), afterMs: 900 },
    { expected: 'the turn is tried again', state: 'seen', seen: 'turn 2', at: ago(1_911), afterMs: 4_600 },
  ],
  evidence: [{ at: ago(1_915), text: 'turn 1 ended by SIGKILL' }],
};

/** Plays what the Health screen asks: watchdog, engine, logs, doctor, drills. */
export function playHealth(played: PlayedRoom): void {
  play(played, 'watchdog.rules', () => ({
    rules: WATCHDOG_RULES.map((rule) => ({
      rule,
      mode: MODES[rule] ?? 'live',
      preset: PRESETS[rule] ?? 'live',
      does: DOES[rule],
      acted: rule === 'looping' || rule === 'gone' ? 1 : rule === 'nudge' ? 4 : 0,
      shadowed: rule === 'endLoop' ? 1 : 0,
    })),
    triage: { asked: 2, failed: 0, charactersIn: 9_400, charactersOut: 610, tokensIn: 2_350, tokensOut: 152 },
    recent: ACTIONS,
  }));
  play(played, 'watchdog.limits', () => ({
    limits: [
      { name: 'staleThresholdMs', value: 120_000, preset: 300_000 },
      { name: 'zombieThresholdMs', value: 600_000, preset: 600_000 },
      { name: 'nudgeIntervalMs', value: 60_000, preset: 60_000 },
      { name: 'maxEscalationLevel', value: 3, preset: 3 },
      { name: 'loopRounds', value: 4, preset: 4 },
      { name: 'loopMinimumMs', value: 120_000, preset: 120_000 },
    ],
  }));
  play(played, 'engine.health', () => ENGINE);
  play(played, 'doctor.run', () => ({ checks: CHECKS, summary: { pass: 9, warn: 2, fail: 1 } }));
  play(played, 'logs.agents', () => ({ agents: ['mailer', 'pdf-writer', 'csv-writer', 'coordinator'] }));
  play(played, 'logs.read', () => ({ entries: LOG, older: null, newer: { file: 'engine.ndjson', offset: 640 } }));
  played.publish('drills', { value: { current: null, results: [DRILL] } });
}
