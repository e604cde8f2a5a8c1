import { join } from 'node:path';
import type { RuleMode, WatchdogRule } from '../../../contract/evidence.ts';
import type { NewEvent } from '../../../main/core/events/eventRow.ts';
import { openWatchdog } from '../../../main/core/watchdog/watchdogStore.ts';
import { HOUR, type Hour } from './hour.ts';

interface Deed {
  readonly second: number;
  readonly agent: string;
  readonly rule: WatchdogRule;
  readonly mode?: RuleMode;
  readonly action: string;
  readonly reason: string;
  readonly outcome?: string;
  readonly level?: number;
}

const QUIET = 'no sign of life for 5 minutes: process, terminal, events, mail and files are all quiet';

/** What came of what needs no words of its own. */
const OUTCOMES: Readonly<Partial<Record<WatchdogRule, string>>> = {
  stalled: 'working → stalled',
  gone: 'in turn → dead',
  looping: 'in the attention queue',
  question: 'in the attention queue',
};

/** What the watchdog saw to in the hour. */
const DEEDS: readonly Deed[] = [
  { second: 610, agent: 'bank-retry', rule: 'stalled', action: 'marked stalled', reason: QUIET },
  { second: 640, agent: 'bank-retry', rule: 'nudge', action: 'nudged', reason: QUIET, outcome: 'mail sent', level: 1 },
  { second: 1_180, agent: 'metrics', rule: 'stalled', action: 'marked stalled', reason: QUIET },
  { second: 1_210, agent: 'metrics', rule: 'nudge', action: 'nudged', reason: QUIET, outcome: 'mail sent', level: 1 },
  {
    second: 1_390,
    agent: 'metrics',
    rule: 'triage',
    action: 'asked a model',
    reason: QUIET,
    outcome: 'extend: the tests of this project may take that long',
    level: 2,
  },
  {
    second: 1_640,
    agent: 'metrics',
    rule: 'endTurn',
    action: 'ended its turn',
    reason: QUIET,
    outcome: 'snapshot kept, turn ended; its mail is delivered again',
    level: 3,
  },
  {
    second: 1_900,
    agent: 'metrics',
    rule: 'gone',
    action: 'recorded as dead',
    reason: 'its process is gone and left no exit record',
  },
  { second: 1_960, agent: 'addresses', rule: 'gone', action: 'recorded as dead', reason: 'gave up after 3 attempts' },
  {
    second: 2_150,
    agent: 'amounts-with-comma-or-point-and-what-was-meant',
    rule: 'looping',
    action: 'called the operator',
    reason: 'ran “npm test -- --grep comma” 14 times with the same result, without a new file, commit or mail',
  },
  {
    second: 2_330,
    agent: 'amounts-with-comma-or-point-and-what-was-meant',
    rule: 'endLoop',
    mode: 'shadow',
    action: 'ended its turn',
    reason: 'still repeats itself after three nudge intervals',
  },
  {
    second: 2_700,
    agent: 'lead-localisation',
    rule: 'question',
    action: 'called the operator',
    reason: 'its turn ended with a question in prose: “Shall I translate the reminders of 2019 as well?”',
  },
  {
    second: 2_940,
    agent: 'year-page',
    rule: 'waitingMail',
    action: 'woke the dispatcher',
    reason: 'mail was due for 94 s and no turn had started',
    outcome: 'turn started',
  },
  {
    second: 3_200,
    agent: 'export-memory',
    rule: 'lateReport',
    action: 'accepted its late report',
    reason: 'it was called dead and sent worker_done after all',
    outcome: 'completed',
  },
];

/** Stores the watchdog's deeds and two findings that are open. Events come back. */
export function seedWatchdog(project: string, hour: Hour, runId: string): readonly NewEvent[] {
  const time = { second: 0 };
  const opened = openWatchdog(join(project, '.overstory', 'control-room.db'), {
    clock: { now: () => hour.ms(time.second) },
  });
  if (!opened.ok) throw new Error(opened.error.message);
  const events: NewEvent[] = [];
  for (const { second, agent, rule, mode = 'live', action, reason, outcome, level } of DEEDS) {
    time.second = second;
    opened.value.addAction({
      agentName: agent,
      runId,
      rule,
      mode,
      level: level ?? null,
      action,
      reason,
      outcome: mode === 'shadow' ? 'shadow: nothing was done' : (outcome ?? OUTCOMES[rule] ?? null),
      undo: null,
      evidence: null,
    });
    events.push({
      agentName: agent,
      runId,
      eventType: 'custom',
      level: rule === 'endTurn' ? 'error' : 'warn',
      createdAt: hour.at(second),
      data: JSON.stringify({
        type: 'watchdog',
        author: 'watchdog',
        rule,
        mode,
        action,
        reason,
        summary: `watchdog${mode === 'shadow' ? ' (shadow)' : ''}: ${action}: ${reason}`,
      }),
    });
  }
  const lead = hour.members.find(({ name }) => name === 'lead-localisation');
  const last = lead === undefined ? undefined : hour.of(lead).at(-1);
  if (lead !== undefined && last !== undefined) {
    opened.value.addFinding({
      id: `question:${hour.turnId(last)}`,
      kind: 'question',
      agentName: lead.name,
      turnId: hour.turnId(last),
      title: 'Shall I translate the reminders of 2019 as well?',
      detail: 'Its turn ended with a question that was sent to nobody.',
      at: hour.at(last.end),
    });
  }
  for (const [second, agent, what] of [
    [1_720, 'streamer', 'take_over'],
    [1_980, 'streamer', 'hand_back'],
    [2_450, 'tax-report', 'nudge'],
  ] as const) {
    const data = JSON.stringify({
      type: what,
      from: 'operator',
      summary:
        what === 'nudge'
          ? 'nudged by the operator'
          : what === 'take_over'
            ? 'taken over by the operator'
            : 'handed back',
    });
    events.push({ agentName: agent, runId, eventType: 'custom', createdAt: hour.at(Math.min(second, HOUR)), data });
  }
  opened.value.close();
  return events;
}
