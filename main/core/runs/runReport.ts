import type { AgentState } from '../../../contract/agents.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import type { MailType } from '../../../contract/mail.ts';
import type { RunReport } from '../../../contract/runReport.ts';
import { parseTimestamp } from '../../platform/clock.ts';

/** All that is known of a run, read once. Times are ISO 8601. */
export interface RunReportFacts {
  readonly run: Pick<RunReport, 'status' | 'startedAt' | 'completedAt'> & { readonly id: string };
  /** Epoch milliseconds of the question. */
  readonly now: number;
  readonly agents: readonly { readonly agentName: string; readonly capability: string; readonly state: AgentState }[];
  readonly turns: readonly {
    readonly startedAt: string;
    readonly endedAt: string | null;
    readonly outcome: string | null;
    readonly costUsd: number | null;
    readonly costSource: 'runtime' | 'estimate' | null;
  }[];
  readonly merges: readonly { readonly status: string; readonly resolvedTier: string | null }[];
  readonly mergedLines: number | null;
  /** Mail between the run's agents and everybody, in the time of the run. */
  readonly mail: readonly {
    readonly id: string;
    readonly from: string;
    readonly to: string;
    readonly type: MailType;
    readonly threadId: string | null;
    readonly createdAt: string;
    readonly dead: boolean;
  }[];
  readonly watchdogActions: readonly {
    readonly agentName: string;
    readonly mode: string;
    readonly level: number | null;
  }[];
}

/** Outcomes of turns after which the same work was begun again. */
const REDONE: ReadonlySet<string> = new Set(['retry', 'dead']);
/** Mails that ask a person. */
const ASKING: ReadonlySet<MailType> = new Set<MailType>(['question', 'decision_gate']);

/** Adds a run up (product.md B10). Pure. */
export function reportRun(facts: RunReportFacts): RunReport {
  const { run, agents, turns, merges, mail } = facts;
  const end = run.completedAt === null ? facts.now : parseTimestamp(run.completedAt);
  const spent = turns.flatMap((turn) => (turn.costUsd === null ? [] : [turn.costUsd]));
  const usd = spent.length === 0 ? null : spent.reduce((sum, cost) => sum + cost, 0);
  const merged = merges.filter((merge) => merge.status === 'merged');
  const lines = facts.mergedLines;
  const questions = mail.filter((message) => message.to === OPERATOR && ASKING.has(message.type));
  const waits = questions.map((question) => waitOf(question, mail, end));
  const acted = facts.watchdogActions.filter((action) => action.mode === 'live' && action.level !== null);
  const done = new Set(agents.filter((agent) => agent.state === 'completed').map((agent) => agent.agentName));
  return {
    runId: run.id,
    status: run.status,
    startedAt: run.startedAt,
    completedAt: run.completedAt,
    wallMs: Math.max(0, end - parseTimestamp(run.startedAt)),
    agents: {
      total: agents.length,
      byRole: countBy(agents.map((agent) => agent.capability)),
      dead: agents.filter((agent) => agent.state === 'zombie').map((agent) => agent.agentName),
    },
    turns: {
      total: turns.length,
      failed: turns.filter((turn) => REDONE.has(turn.outcome ?? '')).length,
      peak: peakOf(turns, end),
      busyMs: turns.reduce((sum, turn) => sum + spanOf(turn, end), 0),
    },
    merges: {
      merged: merged.length,
      byTier: countBy(merged.map((merge) => merge.resolvedTier ?? 'unknown')),
      open: merges.length - merged.length,
      lines,
    },
    money: {
      usd,
      estimated: turns.some((turn) => turn.costSource === 'estimate'),
      usdPerMergedLine: usd === null || lines === null || lines === 0 ? null : usd / lines,
    },
    mail: { total: mail.length, deadLetters: mail.filter((message) => message.dead).length },
    people: {
      mails: mail.filter((message) => message.from === OPERATOR).length,
      questions: questions.length,
      waitedMs: waits.reduce((sum, wait) => sum + wait.ms, 0),
      unanswered: waits.filter((wait) => !wait.answered).length,
    },
    watchdog: {
      actions: acted.length,
      mistaken: [...new Set(acted.map((action) => action.agentName))].filter((name) => done.has(name)).sort(),
    },
  };
}

type Message = RunReportFacts['mail'][number];

/** How long a question waited for the first answer in its thread. */
function waitOf(
  question: Message,
  mail: readonly Message[],
  end: number,
): { readonly ms: number; readonly answered: boolean } {
  const asked = parseTimestamp(question.createdAt);
  const thread = question.threadId ?? question.id;
  const answers = mail
    .filter((message) => message.from === OPERATOR && (message.threadId === thread || message.threadId === question.id))
    .map((message) => parseTimestamp(message.createdAt))
    .filter((at) => at >= asked);
  return answers.length === 0
    ? { ms: Math.max(0, end - asked), answered: false }
    : { ms: Math.min(...answers) - asked, answered: true };
}

function spanOf(turn: { readonly startedAt: string; readonly endedAt: string | null }, end: number): number {
  return Math.max(0, (turn.endedAt === null ? end : parseTimestamp(turn.endedAt)) - parseTimestamp(turn.startedAt));
}

/** Most spans that overlap at one moment. A turn that ends when another begins is not beside it. */
function peakOf(turns: RunReportFacts['turns'], end: number): number {
  const edges = turns.flatMap((turn) => [
    { at: parseTimestamp(turn.startedAt), step: 1 },
    { at: turn.endedAt === null ? end + 1 : parseTimestamp(turn.endedAt), step: -1 },
  ]);
  edges.sort((one, other) => one.at - other.at || one.step - other.step);
  let now = 0;
  let peak = 0;
  for (const { step } of edges) {
    now += step;
    peak = Math.max(peak, now);
  }
  return peak;
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
