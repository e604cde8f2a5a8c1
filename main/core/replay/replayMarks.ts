import type { ATTENTION_KINDS } from '../../../contract/attention.ts';
import type { HistoryEvent, HistoryKind } from '../../../contract/history.ts';
import type { ReplayMark } from '../../../contract/replay.ts';
import { parseTimestamp } from '../../platform/clock.ts';
import type { PastFacts } from './pastFacts.ts';

/** Kinds of events that can call for a person, or release one. */
const CALLING: ReadonlySet<HistoryKind> = new Set([
  'agent',
  'mail',
  'delivery',
  'merge',
  'mergeOutcome',
  'finding',
  'setting',
  'dismissed',
  'mergeHold',
  'calling',
]);

export interface MarkFinder {
  /** Everything applied so far is how the stretch begins, and no mark. */
  begin(): void;
  /** Applies an event to the facts; gives what became worth jumping to with it. */
  apply(event: HistoryEvent): readonly ReplayMark[];
}

/** Finds the moments at which a person was needed, a merge ended or an agent died. */
export function markFinder(facts: PastFacts): MarkFinder {
  let waiting: ReadonlySet<string> = new Set();
  const itemsById = () => new Map(facts.attention().map((item) => [item.id, item] as const));

  return {
    begin() {
      waiting = new Set(itemsById().keys());
    },
    apply(event) {
      const { kind, key } = event;
      const before =
        kind === 'agent' ? facts.rows('agent').get(key)?.value.state : facts.rows('merge').get(key)?.value.status;
      if (!facts.apply(event)) return [];
      const at = parseTimestamp(event.at);
      const marks: ReplayMark[] = [];
      if (kind === 'agent' && before !== 'zombie' && facts.rows('agent').get(key)?.value.state === 'zombie')
        marks.push({ at, kind: 'death', agent: key, title: `${key} died`, good: false });
      const merge = kind === 'merge' ? facts.merge(key) : null;
      if (
        merge !== null &&
        merge.status !== before &&
        (merge.status === 'merged' || merge.status === 'conflict' || merge.status === 'failed')
      )
        marks.push({
          at,
          kind: 'merge',
          agent: merge.agentName,
          title: merge.status === 'merged' ? `${merge.branchName} merged` : `${merge.branchName} did not merge`,
          good: merge.status === 'merged',
        });
      if (!CALLING.has(kind)) return marks;
      const items = itemsById();
      for (const [id, item] of items)
        if (!waiting.has(id) && !seenAs(waiting, item.kind, key))
          marks.push({ at, kind: 'attention', agent: item.agent, title: item.title, good: false });
      waiting = new Set(items.keys());
      return marks;
    },
  };
}

/** A dead agent's item carries the time of its last change: the same death told twice is one call. */
function seenAs(waiting: ReadonlySet<string>, kind: (typeof ATTENTION_KINDS)[number], key: string): boolean {
  return kind === 'dead' && [...waiting].some((id) => id.startsWith(`dead:${key}:`));
}
