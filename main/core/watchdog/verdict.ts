import type { AgentState } from '../../../contract/agents.ts';
import type { VerdictKind } from '../../../contract/evidence.ts';
import { isTerminal } from '../sessions/transitions.ts';
import type { AgentFacts, Reading, Thresholds } from './facts.ts';
import { inWords, lengthOf } from './words.ts';

/** What a verdict asks for (spec 01 §4.2). `settle`: the turn's process is gone and its end has to be drawn. */
export type HealthAction = 'none' | 'escalate' | 'terminate' | 'investigate' | 'complete' | 'settle';

export interface Verdict {
  readonly kind: VerdictKind;
  /** State the evidence speaks for; what is stored is another matter (stateChoice.ts). */
  readonly state: AgentState;
  readonly action: HealthAction;
  /** One line. */
  readonly reason: string;
  /** Set where the stored state and the evidence contradict each other. */
  readonly note: string | null;
  /** The evidence is good enough to end a process: every signal is known and silent. Never true on one signal alone. */
  readonly mayEnd: boolean;
  /** Milliseconds until the verdict turns worse if nothing changes; null when it will not. */
  readonly worseInMs: number | null;
}

/** Agents that wait for hours by nature (spec 01 §0.2). */
const PERSISTENT = new Set(['coordinator', 'orchestrator', 'monitor']);

/** A tool call whose processes live gets so many times the usual patience before its turn may be ended: long tools are
 *  silent by nature (field.md §3.1, warnings during long tools). */
const TOOL_PATIENCE = 2;

/** True for capabilities that no time limit applies to between turns and in a terminal (spec 01 §0.2). */
export function isPersistent(capability: string): boolean {
  return PERSISTENT.has(capability);
}

/**
 * The verdict on one agent: a pure function of its facts (spec 01 §4.2, with five signals in the place of one time).
 * Observable facts beat the stored state; no single silent signal condemns; what is unknown never leads to an end.
 */
export function judge(facts: AgentFacts, limits: Thresholds): Verdict {
  if (facts.recorded === 'completed') return verdict('done', 'completed', 'none', 'its work is reported and accepted');
  if (facts.recorded === 'zombie') return dead(facts);
  switch (facts.kind) {
    case 'turns':
      return facts.turn === null ? resting(facts, limits) : inTurn(facts, limits);
    case 'longLived':
    case 'terminal':
      return standing(facts, limits);
  }
}

/** Called dead before. A process that lives contradicts that: a person looks, nothing is ended (rules 5 and 9). */
function dead({ signals: { process } }: AgentFacts): Verdict {
  return process.alive === true
    ? verdict('dead', 'zombie', 'investigate', 'recorded as dead, but its process lives: look at it', {
        note: 'recorded as zombie while its process is alive',
      })
    : verdict('dead', 'zombie', 'none', 'it died; its worktree and commits are kept');
}

/** Between turns no process is supposed to run: silence is what resting looks like. */
function resting(facts: AgentFacts, limits: Thresholds): Verdict {
  const state = facts.recorded === 'booting' ? 'booting' : 'between_turns';
  const waits = (reason: string): Verdict => verdict('waiting', state, 'none', reason);
  if (facts.takenOver) return waits('a person works in its terminal');
  if (facts.asks !== null) return waits(`waits for an answer: ${facts.asks}`);
  if (facts.held !== null) return waits(facts.held);
  if (facts.retryInMs !== null && facts.retryInMs > 0) return waits('its last turn failed and is tried again');
  const due = facts.dueMail;
  if (due !== null && due.count > 0) {
    const mails = due.count === 1 ? '1 mail' : `${due.count} mails`;
    if (due.waitingMs > limits.staleMs)
      return verdict(
        'stalled',
        'stalled',
        'escalate',
        `${mails} due for ${lengthOf(due.waitingMs)} and no turn starts`,
      );
    return verdict('waiting', state, 'none', `${mails} due, its turn is about to start`, {
      worseInMs: limits.staleMs - due.waitingMs,
    });
  }
  if (facts.liveChildren.length > 0) return waits(`rests, waits for ${inWords(facts.liveChildren)}`);
  return waits('rests between turns, waits for mail');
}

