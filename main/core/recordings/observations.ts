import type { AgentView } from '../../../contract/agents.ts';
import type { AttentionItem } from '../../../contract/attention.ts';
import { type AgentEvidence, SIGNALS } from '../../../contract/evidence.ts';
import type { ObservedKind } from '../../../contract/history.ts';
import type { MergeView } from '../../../contract/merges.ts';
import type { RadarView } from '../../../contract/radar.ts';
import type { RoomStatus } from '../../../contract/status.ts';
import type { Observed } from './observedTable.ts';

/** Something as it is shown. A change of its sign is stored at once, any other change thinned. */
export interface Sight {
  readonly key: string;
  readonly value: object;
  readonly sign: string;
}

/**
 * Milliseconds between two stored rows of one thing while its sign stays. A working agent's signals change every second:
 * a verdict has to be seen when it came, the age of the last sign of life need not be told better than by the minute.
 * Money moves when a turn ends, and is looked at closer. What is not named here is stored whenever it changes.
 */
export const THIN_MS: Readonly<Partial<Record<ObservedKind, number>>> = {
  evidence: 60_000,
  radar: 60_000,
  tick: 60_000,
  cap: 15_000,
  spending: 15_000,
};

/** Calls for a person that come from none of the tables: caps, turns that cannot begin, predicted collisions. */
const CALLING = /^(gate:cap|error:start|collision):/;

/** Pure, like all that follows. */
export function evidenceSight(evidence: AgentEvidence): Sight {
  const { agentName, verdict, level, signals, next } = evidence;
  const states = SIGNALS.map((name) => signals[name].state).join(' ');
  return { key: agentName, value: evidence, sign: `${verdict} ${level} ${states} ${next?.rule} ${next?.mode}` };
}

export function radarSights({ enabled, target, lookedAt, cost, worktrees, pairs, order }: RadarView): readonly Sight[] {
  return [
    {
      key: 'look',
      value: { part: 'look', enabled, target, lookedAt, cost },
      sign: `${enabled} ${target} ${lookedAt === null}`,
    },
    { key: 'order', value: { part: 'order', order }, sign: JSON.stringify(order) },
    ...worktrees.map((worktree): Sight => {
      const { changedFiles: _changed, uncommittedFiles: _uncommitted, ...rest } = worktree;
      return {
        key: `worktree ${worktree.agentName}`,
        value: { part: 'worktree', worktree },
        sign: JSON.stringify(rest),
      };
    }),
    ...pairs.map(
      (pair): Sight => ({
        key: `pair ${pair.one} ${pair.other}`,
        value: { part: 'pair', pair },
        sign: JSON.stringify(pair),
      }),
    ),
  ];
}

export function capSights({ governor }: RoomStatus): readonly Sight[] {
  return governor.caps.map((cap, place) => ({
    key: `${cap.scope} ${cap.id} ${cap.measure}`,
    value: { place, cap },
    sign: `${place} ${cap.level} ${cap.limit}`,
  }));
}

export function spendingSight({ governor: { caps: _caps, ...spending } }: RoomStatus): Sight {
  const { burnUsdPerMinute: _burn, ...rest } = spending;
  return { key: 'all', value: spending, sign: JSON.stringify(rest) };
}

export function tickSight({ watchdog }: RoomStatus): Sight {
  return { key: 'watchdog', value: watchdog, sign: String(watchdog.lastTickAt === null) };
}

export function guardSight({ name, guards = null }: AgentView): Sight {
  return { key: name, value: { level: guards }, sign: String(guards) };
}

/** Null while it is not being merged. */
export function progressSight({ id, progress }: MergeView): Sight | null {
  return progress === undefined ? null : { key: String(id), value: progress, sign: JSON.stringify(progress) };
}

/** Null for what is derived from stored rows anyway. */
export function callingSight(item: AttentionItem): Sight | null {
  return CALLING.test(item.id) ? { key: item.id, value: item, sign: JSON.stringify(item) } : null;
}

/** Decides what of what is seen is stored, and when. */
export interface Thinner {
  /** Gives the row to store now; null when there is none, or it is to come later. */
  see(kind: ObservedKind, sight: Sight, at: number): Observed | null;
  gone(kind: ObservedKind, key: string, at: number): Observed | null;
  /** Keys of a kind that are there. */
  present(kind: ObservedKind): readonly string[];
  /** What was put off until this moment or earlier, as it is by now. */
  due(at: number): readonly Observed[];
  /** When the next of those is due; null when nothing is put off. */
  nextDue(): number | null;
}

interface Held {
  readonly kind: ObservedKind;
  readonly key: string;
  sign: string;
  /** When it was stored last, and as what. */
  at: number;
  text: string;
  /** Seen since then and not stored. */
  waiting: object | null;
}

export function createThinner(thinMs: typeof THIN_MS = THIN_MS): Thinner {
  const held = new Map<string, Held>();
  const waiting = new Set<Held>();
  const dueAt = (one: Held): number => one.at + (thinMs[one.kind] ?? 0);

  function store(one: Held, value: object, at: number): Observed | null {
    one.waiting = null;
    waiting.delete(one);
    const text = JSON.stringify(value);
    if (text === one.text) return null;
    one.text = text;
    one.at = at;
    return { at, kind: one.kind, key: one.key, value };
  }

  return {
    see(kind, { key, value, sign }, at) {
      const name = `${kind} ${key}`;
      const known = held.get(name);
      if (known === undefined) {
        const fresh: Held = { kind, key, sign, at, text: '', waiting: null };
        held.set(name, fresh);
        return store(fresh, value, at);
      }
      if (known.sign === sign && at < dueAt(known)) {
        known.waiting = value;
        waiting.add(known);
        return null;
      }
      known.sign = sign;
      return store(known, value, at);
    },
    gone(kind, key, at) {
      const known = held.get(`${kind} ${key}`);
      if (known === undefined) return null;
      waiting.delete(known);
      held.delete(`${kind} ${key}`);
      return { at, kind, key, value: null };
    },
    present: (kind) => [...held.values()].flatMap((one) => (one.kind === kind ? [one.key] : [])),
    due(at) {
      return [...waiting].flatMap((one) => {
        if (one.waiting === null || dueAt(one) > at) return [];
        return store(one, one.waiting, at) ?? [];
      });
    },
    nextDue() {
      let next: number | null = null;
      for (const one of waiting) next = Math.min(next ?? Number.POSITIVE_INFINITY, dueAt(one));
      return next;
    },
  };
}
