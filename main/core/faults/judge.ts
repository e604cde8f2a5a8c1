import type { AgentHold, AgentState } from '../../../contract/agents.ts';
import type { AttentionKind } from '../../../contract/attention.ts';
import type { WatchdogAction } from '../../../contract/evidence.ts';
import type { Turn } from '../turns/turnRow.ts';
import type { Fault } from './fault.ts';

/** What the engine's own records say of one agent. */
export interface Records {
  readonly state: AgentState | null;
  readonly hold: { readonly kind: AgentHold['kind']; readonly reason: string } | null;
  /** Oldest first. */
  readonly turns: readonly Turn[];
  /** Oldest first; only what was really done. */
  readonly actions: readonly WatchdogAction[];
  /** Kinds of attention items it has caused at any time. */
  readonly asked: ReadonlySet<AttentionKind>;
  readonly refusal: string | null;
}

/** Milliseconds; the watchdog's settings, and how far the room's clock was moved. */
export interface Limits {
  readonly staleMs: number;
  readonly zombieMs: number;
  readonly tickMs: number;
  /** Longest time between two looks, by the engine's own record: a busy machine looks later than it wants to. */
  readonly longestGapMs: number;
  readonly jumpMs: number;
  /** How long nobody looked because the engine was restarted. */
  readonly downMs: number;
}

/** A stall as it was found: how long after the last evidence, and how long it may have taken. Milliseconds. */
export interface Found {
  readonly afterMs: number;
  readonly limitMs: number;
}

export interface Judged {
  readonly met: boolean;
  /** What happened, in the words of the table. */
  readonly seen: string;
  readonly found: Found | null;
  /** The watchdog ended or buried somebody it should have left alone. */
  readonly falseKill: boolean;
}

/** Compares what happened with what had to happen. Pure. */
export function judgeFault(fault: Fault, records: Records, limits: Limits): Judged {
  const { ends } = fault;
  const last = records.turns.at(-1);
  const outcomes = records.turns.filter((turn) => turn.state === 'ended').map((turn) => turn.outcome ?? '?');
  const marks = records.actions.filter((one) => one.rule === 'stalled' && one.action === 'marked stalled');
  const ended = records.actions.filter(
    (one) => one.rule === 'endTurn' || one.rule === 'endLoop' || one.rule === 'gone',
  );
  const looped = records.actions.some((one) => one.rule === 'looping');
  const founds = marks.flatMap((mark, at) => {
    const found = foundOf(mark, limits);
    const before = marks[at - 1];
    // Taken back and marked again without anything new in between: the same stall, found long ago.
    if (found === null || (before !== undefined && Date.parse(mark.at) - found.afterMs < Date.parse(before.at)))
      return [];
    return [found];
  });
  const worst = founds.toSorted((a, b) => b.afterMs - b.limitMs - (a.afterMs - a.limitMs))[0] ?? null;

  const ending = endingOf(records, outcomes, last);
  const reasons = [
    ...records.turns.map((turn) => turn.reason ?? ''),
    records.hold?.reason ?? '',
    records.refusal ?? '',
  ];
  const wrong: string[] = [];
  if (ending !== ends.as) wrong.push(`is ${ending}`);
  if (ends.reason !== undefined && !reasons.some((reason) => ends.reason?.test(reason)))
    wrong.push(`says "${reasons.filter((reason) => reason !== '').join(' | ')}"`);
  if (ends.hold !== undefined && records.hold?.kind !== ends.hold) wrong.push(`hold ${records.hold?.kind ?? 'none'}`);
  if (ends.asks !== undefined && !records.asked.has(ends.asks)) wrong.push('nobody was asked');
  if (ends.state !== undefined && records.state !== ends.state) wrong.push(`state ${records.state ?? 'none'}`);
  if (ends.found === 'looping' && !looped) wrong.push('loop not found');
  const stall = ends.found === 'stalled';
  if (stall && marks.length === 0) wrong.push('stall not found');
  if (stall && ends.recovers !== true && ended.length === 0) wrong.push('not ended');
  const mayEnd = stall && ends.recovers !== true;
  const harmed = fault.healthy === true && outcomes.some((outcome) => outcome !== 'rest' && outcome !== 'done');
  const falseKill = (!mayEnd && ended.length > 0) || harmed || (fault.healthy === true && records.state === 'zombie');
  if (falseKill) wrong.push(`FALSE KILL (${[...ended.map((one) => one.rule), ...outcomes].join(', ')})`);

  const words = [
    ...(marks.length > 0 ? [`stalled${marks.length > 1 ? ` ×${marks.length}` : ''}`] : []),
    ...(looped ? ['looping'] : []),
    ...(ended.length > 0 ? [ended.length > 1 ? `ended ×${ended.length}` : 'ended'] : []),
    ...(ends.asks !== undefined && records.asked.has(ends.asks) ? ['asked'] : []),
    ending,
  ];
  const seen = wrong.length === 0 ? words.join(', ') : `${words.join(', ')}: ${wrong.join('; ')}`;
  return { met: wrong.length === 0, seen, found: stall ? worst : null, falseKill };
}

function endingOf(records: Records, outcomes: readonly string[], last: Turn | undefined): string {
  if (records.refusal !== null) return 'refused';
  if (last === undefined) return 'without a turn';
  if (records.hold !== null && last.state === 'ended') return 'held';
  if (last.state === 'running') return 'in a turn';
  switch (last.outcome) {
    case 'rest':
    case 'done':
      return outcomes.some((outcome) => outcome === 'retry') ? 'retried' : 'finished';
    case 'dead':
      return 'dead';
    case 'stopped':
      return 'stopped';
    default:
      return last.outcome ?? 'ended';
  }
}

/**
 * Time from the newest evidence of the record itself to the verdict. An agent is stalled when all five signals are silent
 * beyond the stale threshold, or all but its busy process beyond the zombie threshold; one tick passes until somebody looks,
 * and a look may take a tick; on a busy machine the longest time between two looks counts in place of the first.
 */
function foundOf(mark: WatchdogAction, limits: Limits): Found | null {
  if (mark.evidence === null) return null;
  const at = Date.parse(mark.at);
  const times = (names: readonly (keyof typeof signals)[]): number =>
    Math.max(0, ...names.map((name) => onClockOf(at, signals[name].at, limits.jumpMs)));
  const { signals } = mark.evidence;
  const all = times(['process', 'terminal', 'events', 'mail', 'git']);
  const shown = times(['terminal', 'events', 'mail', 'git']);
  // From one look's end to the next one's, and as long for a look that began too early to see it.
  const looks = 2 * Math.max(limits.tickMs, limits.longestGapMs) + limits.downMs;
  return all + limits.staleMs <= shown + limits.zombieMs
    ? { afterMs: at - all, limitMs: limits.staleMs + looks }
    : { afterMs: at - shown, limitMs: limits.zombieMs + looks };
}

/** A time of a record as the clock of the verdict has it: records of before and after a jump are hours apart. */
function onClockOf(at: number, time: string | null, jumpMs: number): number {
  if (time === null) return 0;
  const read = Date.parse(time);
  if (jumpMs === 0) return read;
  const distance = at - read;
  const jumps = Math.round(distance / Math.abs(jumpMs));
  return read + jumps * Math.abs(jumpMs);
}