function inTurn(facts: AgentFacts, limits: Thresholds): Verdict {
  if (facts.signals.process.alive === false)
    return verdict('dead', facts.recorded, 'settle', 'the process of its turn is gone: the turn is settled', {
      note: 'turn recorded as running without a process',
    });
  return activity(facts, limits, 'in_turn');
}

/** Kinds with a process that should always be there (rules 3 to 11). */
function standing(facts: AgentFacts, limits: Thresholds): Verdict {
  const { process, terminal } = facts.signals;
  const what = facts.kind === 'terminal' ? 'terminal' : 'process';
  if (process.alive === false) {
    const silent = quietest(facts);
    const missed = ['working', 'booting', 'stalled'].includes(facts.recorded);
    if (silent !== null && silent > limits.staleMs && missed)
      return verdict(
        'done',
        'completed',
        'complete',
        `its ${what} ended and it missed session-end ${lengthOf(silent)} ago`,
        {
          note: `missed session-end: ${what} gone, silent for ${Math.round(silent / 1_000)} s`,
        },
      );
    const quotes = facts.recorded === 'working' || facts.recorded === 'booting' || facts.kind === 'longLived';
    return verdict('dead', 'zombie', 'terminate', `its ${what} is gone while it was ${facts.recorded}`, {
      note: quotes ? `${what} gone while recorded as ${facts.recorded}` : null,
    });
  }
  if (isPersistent(facts.capability)) {
    const note = facts.recorded === 'stalled' ? `${facts.capability} is exempt from time limits` : null;
    const state = facts.recorded === 'booting' || facts.recorded === 'stalled' ? 'working' : facts.recorded;
    return verdict('healthy', state, 'none', 'waits for work by nature: no time limit applies', { note });
  }
  if (facts.takenOver) return verdict('waiting', 'working', 'none', 'a person works in its terminal');
  if (process.alive === null && terminal.state === 'unknown')
    return verdict('unknown', facts.recorded, 'none', 'neither its process nor its terminal can be looked at');
  return activity(facts, limits, 'working');
}

/** Something runs: is it getting anywhere? (the time table of spec 01 §4.2, over five signals) */
function activity(facts: AgentFacts, limits: Thresholds, healthyState: AgentState): Verdict {
  const { announced, asks, liveChildren, loop, turn } = facts;
  const { process } = facts.signals;
  const alive = (kind: 'healthy' | 'waiting', reason: string, worseInMs: number | null = null): Verdict =>
    verdict(kind, healthyState, 'none', reason, { worseInMs });

  if (facts.takenOver) return alive('waiting', 'a person works in its terminal');
  if (announced !== null && announced.leftMs > 0)
    return alive('waiting', `${announced.reason}: its runtime announced the silence`, announced.leftMs);
  if (loop !== null)
    return verdict(
      'looping',
      healthyState,
      'escalate',
      `the same ${loop.period === 1 ? 'step' : `${loop.period} steps`} ${loop.rounds} times without a new file, commit or mail: ${inWords(loop.labels)}`,
    );

  const freshest = freshestOf(facts);
  if (freshest === null) return verdict('unknown', facts.recorded, 'none', 'no signal of it can be read');
  const last = Math.min(freshest.silentMs, process.state === 'known' ? process.silentMs : Number.POSITIVE_INFINITY);
  const tool = turn?.tool ?? null;
  if (freshest.silentMs <= limits.staleMs)
    return alive('healthy', `newest sign of life: ${freshest.name}`, limits.staleMs - freshest.silentMs);
  if (asks !== null) return alive('waiting', `waits for an answer: ${asks}`);
  if (liveChildren.length > 0) return alive('waiting', `waits for ${inWords(liveChildren)}`);
  const childSilent = process.childSilentMs;
  if (tool !== null && process.children > 0 && childSilent !== null && childSilent <= limits.staleMs)
    return alive('healthy', `${tool.name} runs and its process works`);
  // Busy with nothing to show: a spinning agent is life for a while, not for ever.
  if (last <= limits.staleMs && freshest.silentMs <= limits.zombieMs)
    return alive('healthy', 'its process works, though nothing else shows', limits.zombieMs - freshest.silentMs);

  const spinning = last <= limits.staleMs;
  const patience = tool !== null && process.children > 0 ? TOOL_PATIENCE : 1;
  const mayEnd = isWellKnown(facts) && freshest.silentMs > (patience - 1) * limits.zombieMs + limits.staleMs;
  const reason = spinning
    ? `its process works, but there is no output, event, mail or file for ${lengthOf(freshest.silentMs)}`
    : tool === null
      ? `no sign of life for ${lengthOf(freshest.silentMs)}`
      : `${tool.name} runs for ${lengthOf(tool.runningMs)} without any sign of life for ${lengthOf(freshest.silentMs)}`;
  if (mayEnd && freshest.silentMs > patience * limits.zombieMs && !spinning)
    return verdict('stalled', 'zombie', 'terminate', reason, { mayEnd });
  return verdict('stalled', 'stalled', 'escalate', reason, { mayEnd });
}

