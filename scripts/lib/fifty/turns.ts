import { join } from 'node:path';
import type { NewEvent } from '../../../main/core/events/eventRow.ts';
import type { Stores } from '../../../main/core/stores.ts';
import { SPENDER } from './cast.ts';
import { dice, type Hour, type Stint } from './hour.ts';

/** US dollars and tokens a minute of a model costs here, by the look of ordinary days. */
const RATES: Readonly<Record<string, { readonly usd: number; readonly tokens: number }>> = {
  'claude-opus-4-5': { usd: 0.24, tokens: 1 },
  'claude-sonnet-4-5': { usd: 0.055, tokens: 1.3 },
  'claude-haiku-4-5': { usd: 0.016, tokens: 1.6 },
  'gpt-5-codex': { usd: 0.048, tokens: 1.1 },
};
/** The agent above its cap spends this much more than others. */
const SPENDING = 4.2;
/** A model without a known price is not priced. */
const UNPRICED = 'health-page';

const COMMANDS = ['npm test', 'npx tsc -p .', 'git status --short', 'node --test test/', 'git diff --stat main'];

/** Stores the turns of the hour. Their events come back, for they are written in the order of their times. */
export function seedTurns(
  stores: Pick<Stores, 'turns'>,
  hour: Hour,
  project: string,
  runId: string,
): readonly NewEvent[] {
  const roll = dice(11);
  const events: NewEvent[] = [];
  for (const stint of hour.stints) {
    const turnId = hour.turnId(stint);
    const { member } = stint;
    const begun = stores.turns.start({
      turnId,
      agentName: member.name,
      sessionId: `session-${member.name}`,
      runId,
      prompt: 'Read your mail and go on.',
      logDirectory: join(project, '.overstory', 'logs', member.name, turnId.slice(member.name.length + 1)),
      startedAt: hour.at(stint.start),
      resumeId: stint.number === 1 ? null : `7c1f${member.name.length}a20`,
      model: member.model,
      taskId: member.task?.id ?? '',
      capability: member.capability,
      runtime: member.runtime,
    });
    if (!begun.ok) throw new Error(begun.error.message);
    const minutes = (stint.end - stint.start) / 60;
    const rate = RATES[member.model] ?? { usd: 0.05, tokens: 1 };
    const usd = minutes * rate.usd * (0.8 + roll() * 0.4) * (member.name === SPENDER ? SPENDING : 1);
    const tokens = Math.round(minutes * rate.tokens * 1_000);
    const outcome =
      member.state === 'zombie' && stint.last ? 'dead' : stint.last && member.state === 'completed' ? 'done' : 'rest';
    const reason = REASONS[outcome];
    const ended = stores.turns.end(turnId, {
      endedAt: hour.at(stint.end),
      exitCode: outcome === 'dead' ? 1 : 0,
      signal: null,
      outcome,
      reason,
      lastEventAt: hour.at(stint.end),
      costUsd: member.name === UNPRICED ? null : usd,
      costSource: member.name === UNPRICED ? null : member.runtime === 'codex' ? 'estimate' : 'runtime',
      inputTokens: 400 + tokens,
      outputTokens: 900 + tokens * 2,
      cacheReadTokens: tokens * 74,
      cacheCreationTokens: tokens * 6,
    });
    if (!ended.ok) throw new Error(ended.error.message);
    events.push(...eventsOf(stint, hour, runId, roll, turnId, outcome, reason));
  }
  return events;
}

const REASONS = {
  rest: 'turn ended, waits for mail',
  done: 'reported its result',
  dead: 'the runtime answered nothing but errors; gave up after 3 attempts',
} as const;

function eventsOf(
  stint: Stint,
  hour: Hour,
  runId: string,
  roll: () => number,
  turnId: string,
  outcome: keyof typeof REASONS,
  reason: string,
): readonly NewEvent[] {
  const { member, number, start, end } = stint;
  const owner = { agentName: member.name, runId };
  const state = (second: number, from: string, to: string): NewEvent => ({
    ...owner,
    eventType: 'custom',
    createdAt: hour.at(second),
    data: JSON.stringify({ turnId, number, type: 'state', state: to, summary: `${from} → ${to}` }),
  });
  const events: NewEvent[] = [
    {
      ...owner,
      eventType: 'turn_start',
      createdAt: hour.at(start),
      data: JSON.stringify({ turnId, number, summary: `turn ${number} started`, mails: 1, resumeId: null }),
    },
    state(start + 1, number === 1 ? 'booting' : 'between_turns', 'in_turn'),
  ];
  const files = member.task?.files ?? ['.overstory/specs/BS-1.md'];
  const step = 24 + roll() * 14;
  for (let second = start + 4, index = 0; second < end - 3; second += step, index += 1) {
    const file = files[index % files.length] ?? 'README.md';
    const command = COMMANDS[index % COMMANDS.length] ?? 'npm test';
    const [toolName, args] =
      index % 3 === 0
        ? ['Read', { file_path: file }]
        : index % 3 === 1
          ? ['Edit', { file_path: file }]
          : ['Bash', { command }];
    const failed = roll() > 0.97;
    const toolDurationMs = Math.round(toolName === 'Bash' ? 900 + roll() * 9_000 : 20 + roll() * 200);
    events.push({
      ...owner,
      eventType: 'tool_start',
      toolName: String(toolName),
      toolArgs: JSON.stringify(args),
      toolDurationMs,
      createdAt: hour.at(second),
    });
    if (failed) {
      const data = JSON.stringify({ isError: true, summary: 'tool failed: 1 of 38 tests' });
      events.push({
        ...owner,
        eventType: 'tool_end',
        level: 'error',
        data,
        createdAt: hour.at(second + toolDurationMs / 1_000),
      });
    }
  }
  events.push(
    {
      ...owner,
      eventType: 'turn_end',
      level: outcome === 'dead' ? 'error' : 'info',
      toolDurationMs: Math.round((end - start) * 1_000),
      createdAt: hour.at(end),
      data: JSON.stringify({
        turnId,
        number,
        outcome,
        summary: `turn ${number} ended: ${reason}`,
        exitCode: 0,
        signal: null,
      }),
    },
    state(end + 0.1, 'in_turn', outcome === 'rest' ? 'between_turns' : outcome === 'done' ? 'completed' : 'zombie'),
  );
  return events;
}