/** Names for a reason, in the words of the panel. */
const SHOWN = { terminal: 'output', events: 'event', mail: 'mail sent', git: 'change in the worktree' } as const;

/** The youngest of the four signals that an agent gives by doing something; the process alone may just spin. */
function freshestOf(facts: AgentFacts): { readonly name: string; readonly silentMs: number } | null {
  let best: { name: string; silentMs: number } | null = null;
  for (const name of ['events', 'terminal', 'git', 'mail'] as const) {
    const reading: Reading = facts.signals[name];
    if (reading.state === 'known' && (best === null || reading.silentMs < best.silentMs))
      best = { name: SHOWN[name], silentMs: reading.silentMs };
  }
  return best;
}

/** Age of the newest known signal of a process that is gone; null when nothing is known. */
function quietest(facts: AgentFacts): number | null {
  return freshestOf(facts)?.silentMs ?? null;
}

/** Every signal was really looked at: a failed probe is no proof of silence. Mail may be absent: many never send any. */
function isWellKnown({ signals }: AgentFacts): boolean {
  return (
    signals.process.state === 'known' &&
    signals.process.alive !== null &&
    signals.events.state === 'known' &&
    signals.terminal.state === 'known' &&
    signals.git.state !== 'unknown' &&
    signals.mail.state !== 'unknown'
  );
}

function verdict(
  kind: VerdictKind,
  state: AgentState,
  action: HealthAction,
  reason: string,
  more: Partial<Pick<Verdict, 'note' | 'mayEnd' | 'worseInMs'>> = {},
): Verdict {
  return { kind, state, action, reason, note: null, mayEnd: false, worseInMs: null, ...more };
}

const RANKS: Readonly<Record<AgentState, number>> = {
  booting: 0,
  working: 1,
  in_turn: 1,
  between_turns: 1,
  completed: 2,
  stalled: 3,
  zombie: 4,
};

/**
 * The state to store after a look (spec 01 §4.3): only ever forward, except that fresh evidence brings a stalled agent
 * back (D-17). The guarded write of the store has the last word.
 */
export function chooseState(current: AgentState, found: Pick<Verdict, 'state' | 'action'>): AgentState {
  if (found.action === 'investigate' || found.action === 'settle') return current;
  if (found.action === 'complete') return found.state;
  if (current === 'stalled' && !isTerminal(found.state) && found.action === 'none') return found.state;
  return RANKS[found.state] > RANKS[current] ? found.state : current;
}
